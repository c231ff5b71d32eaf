import Logging
import Testing
import Tracing

@testable import OrderKernel

@Suite("Propagation")
struct PropagationTests {
    private static let traceID = "4bf92f3577b34da6a3ce929d0e0e4736"
    private static let spanID = "00f067aa0ba902b7"

    private func read(_ headers: [String: String], _ propagators: [RecordingSettings.Propagator]) -> TraceContext? {
        Propagation(propagators).trace { name in headers[name].map { [$0] } ?? [] }
    }

    @Test(
        "b3 is read in both forms",
        arguments: [
            (["b3": "\(traceID)-\(spanID)-1"], 0x01), (["b3": "\(traceID)-\(spanID)-0"], 0x00),
            (["b3": "\(traceID)-\(spanID)-d"], 0x81), (["b3": "\(traceID)-\(spanID)"], 0x40),
            (["b3": "\(traceID)-\(spanID)-1-05e3ac9a4f6e3b90"], 0x01),
            (["x-b3-traceid": traceID, "x-b3-spanid": spanID, "x-b3-sampled": "1"], 0x01),
            (["x-b3-traceid": traceID, "x-b3-spanid": spanID, "x-b3-flags": "1"], 0x81),
            (["x-b3-traceid": traceID, "x-b3-spanid": spanID], 0x40),
        ] as [([String: String], UInt8)])
    func b3(headers: [String: String], flags: UInt8) throws {
        let trace = try #require(read(headers, [.b3]))
        #expect(trace.traceIDText == Self.traceID && trace.spanIDText == Self.spanID && trace.flags == flags)
    }

    @Test("a short trace id of b3 is padded")
    func short() {
        let trace = read(["b3": "\(Self.spanID)-\(Self.spanID)-1"], [.b3])
        #expect(trace?.traceIDText == "0000000000000000" + Self.spanID)
    }

    @Test(
        "a b3 that is none counts as none",
        arguments: ["", "x", "2", "\(traceID)-\(spanID)-x", "\(traceID)-\(spanID)-1-1-1", "12-\(spanID)-1", "0-0-1"])
    func faulty(header: String) {
        #expect(read(["b3": header], [.b3]) == nil)
    }

    @Test("a decision alone holds for a new trace", arguments: [("1", true), ("0", false), ("d", true)])
    func decision(header: String, isSampled: Bool) throws {
        let caller = try #require(read(["b3": header], [.b3]))
        let context = TraceSampler(ratio: isSampled ? 0 : 1).context(childOf: caller)
        #expect(context.isSampled == isSampled && context.traceID != 0)
    }

    @Test("without a decision the sampler decides, and the ids stay")
    func undecided() throws {
        let caller = try #require(read(["b3": "\(Self.traceID)-\(Self.spanID)"], [.b3]))
        #expect(TraceSampler(.parentBasedAlwaysOff, ratio: 1).context(childOf: caller).isSampled == false)
        let context = TraceSampler(.parentBasedAlwaysOn, ratio: 1).context(childOf: caller)
        #expect(context.isSampled && context.traceIDText == Self.traceID)
    }

    @Test("of several forms the one that is listed last counts, if it is there")
    func order() {
        let headers = ["traceparent": TraceContextTests.header, "b3": "\(Self.spanID)-\(Self.spanID)-0"]
        #expect(read(headers, [.traceContext, .b3])?.isSampled == false)
        #expect(read(headers, [.b3, .traceContext])?.isSampled == true)
        #expect(read(headers, [.traceContext, .none]) == nil)
        #expect(read(["traceparent": TraceContextTests.header], [.traceContext, .b3])?.isSampled == true)
    }

    @Test("a decision alone takes no trace away", arguments: [["b3": "0"], ["x-b3-sampled": "0"]])
    func decisionBeside(decision: [String: String]) throws {
        let headers = ["traceparent": TraceContextTests.header].merging(decision) { $1 }
        for propagators in [[.traceContext, .b3], [.b3, .traceContext]] as [[RecordingSettings.Propagator]] {
            let trace = try #require(read(headers, propagators))
            #expect(trace.traceIDText == Self.traceID && trace.spanIDText == Self.spanID && trace.isSampled)
        }
    }

    @Test("a request with a decision alone belongs to no trace where none is recorded")
    func decidedRequest() {
        var recording = RecordingSettings()
        recording.propagators = [.b3]
        let telemetry = Telemetry(recording: recording)
        let context = RequestContext(
            id: .random(), route: telemetry.route(name: "GET", attributes: [], logLevel: .info),
            deadline: .now, metadata: TestMetadata(headers: ["b3": ["1"]]))
        #expect(context.trace == nil && context.parent == nil)
    }

    @Test("what was read is sent on in the same forms")
    func sends() {
        let trace = TraceContext(traceID: 1, spanID: 2, flags: 0x83, state: "a=1")
        let headers = Propagation([.traceContext, .b3, .b3Multiple, .baggage]).headers(
            of: trace, Baggage(headers: ["k=v"]))
        #expect(
            headers.map { "\($0.name): \($0.value)" } == [
                "traceparent: 00-00000000000000000000000000000001-0000000000000002-03", "tracestate: a=1",
                "b3: 00000000000000000000000000000001-0000000000000002-d",
                "x-b3-traceid: 00000000000000000000000000000001", "x-b3-spanid: 0000000000000002", "x-b3-flags: 1",
                "baggage: k=v",
            ])
    }

    @Test(
        "baggage is read, and sent on encoded",
        arguments: [
            (["a=1, b = 2 ;p=x", "c=%C3%A9"], "a=1,b=2;p=x,c=%C3%A9"), (["a=1=2"], "a=1=2"), (["a=%zz"], "a=%25zz"),
            (["a b=1,=2,c"], ""), (["a=1,a=2"], "a=1"), (["a=%FF"], "a=%EF%BF%BD"), (["a=\"x\""], "a=%22x%22"),
        ])
    func baggage(headers: [String], header: String) {
        #expect(Baggage(headers: headers).header == header)
    }

    @Test("baggage beyond its limits is left out")
    func baggageLimits() {
        let many = (0..<100).map { "k\($0)=v" }.joined(separator: ",")
        #expect(Baggage(headers: [many]).header.split(separator: ",").count == 64)
        let large = (0..<3).map { "k\($0)=" + String(repeating: "v", count: 4_000) }.joined(separator: ",")
        #expect(Baggage(headers: [large]).header.utf8.count <= 8_192)
    }

    @Test("the random number of a trace state decides, where it is there")
    func randomness() {
        func context(_ state: String, ratio: Double) -> TraceContext {
            let caller = TraceContext(traceID: 1, spanID: 1, flags: TraceContext.undecided, state: state)
            return TraceSampler(.parentBasedRatio, ratio: ratio).context(childOf: caller)
        }
        #expect(context("ot=rv:ffffffffffffff", ratio: 0.01).isSampled)
        #expect(!context("ot=rv:00000000000000", ratio: 0.99).isSampled)
        #expect(!context("ot=rv:ffff", ratio: 0.5).isSampled)
    }

    @Test("samplers without a parent's say decide alone")
    func samplers() {
        let sampled = TraceContext(traceID: 1, spanID: 1, flags: 1)
        let unsampled = TraceContext(traceID: 1, spanID: 1, flags: 0)
        #expect(TraceSampler(.alwaysOn, ratio: 0).context(childOf: unsampled).isSampled)
        #expect(!TraceSampler(.alwaysOff, ratio: 1).context(childOf: sampled).isSampled)
        #expect(!TraceSampler(.ratio, ratio: 0.5).context(childOf: sampled).isSampled)
        #expect(TraceSampler(.parentBasedAlwaysOff, ratio: 1).context(childOf: sampled).isSampled)
    }
}
