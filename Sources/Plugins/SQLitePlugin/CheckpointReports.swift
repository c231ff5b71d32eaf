internal import Logging
internal import OrderKernel
internal import Synchronization

/// Tells the operator what keeps checkpoints from their end, once, and when that is over: nothing that was committed
/// depends on them, but the log grows, and has orders that are nowhere else.
final class CheckpointReports: Sendable {
    private enum Trouble {
        case held, failed
    }

    private let logger: Logger
    private let trouble = Mutex<Trouble?>(nil)  // protects what was told last

    init(_ logger: Logger) {
        self.logger = logger
    }

    func note(_ outcome: CheckpointOutcome) {
        let now: Trouble?
        switch outcome {
        case .completed: now = nil
        case .held: now = .held
        case .failed: now = .failed
        case .unfinished: return
        }
        let isNews = trouble.withLock { trouble in
            defer { trouble = now }
            return trouble != now
        }
        guard isNews else { return }
        switch outcome {
        case .completed: logger.notice("write-ahead log checkpointed again")
        case .held(let size):
            logger.warning(
                "write-ahead log grows",
                metadata: ["reason": "a reader of the file has not ended", "size": "\(size)"])
        case .failed(let failure):
            logger.error(
                "write-ahead log cannot be checkpointed",
                metadata: ["reason": "\(failure.detail)", "advice": "never keep the database without its log"])
        case .unfinished: break
        }
    }
}
