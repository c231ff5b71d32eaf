public import OrderKernel
internal import Synchronization

/// An exporter that keeps what it is given, for tests.
public final class RecordingExporter: ExporterPlugin {
    public static let name = "recording"
    public static let summary = "Keeps telemetry in memory, for tests."

    private struct State {
        var batches: [TelemetryBatch] = []
        var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []

        mutating func append(_ batch: TelemetryBatch) -> [CheckedContinuation<Void, Never>] {
            batches.append(batch)
            let (ready, others) = (
                waiters.filter { $0.count <= batches.count }, waiters.filter { $0.count > batches.count }
            )
            waiters = others
            return ready.map(\.continuation)
        }
    }

    public let demand: TelemetryDemand
    private let state = Mutex(State())  // protects what was exported, and who waits for it
    private let beforeExport: @Sendable (TelemetryBatch) async throws -> Void

    /// - Parameter beforeExport: Runs before a batch is kept; it may wait, or throw to refuse the batch.
    public init(
        demand: TelemetryDemand = TelemetryDemand(),
        beforeExport: @escaping @Sendable (TelemetryBatch) async throws -> Void = { _ in }
    ) {
        self.demand = demand
        self.beforeExport = beforeExport
    }

    public convenience init(_ configuration: NoSettings, context: PluginContext) {
        self.init()
    }

    public func export(_ batch: TelemetryBatch) async throws {
        try await beforeExport(batch)
        state.withLock { $0.append(batch) }.forEach { $0.resume() }
    }

    /// Everything that was exported, in order.
    public var batches: [TelemetryBatch] { state.withLock { $0.batches } }

    /// All spans that were exported, in order.
    public var spans: [SpanRecord] { batches.flatMap(\.spans) }

    /// All log records that were exported, in order.
    public var logs: [LogRecord] { batches.flatMap(\.logs) }

    /// The metrics as they were exported last.
    public var metrics: [MetricRecord] { batches.last { !$0.metrics.isEmpty }?.metrics ?? [] }

    /// Waits until that many batches were exported.
    public func wait(forBatches count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.batches.count >= count { return true }
                state.waiters.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }
}
