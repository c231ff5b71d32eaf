/// Records that a queue did not take, since they were last counted.
struct RefusedRecords: Sendable {
    /// There was no room.
    var full = 0
    /// The queue was closed.
    var late = 0
}

/// Records of one kind that wait for one exporter.
struct ExportQueue<Item: Recorded>: Sendable {
    /// What was taken out of a queue: a batch, which may be empty.
    struct Taken: Sendable {
        var batch: ExportBatch<Item>
        /// Whether nothing is left, and nothing comes any more.
        var isLast = false
    }

    let demand: TelemetryDemand.Queue
    /// Batches with as many items as may be handed over at once, and the one that is being filled.
    private var full: [ExportBatch<Item>] = []
    private var next = ExportBatch<Item>()
    /// An empty one that has memory already.
    private var spare: ExportBatch<Item>?
    private var bytes = 0
    private var refused = RefusedRecords()
    /// Whether ``next`` is to be taken though it is not full.
    private var isDue = false
    private(set) var isClosed = false
    private var worker: UnsafeContinuation<Void, Never>?

    init(_ demand: TelemetryDemand.Queue) {
        self.demand = demand
    }

    var count: Int { full.count * demand.batchLimit + next.count }

    /// Where there is no room, what waits need not wait longer.
    /// - Parameter item: Is taken out, if there is room.
    /// - Returns: Who is to be resumed.
    mutating func append(_ item: inout Item?) -> UnsafeContinuation<Void, Never>? {
        guard let size = item?.size else { return nil }
        guard !isClosed else {
            refused.late += 1
            return nil
        }
        guard count < demand.limit, bytes + size <= demand.bytes.bytes else {
            refused.full += 1
            isDue = true
            return wake()
        }
        next.append(&item, of: size, most: demand.batchLimit)
        bytes += size
        if next.count == demand.batchLimit {
            full.append(next)
            next = newBatch()
        } else if demand.delay == .zero {
            isDue = true
        } else {
            return nil
        }
        return wake()
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
        let batch: ExportBatch<Item>
        if full.isEmpty {
            (batch, next, isDue) = (next, newBatch(), false)
        } else {
            batch = full.removeFirst()
        }
        bytes -= batch.size
        return Taken(batch: batch, isLast: isClosed && count == 0)
    }

    /// Counts items that were not even made.
    mutating func refuse(unmade: Int) {
        if isClosed { refused.late += unmade } else { refused.full += unmade }
    }

    /// What was not taken, since the last time.
    mutating func takeRefused() -> RefusedRecords {
        defer { refused = RefusedRecords() }
        return refused
    }

    /// Has the memory of a batch used for another.
    mutating func reuse(_ batch: consuming ExportBatch<Item>) { spare = batch }

    private mutating func newBatch() -> ExportBatch<Item> {
        defer { spare = nil }
        return spare ?? ExportBatch()
    }

    private mutating func wake() -> UnsafeContinuation<Void, Never>? {
        defer { worker = nil }
        return worker
    }
}
