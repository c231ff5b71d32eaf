import Testing

@testable import OrderKernel

@Suite("TelemetryAttributes")
struct TelemetryAttributesTests {
    private static let every = [
        TelemetryAttribute("text", .string("\u{0}\"\\\n\u{1f469}\u{200d}\u{1f692}")),
        TelemetryAttribute(String(repeating: "k", count: 200), .string(String(repeating: "x", count: 20_000))),
        TelemetryAttribute("empty", .string("")),
        TelemetryAttribute("bool", .bool(true)), TelemetryAttribute("other bool", .bool(false)),
        TelemetryAttribute("least", .int(.min)), TelemetryAttribute("most", .int(.max)),
        TelemetryAttribute("zero", .int(0)), TelemetryAttribute("small", .int(127)),
        TelemetryAttribute("less small", .int(128)),
        TelemetryAttribute("double", .double(-.infinity)),
        TelemetryAttribute("least double", .double(.leastNonzeroMagnitude)),
        TelemetryAttribute("array", .array([.int(1), .string("a"), .array([]), .map([])])),
        TelemetryAttribute("map", .map([TelemetryAttribute("key", .array([.bool(false), .double(0.5)]))])),
    ]

    @Test("every value is read as it was added, in order")
    func values() {
        let attributes = TelemetryAttributes(Self.every)
        #expect(Array(attributes) == Self.every)
        #expect(!attributes.isEmpty && TelemetryAttributes().isEmpty)
        #expect(Array(TelemetryAttributes()).isEmpty)
    }

    @Test("those without a key are left out, also in maps")
    func noKey() {
        let nameless = TelemetryAttribute("", .int(1))
        let attributes: TelemetryAttributes = [nameless, TelemetryAttribute("map", .map([nameless]))]
        #expect(attributes == [TelemetryAttribute("map", .map([]))])
    }

    @Test("each is a KeyValue of OTLP behind its length")
    func keyValues() {
        var messages: [[UInt8]] = []
        TelemetryAttributes([TelemetryAttribute("a", .int(300)), TelemetryAttribute("b", .string("c"))])
            .forEachKeyValue { messages.append($0.withUnsafeBytes { Array($0) }) }
        #expect(
            messages == [
                [8, 0x0a, 1, UInt8(ascii: "a"), 0x12, 3, 0x18, 0xac, 0x02],
                [8, 0x0a, 1, UInt8(ascii: "b"), 0x12, 3, 0x0a, 1, UInt8(ascii: "c")],
            ])
    }

    @Test("they may stand behind those of others, and are changed apart from them")
    func moved() {
        var bytes: [UInt8] = []
        var first = TelemetryAttributes(Self.every)
        var second: TelemetryAttributes = [TelemetryAttribute("a", .int(1))]
        first.move(to: &bytes)
        second.move(to: &bytes)
        first.find(in: bytes)
        second.find(in: bytes)
        #expect(Array(first) == Self.every && second == [TelemetryAttribute("a", .int(1))])
        second.append("b", .int(2))
        first.append(contentsOf: second)
        #expect(Array(first) == Self.every + [TelemetryAttribute("a", .int(1)), TelemetryAttribute("b", .int(2))])
    }

    @Test("those beyond a limit are left out and counted, and texts are cut")
    func limits() {
        var attributes = TelemetryAttributes(Self.every)
        #expect(attributes.limit(to: Self.every.count, text: nil) == 0)
        #expect(Array(attributes) == Self.every)
        #expect(attributes.limit(to: 1, text: 2) == Self.every.count - 1)
        #expect(attributes == [TelemetryAttribute("text", .string("\u{0}\""))])
    }
}
