/// Records of one kind that wait for one exporter.
struct ExportQueue<Item: Recorded>: Sendable {
    /// What was taken out of a queue.
    struct Taken: Sendable {
        var items: [Item] = []
        /// Items that found no room, since the last time.
        var refused = 0
    }

    let demand: TelemetryDemand.Queue
    private var waiting = Taken()
    private var bytes = 0
    private var isDue = false
    private(set) var isClosed = false
    private var worker: UnsafeContinuation<Void, Never>?

    init(_ demand: TelemetryDemand.Queue) {
        self.demand = demand
    }

    var count: Int { waiting.items.count }

    /// - Returns: Whether there was room, and who is to be resumed.
    mutating func append(_ item: Item) -> (isTaken: Bool, worker: UnsafeContinuation<Void, Never>?) {
        let size = item.size
        guard !isClosed, count < demand.limit, bytes + size <= demand.bytes.bytes else {
            waiting.refused += 1
            return (false, nil)
        }
        waiting.items.append(item)
        bytes += size
        return (true, count >= demand.batchLimit ? wake() : nil)
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
        if isDue || isClosed || count >= demand.batchLimit { return .workToDo }
        self.worker = worker
        return .parked
    }

    /// Everything that waits.
    mutating func take() -> Taken {
        isDue = false
        bytes = 0
        defer { waiting = Taken() }
        return waiting
    }

    private mutating func wake() -> UnsafeContinuation<Void, Never>? {
        defer { worker = nil }
        return worker
    }
}
