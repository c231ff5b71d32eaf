import Testing

@testable import OrderKernel

@Suite("SpanRecord")
struct SpanRecordTests {
    private let time = TelemetryTime(nanoseconds: 1)
    private let context = TraceContext(traceID: 1, spanID: 2, flags: 1)
    private var plain: SpanRecord {
        SpanRecord(name: "work", kind: .internal, context: context, start: time, end: time)
    }

    @Test("one that had something and was told that it has not is as one that never had")
    func emptied() {
        var span = plain
        span.status = .error("it fell")
        span.dropped.events += 2
        #expect(span != plain)
        #expect(span.status == .error("it fell") && span.dropped.events == 2)
        span.status = .unset
        #expect(span.status == .unset && span.dropped.events == 2)
        span.dropped.events -= 2
        #expect(span == plain)
    }

    @Test("a copy keeps what it had")
    func copies() {
        var span = plain
        span.status = .ok
        let copy = span
        span.status = .error("")
        #expect((copy.status, span.status) == (.ok, .error("")))
    }

    @Test("what is beyond the limits is left out and counted, besides what was before")
    func limits() {
        var span = plain
        span.attributes = [TelemetryAttribute("a", .string("long")), TelemetryAttribute("b", .int(1))]
        span.events = (1...3).map { SpanRecord.Event(name: "\($0)", time: time) }
        span.links = [.init(context: context)]
        span.dropped.links = 5
        var limits = RecordLimits()
        (limits.spanAttributes, limits.events, limits.links, limits.spanText) = (1, 2, 0, 2)
        span.limit(to: limits)
        #expect(span.attributes == [TelemetryAttribute("a", .string("lo"))])
        #expect(span.events.map(\.name) == ["1", "2"] && span.links.isEmpty)
        #expect((span.dropped.attributes, span.dropped.events, span.dropped.links) == (1, 1, 6))
    }
}
