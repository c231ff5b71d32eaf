/// Records of one kind that wait for one exporter.
struct ExportQueue<Item: Recorded>: Sendable {
    /// What was taken out of a queue: a batch, which may be empty.
    struct Taken: Sendable {
        var items: [Item] = []
        /// Items that found no room, since the last time.
        var refused = 0
        /// Whether nothing is left, and nothing comes any more.
        var isLast = false
    }

    /// What is handed over together.
    private struct Batch: Sendable {
        var items: [Item] = []
        var bytes = 0
    }

    let demand: TelemetryDemand.Queue
    /// Batches with as many items as may be handed over at once, and the one that is being filled.
    private var full: [Batch] = []
    private var next = Batch()
    private var bytes = 0
    private var refused = 0
    /// Whether ``next`` is to be taken though it is not full.
    private var isDue = false
    private(set) var isClosed = false
    private var worker: UnsafeContinuation<Void, Never>?

    init(_ demand: TelemetryDemand.Queue) {
        self.demand = demand
    }

    var count: Int { full.count * demand.batchLimit + next.items.count }

    /// - Returns: Whether there was room, and who is to be resumed.
    mutating func append(_ item: Item) -> (isTaken: Bool, worker: UnsafeContinuation<Void, Never>?) {
        let size = item.size
        guard !isClosed, count < demand.limit, bytes + size <= demand.bytes.bytes else {
            refused += 1
            return (false, nil)
        }
        if next.items.isEmpty { next.items.reserveCapacity(min(demand.batchLimit, 1_024)) }
        next.items.append(item)
        next.bytes += size
        bytes += size
        if next.items.count == demand.batchLimit {
            full.append(next)
            next = Batch()
        } else if demand.delay == .zero {
            isDue = true
        } else {
            return (true, nil)
        }
        return (true, wake())
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
        if isDue || isClosed || !full.isEmpty { return .workToDo }
        self.worker = worker
        return .parked
    }

    /// The next batch.
    mutating func take() -> Taken {
        let batch: Batch
        if full.isEmpty {
            (batch, next, isDue) = (next, Batch(), false)
        } else {
            batch = full.removeFirst()
        }
        bytes -= batch.bytes
        defer { refused = 0 }
        return Taken(items: batch.items, refused: refused, isLast: isClosed && count == 0)
    }

    private mutating func wake() -> UnsafeContinuation<Void, Never>? {
        defer { worker = nil }
        return worker
    }
}
