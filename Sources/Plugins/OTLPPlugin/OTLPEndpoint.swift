internal import OrderKernel

/// Where a collector is: `http://host:4318/path`, or `host:4317` for gRPC.
struct OTLPEndpoint: SettingValue, Hashable {
    let text: String
    /// `nil` where none is written.
    let isSecure: Bool?
    /// Without the brackets of an IPv6 address.
    let host: String
    let port: Int?
    /// Empty, or with its first slash.
    let path: String
    /// Never shown, as it may hold a key.
    let query: String?

    private init(host: String, port: Int) {
        text = "http://\(host):\(port)"
        isSecure = false
        self.host = host
        self.port = port
        path = ""
        query = nil
    }

    /// Where a collector listens by default.
    static func standard(_ transfer: OTLPTransfer) -> OTLPEndpoint {
        OTLPEndpoint(host: "localhost", port: transfer == .grpc ? 4_317 : 4_318)
    }

    static let form = SettingForm.address
    static let placeholder = OTLPEndpoint(host: "localhost", port: 4_318)
    static let alternative = OTLPEndpoint(host: "collector", port: 4_317)

    init(reading text: SettingText) throws(SettingFault) {
        func fault(_ reason: String) -> SettingFault { text.mistyped(reason, as: "the URL of a collector") }
        let hasScheme = text.text.contains("://")
        if !hasScheme, let scheme = text.text.prefixMatch(of: /https?(:|\/)/.ignoresCase()) {
            let rest = text.text[scheme.range.upperBound...].drop { $0 == "/" }
            let meant = scheme.0.dropLast() + "://" + rest
            throw text.mistyped("its scheme has no '://'", as: "the URL of a collector", suggestion: String(meant))
        }
        if let port = Int(text.text) {
            let meant = "http://localhost:\(port)"
            throw text.mistyped("it is a port alone", as: "the URL of a collector", suggestion: meant)
        }
        let url: ServiceURL
        do throws(ServiceURL.ParsingError) {
            url = try ServiceURL(parsing: hasScheme ? text.text : "http://" + text.text)
        } catch {
            throw fault(error.reason)
        }
        guard url.scheme == "http" || url.scheme == "https" else { throw fault("its scheme is not http or https") }
        guard url.user == nil else { throw fault("it holds a user; keys belong in headers") }
        self.text = text.text
        isSecure = hasScheme ? url.scheme == "https" : nil
        host = url.host
        port = url.port
        path = url.path
        query = url.query
    }

    var settingText: String { text }
}
