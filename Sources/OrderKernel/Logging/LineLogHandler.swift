package import Logging

/// swift-log's way to a ``LogOutput``.
package struct LineLogHandler: LogHandler {
    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let output: LogOutput
    private let telemetry: Telemetry?

    init(label: String, output: LogOutput, telemetry: Telemetry?) {
        self.label = label
        self.output = output
        self.telemetry = telemetry
        self.logLevel = output.level
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let fields = attributes(of: event)
        let position = TracePosition.current
        var line = output.line(event.level, logger: label, message: event.message.description)
        for field in fields { line.field(foreign: field) }
        if let error = event.error { line.field("error", String(describing: error)) }
        if let id = position?.requestID { line.field("request_id", id.description) }
        if let trace = position?.context {
            line.field("trace_id", hexadecimal: trace.traceID)
            line.field("span_id", hexadecimal: trace.spanID)
        }
        output.write(line)
        if let telemetry, telemetry.admitLog(of: position?.context) {
            telemetry.record(record(of: event, fields, position, at: telemetry.clock.now))
        }
    }

    private func record(
        of event: LogEvent, _ fields: [TelemetryAttribute], _ position: TracePosition?, at time: TelemetryTime
    ) -> LogRecord {
        var attributes = TelemetryAttributes(fields)
        attributes.append("code.file.path", .string(event.file))
        attributes.append("code.function.name", .string(event.function))
        attributes.append("code.line.number", .int(Int(event.line)))
        if let error = event.error {
            attributes.append("exception.type", .string(String(reflecting: type(of: error))))
            attributes.append("exception.message", .string(String(describing: error)))
        }
        if let id = position?.requestID { attributes.append("request_id", .string(id.description)) }
        return LogRecord(
            time: time, level: event.level, body: event.message.description, logger: label, attributes: attributes,
            trace: position?.context)
    }

    /// What the logger, its provider and the event say, by key; the later of the three wins.
    private func attributes(of event: LogEvent) -> [TelemetryAttribute] {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
        if let own = event.metadata { all.merge(own) { $1 } }
        return all.sorted { $0.key < $1.key }.map { TelemetryAttribute($0.key, TelemetryAttribute.Value($0.value)) }
    }
}

extension TelemetryAttribute.Value {
    fileprivate init(_ value: Logger.MetadataValue) {
        self =
            switch value {
            case .string(let text): .string(text)
            case .stringConvertible(let value): .string(value.description)
            case .array(let values): .array(values.map { .init($0) })
            case .dictionary(let entries):
                .map(entries.sorted { $0.key < $1.key }.map { TelemetryAttribute($0.key, .init($0.value)) })
            }
    }
}
