public import Logging

/// One log record, as OpenTelemetry's data model has it.
public struct LogRecord: Sendable, Equatable {
    /// When it was logged.
    public var time: TelemetryTime
    public var level: Logger.Level
    /// The message.
    public var body: String
    /// Label of the logger, which is OpenTelemetry's scope of a record.
    public var logger: String
    /// Each key once.
    public var attributes: TelemetryAttributes
    /// The span that was current, sampled or not.
    public var trace: TraceContext?
    /// Attributes that were left out.
    public var dropped = 0

    public init(
        time: TelemetryTime, level: Logger.Level, body: String, logger: String,
        attributes: TelemetryAttributes = [], trace: TraceContext? = nil
    ) {
        self.time = time
        self.level = level
        self.body = body
        self.logger = logger
        self.attributes = attributes
        self.trace = trace
    }

    /// OpenTelemetry's `severity_number` of the level, 1...24.
    public var severity: Int {
        switch level {
        case .trace: 1
        case .debug: 5
        case .info: 9
        case .notice: 10
        case .warning: 13
        case .error: 17
        case .critical: 21
        }
    }
}

extension LogRecord: Recorded {
    var size: Int { 256 + body.utf8.count + attributes.size }

    mutating func limit(to limits: RecordLimits) {
        dropped += attributes.limit(to: limits.logAttributes, text: limits.logText)
    }
}
