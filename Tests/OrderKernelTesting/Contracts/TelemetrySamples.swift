internal import Logging
internal import OrderKernel

extension TelemetryTime {
    fileprivate static let sample = TelemetryTime(nanoseconds: 1_762_597_800_000_000_000)
}

extension TelemetryAttribute {
    static let service = TelemetryAttribute("service.name", .string("order"))

    /// One of each type, with texts that a format may trip over.
    fileprivate static let every = [
        TelemetryAttribute("text", .string("\u{0}\"\\\n\u{1f469}\u{200d}\u{1f692}")),
        TelemetryAttribute("", .string("")),
        TelemetryAttribute("bool", .bool(true)), TelemetryAttribute("int", .int(.min)),
        TelemetryAttribute("double", .double(.nan)),
        TelemetryAttribute("array", .array([.int(1), .string("a"), .array([])])),
        TelemetryAttribute("map", .map([TelemetryAttribute("key", .double(-.infinity))])),
    ]
}

extension SpanRecord {
    static func sample(_ number: Int) -> SpanRecord {
        SpanRecord(
            name: "GET /orders/{id}", kind: .server,
            context: TraceContext(traceID: UInt128(number), spanID: UInt64(number), flags: 1), start: .sample,
            end: .sample, attributes: [TelemetryAttribute("http.route", .string("/orders/{id}"))])
    }

    static var full: SpanRecord {
        var span = SpanRecord(
            name: "", kind: .internal, context: TraceContext(traceID: .max, spanID: .max, flags: 0),
            parent: Parent(spanID: 1, isRemote: true), start: .sample, end: .sample,
            attributes: TelemetryAttributes(TelemetryAttribute.every))
        span.events = [Event(name: "event", time: .sample, attributes: TelemetryAttribute.every)]
        span.links = [
            Link(context: TraceContext(traceID: 1, spanID: 2, flags: 1), attributes: TelemetryAttribute.every)
        ]
        span.status = .error("\u{0}")
        span.dropped.attributes = 1
        return span
    }
}

extension MetricRecord {
    static let samples: [MetricRecord] = [
        MetricRecord(name: "none", data: .gauge([])),
        MetricRecord(name: "sum", description: "A sum.", unit: "By", data: .sum(numbers, isMonotonic: true)),
        MetricRecord(name: "up_and_down", unit: "{request}", data: .sum(numbers, isMonotonic: false)),
        MetricRecord(name: "gauge", data: .gauge(numbers)),
        MetricRecord(
            name: "histogram", unit: "s",
            data: .histogram([
                point(Distribution(bounds: [0.1, 1], counts: [0, 2, .max], sum: .infinity)),
                point(Distribution(bounds: [], counts: [0], sum: 0)),
            ])),
    ]

    private static let numbers = [point(Number.int(.max)), point(.double(.nan)), point(.double(-0.5))]

    private static func point<Value>(_ value: Value) -> Point<Value> {
        Point(attributes: TelemetryAttribute.every, start: .sample, time: .sample, value: value)
    }
}

extension LogRecord {
    static func sample(_ level: Logger.Level) -> LogRecord {
        LogRecord(
            time: .sample, level: level, body: "\u{0}\n", logger: "orderd",
            attributes: TelemetryAttributes(TelemetryAttribute.every),
            trace: TraceContext(traceID: 1, spanID: 1, flags: 1))
    }
}
