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
        // A host may have the name `http`, and a port.
        if !hasScheme, let parts = text.text.wholeMatch(of: /(https?)(:\/?|\/\/?)([^\/]*[^0-9\/].*)/.ignoresCase()) {
            let meant = "\(parts.1)://\(parts.3)"
            throw text.mistyped(
                "its scheme has no '://'", as: "the URL of a collector",
                suggestion: (try? ServiceURL(parsing: meant)).map { _ in meant })
        }
        if text.text.allSatisfy(\.isNumber), let port = UInt16(text.text) {
            throw text.mistyped(
                "it is a port alone", as: "the URL of a collector", suggestion: "http://localhost:\(port)")
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
