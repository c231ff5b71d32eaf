internal import BlockingThreads
internal import CPostgres
internal import Glibc
internal import OrderKernel
internal import Synchronization

/// Asks a server to end the statement that it works on for a connection.
///
/// libpq waits for the server to take the request, without a deadline: a server that stands still would hold up whoever
/// asks, so a thread of its own does.
final class CancelRequest: Sendable {
    private nonisolated(unsafe) let request: OpaquePointer  // used by one thread, which is started once
    private let isDone = Atomic(false)

    /// - Returns: `nil` where the connection is gone.
    init?(_ connection: OpaquePointer) {
        guard let request = PQgetCancel(connection) else { return nil }
        self.request = request
    }

    deinit { PQfreeCancel(request) }

    /// Sends it, and waits until it is taken, but no longer than that.
    func send(waitingFor patience: Duration) {
        let end = Instant.now + patience
        let thread = try? BlockingThread { [self] in
            var message = [CChar](repeating: 0, count: 256)
            PQcancel(request, &message, Int32(message.count))
            isDone.store(true, ordering: .releasing)
        }
        guard thread != nil else { return }
        while !isDone.load(ordering: .acquiring), .now < end { usleep(1_000) }
    }
}
