internal import Logging
internal import OrderKernel

/// OTLP's messages. The numbers and names are those of the specification, OTLP 1.11.
extension MessageSink where Self: ~Copyable {
    /// `ExportTraceServiceRequest`
    mutating func traces(_ spans: [SpanRecord], of batch: TelemetryBatch) {
        envelope((1, "resourceSpans"), (2, "scopeSpans"), batch, scopes: [(name: batch.scope.name, items: spans)]) {
            sink, spans in
            sink.messages(2, "spans", spans) { $0.span($1) }
        }
    }

    /// `ExportMetricsServiceRequest`
    mutating func metrics(_ metrics: [MetricRecord], of batch: TelemetryBatch, _ temporality: Temporality) {
        let scopes = [(name: batch.scope.name, items: metrics)]
        envelope((1, "resourceMetrics"), (2, "scopeMetrics"), batch, scopes: scopes) { sink, metrics in
            sink.messages(2, "metrics", metrics) { $0.metric($1, temporality) }
        }
    }

    /// `ExportLogsServiceRequest`: the logger of a record is its scope.
    mutating func logs(_ logs: [LogRecord], of batch: TelemetryBatch) {
        envelope((1, "resourceLogs"), (2, "scopeLogs"), batch, scopes: Self.scopes(of: logs)) { sink, records in
            sink.messages(2, "logRecords", records) { $0.log($1) }
        }
    }

    private static func scopes(of logs: [LogRecord]) -> [(name: String, items: [LogRecord])] {
        guard let logger = logs.first?.logger else { return [] }
        if logs.allSatisfy({ $0.logger == logger }) { return [(logger, logs)] }  // most are lines of requests
        var scopes: [(name: String, items: [LogRecord])] = []
        for record in logs {
            if let index = scopes.firstIndex(where: { $0.name == record.logger }) {
                scopes[index].items.append(record)
            } else {
                scopes.append((record.logger, [record]))
            }
        }
        return scopes
    }

    private mutating func envelope<Item>(
        _ outer: (Int, StaticString), _ inner: (Int, StaticString), _ batch: TelemetryBatch,
        scopes: [(name: String, items: [Item])], _ body: (inout Self, [Item]) -> Void
    ) {
        messages(outer.0, outer.1, [batch]) { sink, batch in
            sink.message(1, "resource") { $0.attributes(1, TelemetryAttributes(batch.resource)) }
            sink.messages(inner.0, inner.1, scopes) { sink, scope in
                sink.message(1, "scope") { sink in
                    sink.text(1, "name", scope.name)
                    sink.text(2, "version", batch.scope.version)
                }
                body(&sink, scope.items)
                sink.text(3, "schemaUrl", batch.scope.schemaURL)
            }
            sink.text(3, "schemaUrl", batch.scope.schemaURL)
        }
    }
}

extension MessageSink where Self: ~Copyable {
    private mutating func span(_ span: SpanRecord) {
        id(1, "traceId", span.context.traceID)
        id(2, "spanId", span.context.spanID)
        if !span.context.state.isEmpty { text(3, "traceState", span.context.state) }
        if let parent = span.parent { id(4, "parentSpanId", parent.spanID) }
        text(5, "name", span.name)
        small(6, "kind", span.kind.number)
        fixed64(7, "startTimeUnixNano", span.start.nanoseconds)
        fixed64(8, "endTimeUnixNano", max(span.end, span.start).nanoseconds)
        attributes(9, span.attributes)
        if span.dropped.attributes > 0 {
            small(10, "droppedAttributesCount", UInt32(clamping: span.dropped.attributes))
        }
        if !span.events.isEmpty { messages(11, "events", span.events) { $0.event($1) } }
        if span.dropped.events > 0 { small(12, "droppedEventsCount", UInt32(clamping: span.dropped.events)) }
        if !span.links.isEmpty { messages(13, "links", span.links) { $0.link($1) } }
        if span.dropped.links > 0 { small(14, "droppedLinksCount", UInt32(clamping: span.dropped.links)) }
        switch span.status {
        case .unset: break
        case .ok: message(15, "status") { $0.small(3, "code", 1) }
        case .error(let text):
            message(15, "status") { sink in
                if !text.isEmpty { sink.text(2, "message", text) }
                sink.small(3, "code", 2)
            }
        }
        let remoteness: UInt32 = span.parent?.isRemote == true ? 0x300 : 0x100
        fixed32(16, "flags", span.context.knownFlags | remoteness)
    }

    private mutating func event(_ event: SpanRecord.Event) {
        fixed64(1, "timeUnixNano", event.time.nanoseconds)
        text(2, "name", event.name)
        attributes(3, TelemetryAttributes(event.attributes))
    }

    private mutating func link(_ link: SpanRecord.Link) {
        id(1, "traceId", link.context.traceID)
        id(2, "spanId", link.context.spanID)
        if !link.context.state.isEmpty { text(3, "traceState", link.context.state) }
        attributes(4, TelemetryAttributes(link.attributes))
        fixed32(6, "flags", link.context.knownFlags | 0x100)
    }

    private mutating func log(_ record: LogRecord) {
        fixed64(1, "timeUnixNano", record.time.nanoseconds)
        small(2, "severityNumber", UInt32(record.severity))
        text(3, "severityText", record.level.rawValue)
        message(5, "body") { $0.text(1, "stringValue", record.body) }
        attributes(6, record.attributes)
        if record.dropped > 0 { small(7, "droppedAttributesCount", UInt32(clamping: record.dropped)) }
        if let trace = record.trace {
            fixed32(8, "flags", trace.knownFlags)
            id(9, "traceId", trace.traceID)
            id(10, "spanId", trace.spanID)
        }
        fixed64(11, "observedTimeUnixNano", record.time.nanoseconds)
    }
}

extension TraceContext {
    /// The flags of W3C Trace Context.
    fileprivate var knownFlags: UInt32 { UInt32(flags & 0x03) }
}

extension SpanRecord.Kind {
    fileprivate var number: UInt32 {
        switch self {
        case .internal: 1
        case .server: 2
        case .client: 3
        case .producer: 4
        case .consumer: 5
        @unknown default: 0
        }
    }
}
