internal import Logging
internal import OrderKernel
internal import Synchronization

/// What became of moving the write-ahead log into the database.
enum LogMove {
    case moved
    /// A reader that holds an old page keeps the log, which is that long, from beginning anew.
    case held(ByteCount)
    case failed(SQLiteFailure)
    /// It was not to be moved, or not to its end.
    case unfinished
}

/// Tells the operator what keeps the log from being moved, once, and when that is over: nothing that was committed
/// depends on it, but the log grows, and has orders that are nowhere else.
final class LogMoveReports: Sendable {
    private enum Trouble {
        case held, failed
    }

    private let logger: Logger
    private let trouble = Mutex<Trouble?>(nil)  // protects what was told last

    init(_ logger: Logger) {
        self.logger = logger
    }

    func note(_ move: LogMove) {
        let now: Trouble?
        switch move {
        case .moved: now = nil
        case .held: now = .held
        case .failed: now = .failed
        case .unfinished: return
        }
        let isNews = trouble.withLock { trouble in
            defer { trouble = now }
            return trouble != now
        }
        guard isNews else { return }
        switch move {
        case .moved: logger.notice("write-ahead log moved again")
        case .held(let size):
            logger.warning(
                "write-ahead log grows",
                metadata: ["reason": "a reader of the file has not ended", "size": "\(size)"])
        case .failed(let failure):
            logger.error(
                "write-ahead log cannot be moved",
                metadata: ["reason": "\(failure.detail)", "advice": "never keep the database without its log"])
        case .unfinished: break
        }
    }
}
