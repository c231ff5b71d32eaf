internal import Synchronization

/// Log records of before there was an exporter, for each that comes.
final class EarlyLogs: Sendable {
    /// Most that are kept: a start says little.
    private static let most = 64

    private let kept: Mutex<[LogRecord]>  // protects the records
    private let isOver: Atomic<Bool>

    /// - Parameter isWanted: Whether there can be exporters at all.
    init(isWanted: Bool) {
        kept = Mutex([])
        isOver = Atomic(!isWanted)
    }

    /// Whether one more is kept.
    var takesMore: Bool {
        !isOver.load(ordering: .relaxed) && kept.withLock { $0.count < Self.most }
    }

    var records: [LogRecord] { kept.withLock { $0 } }

    func keep(_ record: LogRecord) {
        if takesMore { kept.withLock { $0.append(record) } }
    }

    /// Every exporter is there: nothing is kept any more.
    func end() {
        isOver.store(true, ordering: .relaxed)
        kept.withLock { $0 = [] }
    }
}
