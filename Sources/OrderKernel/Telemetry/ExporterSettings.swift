extension TelemetrySignals {
    /// Reads the setting `signals`, which every exporter should have: which signals it takes, all by default. An empty
    /// list is none, and nothing is exported.
    /// - Parameter exporter: As OpenTelemetry's `OTEL_TRACES_EXPORTER` and so on call it.
    public static func read(from settings: inout Settings, exporter: String) -> TelemetrySignals {
        let names: [SignalName] = settings.list(
            "signals", default: SignalName.allCases, "What is exported; nothing where the list is empty.",
            mayBeEmpty: true, environment: .signals(of: exporter))
        return names.reduce(into: []) { $0.insert($1.signal) }
    }
}

private enum SignalName: String, ChoiceValue {
    case traces
    case metrics
    case logs

    var signal: TelemetrySignals {
        switch self {
        case .traces: .spans
        case .metrics: .metrics
        case .logs: .logs
        }
    }
}

extension TelemetryDemand {
    /// Reads how records wait for an exporter that sends them to somewhere else, and when it is given metrics.
    public init(from settings: inout Settings) {
        let spans: QueueSettings<SpanQueue> = settings.section("span_queue", "How spans wait for their export.")
        let logs: QueueSettings<LogQueue> = settings.section("log_queue", "How log records wait for their export.")
        self.spans = spans.queue
        self.logs = logs.queue
        metricInterval = Self.metricInterval(from: &settings)
        metricTimeout = settings.value(
            "metric_timeout", default: .seconds(30), "How long one export of the metrics may take; 0s for ever.",
            in: .zero ... .seconds(3_600),
            environment: .openTelemetry("OTEL_METRIC_EXPORT_TIMEOUT", as: .milliseconds))
    }

    /// Reads the setting `metric_interval` alone, for an exporter that has no queues to set.
    public static func metricInterval(from settings: inout Settings) -> Duration {
        settings.value(
            "metric_interval", default: .seconds(60), "Between two exports of all metrics.",
            in: .milliseconds(1) ... .seconds(86_400),
            environment: .openTelemetry("OTEL_METRIC_EXPORT_INTERVAL", as: .milliseconds))
    }
}

/// How OpenTelemetry's variables call a queue, and what it has by default.
private protocol QueueKind: Sendable {
    static var prefix: String { get }
    static var delay: Duration { get }
}

private enum SpanQueue: QueueKind {
    static let prefix = "OTEL_BSP"
    static let delay = Duration.seconds(5)
}

private enum LogQueue: QueueKind {
    static let prefix = "OTEL_BLRP"
    static let delay = Duration.seconds(1)
}

private struct QueueSettings<Kind: QueueKind>: PluginConfiguration {
    var queue: TelemetryDemand.Queue

    init(from settings: inout Settings) {
        queue = TelemetryDemand.Queue(delay: Kind.delay)
        let times = Duration.zero ... .seconds(3_600)
        queue.delay = settings.value(
            "delay", default: queue.delay, "How long a record waits for company at most.", in: times,
            environment: .openTelemetry(Kind.prefix + "_SCHEDULE_DELAY", as: .milliseconds))
        queue.timeout = settings.value(
            "export_timeout", default: queue.timeout,
            "How long one export may take before it is given up; 0s for ever.",
            in: times,
            environment: .openTelemetry(Kind.prefix + "_EXPORT_TIMEOUT", as: .milliseconds))
        queue.limit = settings.value(
            "queue", default: queue.limit, "Most records that wait; what comes beyond is dropped and counted.",
            in: 1...1_000_000, environment: .openTelemetry(Kind.prefix + "_MAX_QUEUE_SIZE"))
        queue.bytes = settings.value(
            "queue_bytes", default: queue.bytes, "Most bytes that what waits holds in memory, roughly.",
            in: .kibibytes(64) ... .gibibytes(1))
        queue.batchLimit = settings.value(
            "batch", default: queue.batchLimit, "Most records of one export.", in: 1...1_000_000,
            environment: .openTelemetry(Kind.prefix + "_MAX_EXPORT_BATCH_SIZE"))
        // OpenTelemetry's specification has both as numbers of their own, and the batch at most as large as the queue.
        settings.checkEffect(
            "batch", isNone: queue.batchLimit > queue.limit ? "no more than the \(queue.limit) of `queue` wait" : nil)
        queue.batchLimit = min(queue.batchLimit, queue.limit)
    }
}
