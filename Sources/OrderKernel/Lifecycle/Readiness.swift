internal import Synchronization

/// Which plugins do their work, and since when the others do not.
public final class Readiness: Sendable {
    /// What a plugin says of itself.
    public enum State: Sendable, Equatable {
        case starting
        case ready
        /// Cannot do its work; the code is for clients.
        case unavailable(String)
        case stopping
    }

    /// One plugin's state.
    public struct Report: Sendable, Equatable {
        /// `storage`, `transport`, `exporter` or `middleware`.
        public let kind: String
        public let name: String
        public let state: State
        public let since: Timestamp
    }

    private struct Reports {
        var isDraining = false
        var plugins: [Report] = []
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    /// One plugin's place in the list.
    struct Entry: Sendable {
        let readiness: Readiness
        let index: Int

        func set(_ state: State) { readiness.set(state, at: index) }

        /// Waits until the plugin has said ready once.
        func wait() async { await readiness.wait(for: index) }
    }

    private let reports = Mutex(Reports())  // protects what each plugin said, and who waits for it
    private let time: any TimeSource

    init(time: any TimeSource) {
        self.time = time
    }

    /// Whether every plugin is ready and the service does not stop.
    public var isReady: Bool {
        reports.withLock { !$0.isDraining && $0.plugins.allSatisfy { $0.state == .ready } }
    }

    /// Every plugin's state, in the order they start.
    public var plugins: [Report] { reports.withLock { $0.plugins } }

    func add(kind: String, name: String) -> Entry {
        let since = time.date
        let index = reports.withLock { reports in
            reports.plugins.append(Report(kind: kind, name: name, state: .starting, since: since))
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
        let waiter = reports.withLock { reports -> CheckedContinuation<Void, Never>? in
            let report = reports.plugins[index]
            guard report.state != state else { return nil }
            reports.plugins[index] = Report(kind: report.kind, name: report.name, state: state, since: now)
            return state == .starting ? nil : reports.waiters.removeValue(forKey: index)
        }
        waiter?.resume()
    }

    private func wait(for index: Int) async {
        await withCheckedContinuation { continuation in
            let isKnown = reports.withLock { reports in
                guard reports.plugins[index].state == .starting else { return true }
                reports.waiters[index] = continuation
                return false
            }
            if isKnown { continuation.resume() }
        }
    }
}
