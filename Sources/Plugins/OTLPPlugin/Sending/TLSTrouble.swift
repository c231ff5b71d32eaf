internal import NIOSSL

/// What went wrong with TLS, in words for people: without the files of the library that noticed.
enum TLSTrouble {
    /// - Parameter host: Whose certificate it is.
    /// - Returns: `nil` for an error that is none of TLS.
    static func text(of error: any Error, host: String) -> String? {
        switch error {
        case let error as NIOSSLError: text(of: error, host)
        case let error as BoringSSLError: text(of: error, host)
        case let error as NIOSSLExtraError where error == .failedToValidateHostname:
            "the certificate of \(host) cannot be verified: it is for another name"
        case is NIOSSLCloseTimedOutError: "the connection was closed"
        default: nil
        }
    }

    private static func text(of error: NIOSSLError, _ host: String) -> String {
        switch error {
        case .handshakeFailed(let error), .shutdownFailed(let error): text(of: error, host)
        case .uncleanShutdown: "the connection was closed"
        case .noCertificateToValidate, .unableToValidateCertificate:
            "the certificate of \(host) cannot be verified"
        default: "TLS failed: \(error)"
        }
    }

    private static func text(of error: BoringSSLError, _ host: String) -> String {
        let reasons = reasons(of: error)
        // The library does not say which of the two it is.
        if reasons.contains("certificate verify failed") {
            return "the certificate of \(host) cannot be verified: unknown authority, or expired"
        }
        return "TLS failed: \(reasons.isEmpty ? "the connection was closed" : reasons.joined(separator: "; "))"
    }

    /// What the library says, each of it in a few words.
    static func reasons(of error: BoringSSLError) -> [String] {
        switch error {
        case .sslError(let errors), .unknownError(let errors), .invalidSNIName(let errors),
            .failedToSetALPN(let errors):
            errors.map { reason(in: $0.description) }
        default: []
        }
    }

    /// - Parameter description: Such as
    ///   `Error: 268435581 error:1000007d:SSL routines:OPENSSL_internal:WRONG_VERSION at FILE:1`.
    /// - Returns: `wrong version`
    private static func reason(in description: String) -> String {
        let words = description.split(separator: " at ", maxSplits: 1).first ?? ""
        let reason = words.split(separator: ":").last ?? ""
        return String(reason.drop { $0 == " " }.lowercased().map { $0 == "_" ? " " : $0 })
    }
}
