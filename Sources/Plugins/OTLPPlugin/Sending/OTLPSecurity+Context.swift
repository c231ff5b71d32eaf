internal import BlockingThreads
internal import Glibc
internal import NIOCore
internal import NIOSSL
internal import OrderKernel

extension OTLPSecurity {
    /// - Throws: `PluginError` for a file that cannot be read.
    func context(_ transfer: OTLPTransfer) throws(PluginError) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        if transfer == .grpc { configuration.applicationProtocols = ["h2"] }
        configuration.shutdownTimeout = .milliseconds(500)  // for the other side's last word, which nobody needs
        do {
            if let roots {
                configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(roots))
            }
            if let certificate, let key {
                configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(certificate).map {
                    .certificate($0)
                }
                configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: key, format: .pem))
            }
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw PluginError("a certificate or key for the collector cannot be read \(trouble(error))")
        }
    }

    /// Which file will not do, and why.
    private func trouble(_ error: any Error) -> String {
        let files = [roots, certificate, key].compactMap(\.self)
        for file in files where access(file, R_OK) != 0 {
            let reason = SystemError.text(errno)
            return "(\(file)): \(reason)"
        }
        let reasons =
            switch error as? NIOSSLError {
            case .failedToLoadCertificate: ["there is no certificate in PEM in it"]
            case .failedToLoadPrivateKey: ["there is no key in PEM in it, or it is not the certificate's"]
            default: (error as? BoringSSLError).map(TLSTrouble.reasons) ?? ["\(error)"]
            }
        return "(\(files.joined(separator: ", "))): \(reasons.joined(separator: "; "))"
    }
}
