import Testing

@testable import OrderKernel

@Suite("TraceContext")
struct TraceContextTests {
    static let header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    @Test("a traceparent is read and sent on as it came")
    func reads() throws {
        let context = try #require(TraceContext(traceparent: [Self.header]))
        #expect(context.traceID == 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736)
        #expect(context.spanID == 0x00f0_67aa_0ba9_02b7)
        #expect(context.isSampled)
        #expect(context.traceparent == Self.header)
    }

    @Test(
        "only the known flags are kept",
        arguments: [("00", 0), ("01", 1), ("02", 2), ("03", 3), ("ff", 3), ("fc", 0)] as [(String, UInt8)])
    func flags(text: String, flags: UInt8) throws {
        let context = try #require(TraceContext(traceparent: [String(Self.header.dropLast(2)) + text]))
        #expect(context.flags == flags)
    }

    @Test(
        "a higher version is read as far as it is known, and sent on as version 00",
        arguments: [header, header + "-", header + "-what-comes"])
    func higherVersion(header: String) throws {
        let context = try #require(TraceContext(traceparent: ["cc" + header.dropFirst(2)]))
        #expect(context.traceparent == Self.header)
    }

    @Test(
        "a faulty traceparent counts as none",
        arguments: [
            "", "00", header.uppercased(), header + "-", header + "0", String(header.dropLast()),
            "ff" + header.dropFirst(2), "0g" + header.dropFirst(2), "cc" + header.dropFirst(2) + "x",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473é-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x",
            "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ])
    func faulty(header: String) {
        #expect(TraceContext(traceparent: [header]) == nil)
    }

    @Test("a traceparent that is there twice counts as none")
    func twice() {
        #expect(TraceContext(traceparent: [Self.header, Self.header]) == nil)
        #expect(TraceContext(traceparent: []) == nil)
    }

    @Test(
        "the members of a tracestate are joined in order",
        arguments: [
            (["a=1"], "a=1"), (["a=1,b=2", "c=3"], "a=1,b=2,c=3"), ([" a=1 ,, b=x y\t"], "a=1,b=x y"),
            (["tenant@system=1", "0k_-*/=~"], "tenant@system=1,0k_-*/=~"), ([], ""), ([",", " "], ""),
        ])
    func state(headers: [String], state: String) {
        #expect(TraceContext(traceparent: [Self.header], tracestate: headers)?.state == state)
    }

    @Test(
        "a faulty tracestate is left out, and the traceparent kept",
        arguments: [
            ["a"], ["=1"], ["a="], ["A=1"], ["a=1,a=2"], ["a=1=2"], ["a=é"], ["_a=1"], ["a b=1"],
            [(0..<33).map { "k\($0)=1" }.joined(separator: ",")],
            [String(repeating: "k", count: 257) + "=1"], ["k=" + String(repeating: "1", count: 257)],
        ])
    func faultyState(headers: [String]) throws {
        let context = try #require(TraceContext(traceparent: [Self.header], tracestate: headers))
        #expect(context.state.isEmpty)
    }
}

@Suite("TraceSampler")
struct TraceSamplerTests {
    @Test("a new trace is random, and sampled by its ratio")
    func root() {
        let always = TraceSampler(ratio: 1).context(childOf: nil)
        #expect(always.flags == 3)
        #expect(always.traceID != 0 && always.spanID != 0)
        #expect(TraceSampler(ratio: 0).context(childOf: nil).flags == 2)
    }

    @Test("a child has its parent's trace, decision and state, whatever the ratio", arguments: [0, 1, 2, 3] as [UInt8])
    func child(flags: UInt8) {
        let parent = TraceContext(traceID: 7, spanID: 9, flags: flags, state: "a=1")
        for ratio in [0.0, 1.0] {
            let child = TraceSampler(ratio: ratio).context(childOf: parent)
            #expect(child.traceID == 7 && child.spanID != 9 && child.flags == flags && child.state == "a=1")
        }
    }

    @Test("about as many traces are sampled as the ratio says")
    func ratio() {
        let sampler = TraceSampler(ratio: 0.25)
        let sampled = (0..<10_000).count { _ in sampler.context(childOf: nil).isSampled }
        #expect((2_000...3_000).contains(sampled))
    }

    @Test("no id comes twice")
    func unique() {
        let sampler = TraceSampler(ratio: 1)
        let contexts = (0..<10_000).map { _ in sampler.context(childOf: nil) }
        #expect(Set(contexts.map(\.traceID)).count == 10_000)
        #expect(Set(contexts.map(\.spanID)).count == 10_000)
    }
}
