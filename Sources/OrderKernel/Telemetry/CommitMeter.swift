internal import Synchronization

/// Measures the commit queue, and makes spans of what it does for recorded requests: how long each write waited, and
/// the commit of the batch, which is linked to the requests that it served.
final class CommitMeter: Sendable {
    /// A write of a recorded request that waits.
    final class Wait: Sendable {
        let context: RequestContext
        private let start: Mutex<Instant>  // protects since when: after a batch that failed, it waits anew

        init(_ context: RequestContext, start: Instant) {
            self.context = context
            self.start = Mutex(start)
        }

        /// It was taken into a batch that has ended.
        /// - Returns: When it began to wait for that.
        fileprivate func end(at end: Instant) -> Instant {
            start.withLock { start in
                defer { start = end }
                return start
            }
        }
    }

    /// A batch that is being committed and made durable.
    struct Batch: Sendable {
        let start: Instant
        /// Those of its writes whose requests are recorded.
        let waits: [Wait]
        let size: Int
    }

    private let telemetry: Telemetry
    private let storage: StorageMeter
    private let sizes: Histogram

    init(_ storage: StorageMeter, _ telemetry: Telemetry) {
        self.telemetry = telemetry
        self.storage = storage
        sizes = telemetry.registry.histogram(
            "orderd.commit.batch.size", "Writes that were committed together.", unit: "{write}",
            bounds: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048, 4_096, 8_192], [])
    }

    /// Has the number of writes that wait shown as a metric.
    func observe(depth: @escaping @Sendable () -> Int) {
        telemetry.observe { [clock = telemetry.clock, start = telemetry.registry.start] in
            let reading = MetricReading(since: start, at: clock.now)
            return [
                reading.sum("orderd.commit.queue.depth", "Writes that wait to be committed.", unit: "{write}", depth())
            ]
        }
    }

    /// A write begins to wait.
    /// - Returns: `nil` where its request is not recorded.
    func wait(of context: RequestContext) -> Wait? {
        telemetry.admitSpan(of: context) ? Wait(context, start: telemetry.clock.time.now) : nil
    }

    /// A batch is taken out of the queue.
    /// - Returns: `nil` where nobody wants to know.
    func begin(_ size: Int, _ waits: [Wait]) -> Batch? {
        guard !telemetry.signals.isEmpty else { return nil }
        return Batch(start: telemetry.clock.time.now, waits: waits, size: size)
    }

    /// The batch is durable, or storage failed on it; of one whose writes were all postponed there is nothing to tell.
    func end(_ batch: Batch?, _ error: StorageError?) {
        guard let batch, batch.size > 0 else { return }
        if error == nil { sizes.record(Double(batch.size)) }
        let context = telemetry.sampler.recordedRoot()
        let example = batch.waits.first.flatMap { telemetry.example($0.context) }.map { _ in context }
        let end = telemetry.clock.time.now
        storage.measure(.commit, since: batch.start, until: end, example, error)
        guard !batch.waits.isEmpty else { return }
        let links = batch.waits.prefix(telemetry.limits.links).compactMap { wait in
            wait.context.trace.map { SpanRecord.Link(context: $0) }
        }
        let interval = telemetry.interval(since: batch.start, until: end)
        var span = storage.span(.commit, error, batch: batch.size, as: context, of: nil, interval)
        span.links = links
        if links.count < batch.waits.count { span.dropped.links = batch.waits.count - links.count }
        telemetry.record(span)
        let link = [SpanRecord.Link(context: context)]
        for wait in batch.waits {
            let start = wait.end(at: end)
            telemetry.record("commit queue", of: wait.context, since: start, until: batch.start, links: link)
        }
    }
}
