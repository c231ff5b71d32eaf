/// Brings requests in and carries answers out.
///
/// A transport turns its input into ``OrderRequest``s, has ``OrderService/respond(to:since:)`` answer them, and writes
/// the outcomes. It knows nothing of storage.
public protocol TransportPlugin: Plugin {
    /// Whether the transport ends when its input does; `false` for one that serves until it is told to stop.
    ///
    /// One that ends is run when all that serve on have said ready or unavailable: a service that cannot start has then
    /// taken nothing of its input.
    static var endsWithItsInput: Bool { get }

    /// Serves until the input ends or graceful shutdown begins, and then until all that is in flight is answered.
    ///
    /// Says ready once requests can come in. When its task is cancelled, it cuts what is still in flight.
    /// - Returns: How the run ended, which decides the exit code of the process.
    /// - Throws: ``PluginError`` for what the operator can mend, such as a port that is taken.
    func run(serving service: OrderService) async throws -> TransportEnd
}

extension TransportPlugin {
    public static var kind: PluginKind { .transport(Self.self) }
    public static var endsWithItsInput: Bool { false }
}

/// How a transport's run ended. Of several that apply, the one that stands last here is reported.
public enum TransportEnd: Int, Sendable, Comparable {
    /// Everything was answered.
    case complete
    /// The input was read to its end, and at least one result was a refusal.
    case someRefused
    /// Stopped before the end of its input, or with requests cut; to be run again.
    case stoppedEarly
    /// Something that it needs was away for too long.
    case unavailable
    /// Its output could not be written.
    case outputFailed
    /// A defect of the service showed in a result.
    case internalError

    /// What a result that is written, and not tried again, makes of a run: the end of the run is the greatest of its
    /// results' ends, and of whatever else happened.
    ///
    /// A reply is `complete`, a 4xx `someRefused`, an internal error `internalError`; 503 and 504 are `unavailable`.
    public init(of result: Outcome) {
        self =
            switch result.status {
            case ..<400: .complete
            case ..<500: .someRefused
            case 503...504: .unavailable
            default: .internalError
            }
    }

    public static func < (left: TransportEnd, right: TransportEnd) -> Bool { left.rawValue < right.rawValue }
}
