/// What an exporter is given to send on: finished spans, metrics and log records of one resource.
public struct TelemetryBatch: Sendable {
    /// What the service is: `service.name`, `service.instance.id` and so on. The same for every batch.
    public let resource: [TelemetryAttribute]
    /// In the order they ended.
    public let spans: [SpanRecord]
    /// Every metric, once, as it stood when the batch was made; empty where nothing was collected.
    public let metrics: [MetricRecord]
    /// In the order they were logged.
    public let logs: [LogRecord]

    /// Which code recorded it.
    public var scope: TelemetryScope { .kernel }

    public init(
        resource: [TelemetryAttribute] = [], spans: [SpanRecord] = [], metrics: [MetricRecord] = [],
        logs: [LogRecord] = []
    ) {
        self.resource = resource
        self.spans = spans
        self.metrics = metrics
        self.logs = logs
    }
}

/// Which code recorded something: OpenTelemetry's instrumentation scope.
public struct TelemetryScope: Sendable, Hashable {
    /// Of a library or program, as it names itself.
    public let name: String
    public let version: String
    /// Which names its attributes have.
    public let schemaURL: String

    /// The scope of everything that is recorded through the kernel, with the names of OpenTelemetry's semantic
    /// conventions 1.44. A log record says besides which logger it is from.
    public static let kernel = TelemetryScope(
        name: "orderd", version: orderdVersion, schemaURL: "https://opentelemetry.io/schemas/1.44.0")
}

/// The three kinds of things that an exporter may take.
public struct TelemetrySignals: OptionSet, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// Finished spans.
    public static let spans = TelemetrySignals(rawValue: 1)
    /// Metrics, all of them each time.
    public static let metrics = TelemetrySignals(rawValue: 2)
    /// Log records.
    public static let logs = TelemetrySignals(rawValue: 4)
    public static let all: TelemetrySignals = [.spans, .metrics, .logs]
}
