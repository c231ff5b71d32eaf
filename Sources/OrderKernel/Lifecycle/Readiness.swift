internal import Logging
internal import Synchronization

/// Which plugins do their work, and since when the others do not.
public final class Readiness: Sendable {
    /// What a plugin says of itself.
    @nonexhaustive
    public enum State: Sendable, Equatable {
        case starting
        case ready
        /// Cannot do its work; the code is for clients.
        case unavailable(String)
        /// A transport that has done its work, beside others that go on. The code is for clients: why it could not do
        /// all of it.
        case ended(String?)
    }

    /// One plugin's state.
    public struct Report: Sendable, Equatable {
        /// `storage`, `transport`, `exporter` or `middleware`.
        public let kind: String
        /// Name of the instance, such as `http/admin`.
        public let name: String
        public fileprivate(set) var state: State
        /// When the state began.
        public fileprivate(set) var since: Timestamp
    }

    private struct Reports {
        var isDraining = false
        var plugins: [Report] = []
    }

    /// One plugin's place in the list.
    struct Entry: Sendable {
        let readiness: Readiness
        let index: Int
        /// Opens when the plugin has said anything for the first time.
        let settled = Latch()

        func set(_ state: State) {
            readiness.set(state, at: index)
            settled.open()
        }

        var state: State { readiness.plugins[index].state }

        /// Waits until the plugin has said anything, and tells the operator where that takes long.
        /// - Throws: `CancellationError` when the task is cancelled before.
        func waitUntilSettled(_ name: String, _ time: any TimeSource, _ logger: Logger) async throws {
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await settled.wait() }
                tasks.addTask {
                    try await time.sleep(for: .seconds(10))
                    logger.warning("has not said ready", metadata: ["plugin": "\(name)"])
                    try await settled.wait()
                }
                try await tasks.next()
                tasks.cancelAll()
            }
        }
    }

    private let reports = Mutex(Reports())  // protects what each plugin said
    private let time: any TimeSource

    init(time: any TimeSource) {
        self.time = time
    }

    /// Whether every plugin that goes on is ready, and the service is not about to stop.
    public var isReady: Bool {
        reports.withLock { !$0.isDraining && $0.plugins.allSatisfy { $0.state.isGood } }
    }

    /// Whether the service has begun to stop.
    var isDraining: Bool { reports.withLock { $0.isDraining } }

    /// Every plugin's state, in the order they start.
    public var plugins: [Report] { reports.withLock { $0.plugins } }

    func add(kind: String, name: String) -> Entry {
        let report = Report(kind: kind, name: name, state: .starting, since: time.date)
        let index = reports.withLock { reports in
            reports.plugins.append(report)
            return reports.plugins.count - 1
        }
        return Entry(readiness: self, index: index)
    }

    /// Says that the service is about to stop: not ready, whatever the plugins say.
    func drain() {
        reports.withLock { $0.isDraining = true }
    }

    private func set(_ state: State, at index: Int) {
        let now = time.date
        reports.withLock { reports in
            let before = reports.plugins[index].state
            guard before != state else { return }
            reports.plugins[index].state = state
            // One trouble may follow from another: it began with the first.
            if case (.unavailable, .unavailable) = (before, state) { return }
            reports.plugins[index].since = now
        }
    }
}

extension Readiness.State {
    /// Whether nothing is missed of the plugin.
    var isGood: Bool { if case .ended = self { true } else { self == .ready } }
}

extension Readiness.Report {
    /// The plugin as its logger names it, such as `transport.http/admin`.
    var plugin: String { "\(kind).\(name)" }
}
