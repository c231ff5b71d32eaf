internal import OrderKernel
internal import Synchronization

/// What the check of a rule waits for, to be told where it waits too long.
final class Awaited: Sendable {
    /// That of the check under way.
    @TaskLocal static var current: Awaited?

    private let noted = Mutex<String?>(nil)  // protects what is waited for, by whichever task

    /// What has not happened, in words; `nil` where nobody knows.
    var words: String? { noted.withLock { $0 } }

    func note(_ words: String?) { noted.withLock { $0 = words } }
}

extension PluginContext {
    /// Waits until the plugin says ready or unavailable, and has the check under way know.
    func waitUntilSaid() async throws {
        Awaited.current?.note("\(instance) never said ready")
        try await waitUntilSettled()
        Awaited.current?.note(nil)
    }

    /// Has the check under way know that the plugin was told to stop.
    func noteStop() { Awaited.current?.note("\(instance) goes on though it was told to stop") }
}
