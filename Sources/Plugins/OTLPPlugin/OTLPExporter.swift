internal import Logging
internal import NIOCore
internal import NIOPosix
internal import OTLPFormat
public import OrderKernel
internal import ServiceLifecycle
internal import Synchronization

/// Sends traces, metrics and logs to a collector of OpenTelemetry, over gRPC or HTTP (OTLP 1.11).
public final class OTLPExporter: ExporterPlugin {
    public static let name = "otlp"
    public static let summary = "Sends traces, metrics and logs to an OpenTelemetry collector, over gRPC or HTTP."

    private let configuration: Configuration
    private let context: PluginContext
    private let senders = Mutex<[OTLPRequest.Signal: OTLPSender]>([:])  // protects what `run` opens and closes
    private let deltas: DeltaMemory
    private let hasToldHint = Atomic(false)

    public init(_ configuration: Configuration, context: PluginContext) {
        self.configuration = configuration
        self.context = context
        self.deltas = DeltaMemory(configuration.temporality)
    }

    public var demand: TelemetryDemand {
        var demand = configuration.demand
        demand.signals = configuration.signals
        demand.spans.protocolName = configuration.target(for: .traces).transfer.conventionalName
        demand.logs.protocolName = configuration.target(for: .logs).transfer.conventionalName
        demand.metricProtocolName = configuration.target(for: .metrics).transfer.conventionalName
        return demand
    }

    /// Makes what sends, and keeps it until told to stop. A collector that is away keeps nothing from starting.
    /// - Throws: `PluginError` for a certificate or key that cannot be read.
    public func run() async throws {
        try await MultiThreadedEventLoopGroup.withEventLoopGroup(numberOfThreads: 1) { group in
            let opened = try OTLPRequest.Signal.allCases.map { signal in
                let target = configuration.target(for: signal)
                let exchange = try OTLPExchange(target, on: group, userAgent: Self.userAgent, time: context.time)
                let limit = configuration.demand.timeout(of: signal)
                return (signal, OTLPSender(target, exchange, time: context.time, within: limit))
            }
            senders.withLock { $0 = Dictionary(uniqueKeysWithValues: opened) }
            context.ready()
            try? await gracefulShutdown()
            let closing = senders.withLock { senders in
                defer { senders = [:] }
                return senders.values
            }
            await withDiscardingTaskGroup { tasks in
                for sender in closing { tasks.addTask { await sender.close() } }
            }
        }
    }

    private static let userAgent = "orderd/\(TelemetryScope.kernel.version) OTel-OTLP-Exporter-Swift"

    public func export(_ batch: TelemetryBatch) async throws {
        var lost = 0
        var failure: ExportError?
        var isPassing = true  // nobody has any of it, and all of it may be taken later
        for signal in OTLPRequest.Signal.allCases {
            guard let sender = senders.withLock({ $0[signal] }) else { throw ExportError("closed", "not started") }
            let part = batch.only(signal, deltas)
            let encoding: OTLPRequest.Encoding = sender.target.transfer == .json ? .json : .protobuf
            let (requests, tooLarge) = OTLPRequest.requests(
                for: part, encoding, temporality: configuration.temporality)
            if tooLarge > 0 {
                lost += tooLarge
                isPassing = false
                failure = ExportError("too_large", "a record is larger than a request may be")
            }
            var isTaken = false
            for request in requests {
                do throws(OTLPFailure) {
                    try await send(request, sender)
                    isTaken = true
                    isPassing = false
                } catch {
                    isTaken = isTaken || error.mayBeTaken
                    isPassing = isPassing && error.error.isPassing
                    lost += error.error.lost ?? request.count
                    failure = error.error
                }
            }
            // What was not taken is a part of the next difference; what may have been must not be counted twice.
            if signal == .metrics, isTaken { deltas.keep(batch.metrics) }
        }
        guard let failure else { return }
        throw ExportError(failure.reason, failure.detail, lost: isPassing ? nil : lost, isPassing: isPassing)
    }

    private func send(_ request: OTLPRequest, _ sender: OTLPSender) async throws(OTLPFailure) {
        guard let hint = try await sender.send(request), !hasToldHint.exchange(true, ordering: .relaxed) else { return }
        context.logger.warning("the collector has a hint", metadata: ["hint": "\(hint)"])
    }
}

extension TelemetryBatch {
    /// One signal of the batch; metrics as the memory of the export before makes them.
    fileprivate func only(_ signal: OTLPRequest.Signal, _ memory: DeltaMemory) -> TelemetryBatch {
        switch signal {
        case .traces: TelemetryBatch(resource: resource, spans: spans)
        case .metrics: TelemetryBatch(resource: resource, metrics: memory.deltas(of: metrics))
        case .logs: TelemetryBatch(resource: resource, logs: logs)
        }
    }
}

extension TelemetryDemand {
    /// How long one export of a signal may take before it is given up; zero for as long as it takes.
    fileprivate func timeout(of signal: OTLPRequest.Signal) -> Duration {
        switch signal {
        case .traces: spans.timeout
        case .metrics: metricTimeout
        case .logs: logs.timeout
        }
    }
}
