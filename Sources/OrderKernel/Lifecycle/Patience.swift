internal import Logging

/// How long what was told to stop may take, and what becomes of it then.
struct Patience: Sendable {
    /// When the operator is told of it.
    static let warning = Duration.seconds(5)
    /// How long what is cancelled may take to end before it is left behind.
    static let afterCancellation = Duration.seconds(5)

    /// When it is cancelled.
    let limit: Duration
    let time: any TimeSource
    let logger: Logger

    /// For plugins that keep nothing which has to be made durable.
    static func short(_ time: any TimeSource, _ logger: Logger) -> Patience {
        Patience(limit: .seconds(5), time: time, logger: logger)
    }

    /// For what must not be cut without need: storage.
    static func long(_ time: any TimeSource, _ logger: Logger) -> Patience {
        Patience(limit: .seconds(30), time: time, logger: logger)
    }

    /// Waits for work that was told to stop: tells of it, cancels it, and leaves it behind in the end.
    ///
    /// The wait itself is not cancelled with its task: what is closed needs its time then too.
    /// - Parameter open: Names of the plugins that have not ended, in the order they started.
    func see(_ work: OwnTask<Void>, toItsEnd open: @escaping @Sendable () -> [String]) async {
        await OwnTask {
            if await work.ends(within: min(limit, Self.warning), by: time) { return }
            for name in open() { logger.warning("has not stopped", metadata: ["plugin": "\(name)"]) }
            if limit > Self.warning, await work.ends(within: limit - Self.warning, by: time) { return }
            work.cancel()
            if await work.ends(within: Self.afterCancellation, by: time) { return }
            for name in open() { logger.leftBehind(name) }
        }.value
    }
}

extension Logger {
    /// Tells that a plugin is waited for no longer.
    func leftBehind(_ plugin: String) {
        error("has not ended though it was cancelled; is left behind", metadata: ["plugin": "\(plugin)"])
    }
}
