internal import Synchronization

/// The records of one kind on their way to one exporter, in batches: a queue, and the task that drains it.
///
/// Each kind has its own, so that one that is slow to be taken holds back no other.
final class BatchProcessor<Item: Recorded>: Sendable {
    private let queue: Mutex<ExportQueue<Item>>  // protects what waits, and whether the worker sleeps
    let demand: TelemetryDemand.Queue
    private let limits: RecordLimits
    private let time: any TimeSource
    /// Whether the last record found no room: those that come before some is taken need not even be made.
    private let isFull = Atomic(false)
    /// Records that were not made for that reason, since they were last counted.
    private let unmade = Atomic(0)

    init(_ demand: TelemetryDemand.Queue, within limits: RecordLimits, time: any TimeSource) {
        self.queue = Mutex(ExportQueue(demand))
        self.demand = demand
        self.limits = limits
        self.time = time
    }

    /// - Parameter item: Is taken out, if there is room.
    func offer(_ item: inout Item?) {
        let worker = queue.withLock { queue in
            let worker = queue.append(&item)
            // Within the lock, in one order with the worker's: else it may stay full when nothing waits any more.
            if item != nil { isFull.store(true, ordering: .relaxed) }
            return worker
        }
        worker?.resume()
    }

    /// Whether a record may find room.
    var hasRoom: Bool { !isFull.load(ordering: .relaxed) }

    /// A record was not made, as nobody has room for it.
    func miss() { unmade.wrappingAdd(1, ordering: .relaxed) }

    func close() {
        queue.withLock { queue in
            queue.refuse(unmade: unmade.exchange(0, ordering: .relaxed))
            return queue.close()
        }?.resume()
    }

    /// How many records were not taken, or not made, since they were last counted.
    func takeRefused() -> RefusedRecords {
        queue.withLock { queue in
            queue.refuse(unmade: unmade.exchange(0, ordering: .relaxed))
            return queue.takeRefused()
        }
    }

    /// Items that wait.
    var count: Int { queue.withLock { $0.count } }

    /// Hands over batch after batch, until it is closed and nothing waits.
    /// - Parameter refuse: Hears how many items were not taken.
    func run(refuse: (RefusedRecords) -> Void, export: ([Item]) async -> Void) async {
        await withTaskGroup { tasks in
            tasks.addTask { await self.tick() }
            await drain(refuse, export)
            tasks.cancelAll()
        }
    }

    private func tick() async {
        guard demand.delay > .zero else { return }
        while (try? await time.sleep(for: demand.delay)) != nil {
            queue.withLock { $0.becomeDue() }?.resume()
        }
    }

    private func drain(_ refuse: (RefusedRecords) -> Void, _ export: ([Item]) async -> Void) async {
        var isOver = false
        while !isOver {
            await withUnsafeContinuation { (worker: UnsafeContinuation<Void, Never>) in
                if queue.withLock({ $0.park(worker) }) == .workToDo { worker.resume() }
            }
            var taken = queue.withLock { queue in
                isFull.store(queue.isClosed, ordering: .relaxed)
                return queue.take()
            }
            isOver = taken.isLast
            refuse(takeRefused())
            guard taken.batch.count > 0 else { continue }
            let items = taken.batch.take(within: limits)
            await export(items)
            taken.batch.empty(consume items)
            queue.withLock { $0.reuse(taken.batch) }
        }
    }
}
