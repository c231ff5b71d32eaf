internal import Glibc
internal import NIOCore
internal import NIOPosix

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
        case let error as IOError: return String(cString: strerror(error.errnoCode))
        case let error as ChannelError: return text(of: error)
        case let error as SocketAddressError.UnknownHost: return "the name \(error.host) is unknown"
        case is CancellationError: return "not connected yet when it was given up"
        default: return "\(error)"
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
