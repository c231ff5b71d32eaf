/// What waits for one exporter.
struct ExportQueue {
    /// Items of one kind.
    struct Line<Item: Sendable>: Sendable {
        private(set) var items: [Item] = []
        /// Items that found no room, since the last ``take()``.
        private(set) var refused = 0

        mutating func append(_ item: Item, limit: Int) {
            if items.count < limit { items.append(item) } else { refused += 1 }
        }

        mutating func take() -> Line {
            defer { self = Line() }
            return self
        }
    }

    private let queueLimit: Int
    private let batchLimit: Int
    private var spans = Line<SpanRecord>()
    private var logs = Line<LogRecord>()
    private var isDue = false
    private(set) var isClosed = false
    private var worker: UnsafeContinuation<Void, Never>?

    init(_ demand: TelemetryDemand) {
        self.queueLimit = demand.queueLimit
        self.batchLimit = demand.batchLimit
    }

    /// - Returns: Who is to be resumed.
    mutating func append(_ span: SpanRecord) -> UnsafeContinuation<Void, Never>? {
        spans.append(span, limit: isClosed ? 0 : queueLimit)
        return spans.items.count >= batchLimit ? wake() : nil
    }

    /// - Returns: Who is to be resumed.
    mutating func append(_ log: LogRecord) -> UnsafeContinuation<Void, Never>? {
        logs.append(log, limit: isClosed ? 0 : queueLimit)
        return logs.items.count >= batchLimit ? wake() : nil
    }

    /// What waits has waited long enough.
    /// - Returns: Who is to be resumed.
    mutating func becomeDue() -> UnsafeContinuation<Void, Never>? {
        isDue = true
        return wake()
    }

    /// Takes nothing new.
    /// - Returns: Who is to be resumed.
    mutating func close() -> UnsafeContinuation<Void, Never>? {
        isClosed = true
        return wake()
    }

    /// What a worker without work is told.
    enum Parking: Sendable {
        case parked
        case workToDo
    }

    /// Keeps the worker until there is work.
    mutating func park(_ worker: UnsafeContinuation<Void, Never>) -> Parking {
        let isFull = spans.items.count >= batchLimit || logs.items.count >= batchLimit
        if isDue || isClosed || isFull { return .workToDo }
        self.worker = worker
        return .parked
    }

    /// Everything that waits.
    mutating func take() -> (spans: Line<SpanRecord>, logs: Line<LogRecord>) {
        isDue = false
        return (spans.take(), logs.take())
    }

    private mutating func wake() -> UnsafeContinuation<Void, Never>? {
        defer { worker = nil }
        return worker
    }
}
