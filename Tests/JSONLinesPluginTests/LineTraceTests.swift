import OrderKernel
import Testing

@testable import JSONLinesPlugin

@Suite("LineTrace")
struct LineTraceTests {
    private func decode(_ line: String) -> DecodedLine {
        var decoder = LineDecoder(rules: .standard)
        return Array(line.utf8).withUnsafeBytes { decoder.decode($0) }
    }

    @Test(
        "a line may name its trace, whatever it asks for",
        arguments: [
            #"{"customer_id":"c","wood_type":"oak","quantity":1,"traceparent":"00-1","baggage":"a=1"}"#,
            #"{"op":"get","id":1,"traceparent":"00-1","baggage":"a=1"}"#,
            #"{"op":"nonsense","traceparent":"00-1","baggage":"a=1"}"#,
        ])
    func named(line: String) {
        let trace = decode(line).trace
        #expect(trace?.values(for: "Traceparent") == ["00-1"] && trace?.values(for: "baggage") == ["a=1"])
        #expect(trace?.values(for: "tracestate") == [])
    }

    @Test("a line without a trace brings nothing along")
    func none() {
        #expect(decode(#"{"op":"get","id":1}"#).trace == nil)
    }

    @Test("a trace that is no text counts as none, and refuses no line", arguments: ["7", "null", "{}", "[\"00-1\"]"])
    func faulty(value: String) {
        let line = decode(#"{"op":"get","id":1,"traceparent":\#(value),"b3":\#(value),"baggage":"a=1"}"#)
        guard case .get(1, unless: nil) = line.operation else {
            Issue.record("it was refused")
            return
        }
        #expect(line.trace?.values(for: "traceparent") == [] && line.trace?.values(for: "b3") == [])
        #expect(line.trace?.values(for: "baggage") == ["a=1"])
    }
}
