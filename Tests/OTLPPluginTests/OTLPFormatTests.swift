import Logging
import OTLPFormat
import OrderKernel
import Testing

@Suite("OTLPRequest")
struct OTLPFormatTests {
    private func text(_ batch: TelemetryBatch, temporality: Temporality = .cumulative) throws -> String {
        let (requests, tooLarge) = OTLPRequest.requests(for: batch, .json, temporality: temporality)
        #expect(tooLarge == 0)
        return String(decoding: try #require(requests.first).bytes, as: UTF8.self)
    }

    private var span: SpanRecord {
        var span = SpanRecord(
            name: "GET /orders/{id}", kind: .server,
            context: TraceContext(traceID: 0x0102, spanID: 0x03, flags: 0x83, state: "a=1"),
            parent: .init(spanID: 4, isRemote: true), start: TelemetryTime(nanoseconds: 10),
            end: TelemetryTime(nanoseconds: 20),
            attributes: [TelemetryAttribute("a", .string("\"\n\u{1}")), TelemetryAttribute("", .int(1))])
        span.links = [.init(context: TraceContext(traceID: 5, spanID: 6, flags: 1))]
        span.status = .error("")
        return span
    }

    @Test("a span is JSON as OTLP has it")
    func jsonSpan() throws {
        let resource = [TelemetryAttribute("service.name", .string("order"))]
        let expected = #"""
            {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"order"}}]},\#
            "scopeSpans":[{"scope":{"name":"orderd","version":"0.1.0"},"spans":[\#
            {"traceId":"00000000000000000000000000000102",\#
            "spanId":"0000000000000003","traceState":"a=1","parentSpanId":"0000000000000004",\#
            "name":"GET /orders/{id}","kind":2,"startTimeUnixNano":"10","endTimeUnixNano":"20",\#
            "attributes":[{"key":"a","value":{"stringValue":"\"\u000a\u0001"}}],\#
            "links":[{"traceId":"00000000000000000000000000000005","spanId":"0000000000000006","flags":257}],\#
            "status":{"code":2},"flags":771}],"schemaUrl":"https://opentelemetry.io/schemas/1.44.0"}],\#
            "schemaUrl":"https://opentelemetry.io/schemas/1.44.0"}]}
            """#
        #expect(try text(TelemetryBatch(resource: resource, spans: [span])) == expected)
    }

    @Test("numbers of a metric are texts where JSON cannot hold them")
    func jsonMetric() throws {
        let time = TelemetryTime(nanoseconds: 7)
        var distribution = MetricRecord.Distribution(bounds: [0.5], counts: [1, 2], sum: .infinity)
        distribution.exemplars = [.init(value: 0.25, time: time, traceID: 1, spanID: 2)]
        let metrics = [
            MetricRecord(
                name: "hits", unit: "{hit}",
                data: .sum([.init(attributes: [], start: time, time: time, value: .int(-1))], isMonotonic: true)),
            MetricRecord(
                name: "time", data: .histogram([.init(attributes: [], start: time, time: time, value: distribution)])),
        ]
        let text = try text(TelemetryBatch(metrics: metrics), temporality: .delta)
        #expect(text.contains(#""sum":{"dataPoints":[{"startTimeUnixNano":"7","timeUnixNano":"7","asInt":"-1"}],"#))
        #expect(text.contains(#""aggregationTemporality":1,"isMonotonic":true}"#))
        #expect(
            text.contains(#""count":"3","sum":"Infinity","bucketCounts":["1","2"],"explicitBounds":[0.5],"exemplars""#))
        #expect(
            text.contains(#""asDouble":0.25,"spanId":"0000000000000002","traceId":"00000000000000000000000000000001""#))
    }

    @Test(
        "differences are of what only grows, and with lowmemory not of what is observed",
        arguments: [(Temporality.cumulative, [2, 2, 2, 2]), (.delta, [1, 1, 2, 1]), (.lowMemory, [1, 2, 2, 1])])
    func temporality(temporality: Temporality, expected: [Int]) throws {
        let time = TelemetryTime(nanoseconds: 7)
        func sum(isMonotonic: Bool, isObserved: Bool = false) -> MetricRecord {
            let point = MetricRecord.Point(attributes: [], start: time, time: time, value: MetricRecord.Number.int(1))
            var record = MetricRecord(name: "sum", data: .sum([point], isMonotonic: isMonotonic))
            record.isObserved = isObserved
            return record
        }
        let distribution = MetricRecord.Distribution(bounds: [], counts: [1], sum: 1)
        let histogram = MetricRecord(
            name: "time", data: .histogram([.init(attributes: [], start: time, time: time, value: distribution)]))
        let metrics = [
            sum(isMonotonic: true), sum(isMonotonic: true, isObserved: true), sum(isMonotonic: false), histogram,
        ]
        let text = try text(TelemetryBatch(metrics: metrics), temporality: temporality)
        #expect(text.matches(of: /"aggregationTemporality":(\d)/).map { Int($0.1) } == expected)
    }

    @Test("a logger is a scope of its own")
    func scopes() throws {
        let logs = ["a", "b", "a"].map { LogRecord(time: .init(nanoseconds: 1), level: .info, body: "x", logger: $0) }
        let text = try text(TelemetryBatch(logs: logs))
        #expect(text.components(of: "\"scope\":") == 2 && text.components(of: "\"body\":") == 3)
    }

    @Test("nothing is no request")
    func empty() {
        let batch = TelemetryBatch(metrics: [MetricRecord(name: "none", data: .gauge([]))])
        for encoding in [OTLPRequest.Encoding.json, .protobuf] {
            #expect(OTLPRequest.requests(for: batch, encoding).requests.isEmpty)
        }
    }

    @Test("what is too large is split, and one record that is too large alone is left out")
    func splits() {
        func large(_ size: Int) -> SpanRecord {
            var large = span
            large.attributes = [TelemetryAttribute("a", .string(String(repeating: "x", count: size)))]
            return large
        }
        let batch = TelemetryBatch(spans: (0..<9).map { _ in large(300) } + [large(4_000)])
        let (requests, tooLarge) = OTLPRequest.requests(for: batch, .protobuf, largest: 2_000)
        #expect(tooLarge == 1)
        #expect(requests.reduce(0) { $0 + $1.count } == 9)
        #expect(requests.count > 1 && requests.allSatisfy { $0.bytes.count <= 2_000 })
    }

    @Test("one metric that is too large is split, each point once")
    func splitsPoints() {
        let points = (0..<100).map { number in
            MetricRecord.Point(
                attributes: [TelemetryAttribute("number", .string("<\(number)>"))],
                start: TelemetryTime(nanoseconds: 1),
                time: TelemetryTime(nanoseconds: 2), value: MetricRecord.Number.int(7))
        }
        for data in [MetricRecord.Data.sum(points, isMonotonic: true), .gauge(points)] {
            let batch = TelemetryBatch(metrics: [MetricRecord(name: "m", data: data)])
            let (requests, tooLarge) = OTLPRequest.requests(for: batch, .json, largest: 2_000)
            #expect(tooLarge == 0)
            #expect(requests.count > 1 && requests.allSatisfy { $0.bytes.count <= 2_000 })
            let text = requests.map { String(decoding: $0.bytes, as: UTF8.self) }.joined()
            for number in 0..<100 { #expect(text.components(of: "<\(number)>") == 1) }
        }
    }
}

extension String {
    fileprivate func components(of text: String) -> Int {
        split(separator: text, omittingEmptySubsequences: false).count - 1
    }
}
