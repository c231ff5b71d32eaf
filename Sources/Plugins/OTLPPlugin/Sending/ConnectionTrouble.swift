internal import BlockingThreads
internal import Glibc
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTP2
internal import NIOPosix
internal import NIOSSL

/// What kept a connection from being made or used, in words for people.
enum ConnectionTrouble {
    /// - Parameter host: Whom the connection is for.
    /// - Returns: `Connection refused`; with several addresses what each of them gave, once.
    static func text(of error: any Error, host: String) -> String {
        if let text = TLSTrouble.text(of: error, host: host) { return text }
        switch error {
        case let error as NIOConnectionError:
            let attempts = error.connectionErrors.map(\.error)
            let errors = attempts.isEmpty ? [error.dnsAError, error.dnsAAAAError].compactMap(\.self) : attempts
            let reasons = errors.reduce(into: [String]()) { reasons, error in
                let reason = text(of: error, host: host)
                if !reasons.contains(reason) { reasons.append(reason) }
            }
            return reasons.isEmpty ? "the name has no address" : reasons.joined(separator: "; ")
        case let error as IOError: return SystemError.text(error.errnoCode)
        case let error as ChannelError: return text(of: error)
        case let error as SocketAddressError.UnknownHost: return "the name \(error.host) is unknown"
        case is CancellationError: return "not connected yet when it was given up"
        case is NIOHTTP2Errors.StreamClosed: return "the stream of the request was closed"
        case let error as any NIOHTTP2Error: return "the answer is none of HTTP/2 (\(type(of: error)))"
        case let error as HTTPParserError: return "the answer is none of HTTP (\(error))"
        default: return "\(error)"
        }
    }

    /// Whether a receiver without TLS may be the reason.
    static func mayBeOfTLS(_ error: any Error) -> Bool {
        mayBeOfProtocol(error) || error is BoringSSLError
            || (error as? NIOSSLError).map { if case .handshakeFailed = $0 { true } else { false } } ?? false
    }

    /// Whether another protocol than the receiver's may be the reason.
    static func mayBeOfProtocol(_ error: any Error) -> Bool {
        switch error {
        case is ConnectionEnded, is HTTPParserError, is any NIOHTTP2Error: true
        case let error as IOError: error.errnoCode == ECONNRESET
        case let error as ChannelError: [.eof, .inputClosed, .ioOnClosedChannel, .alreadyClosed].contains(error)
        default: false
        }
    }

    private static func text(of error: ChannelError) -> String {
        switch error {
        case .connectTimeout(let time): "no answer within \(time.nanoseconds / 1_000_000) ms"
        case .eof, .inputClosed, .ioOnClosedChannel, .alreadyClosed: "the connection was closed"
        default: "\(error)"
        }
    }
}
