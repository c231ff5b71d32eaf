import OrderKernel
import Testing

@testable import JSONLinesPlugin

@Suite("LineDecoder")
struct LineDecoderTests {
    @Test(
        "of a line that cannot be read it is known whether it was to change orders, where it says so",
        arguments: [
            (#"{"quantity":1}"#, true), (#"{"customer_id":"c","key":""}"#, true), (#"{"op":"create"}"#, true),
            (#"{"op":"update","id":"x"}"#, true), (#"{"op":"get","id":"x"}"#, false),
            (#"{"op":"list","limit":0}"#, false), (#"{"op":"melt"}"#, nil), (#"{"op":1}"#, nil), ("[]", nil),
            ("{", nil),
        ] as [(String, Bool?)])
    func changesOrders(line: String, changesOrders: Bool?) {
        var decoder = LineDecoder(rules: .standard)
        for faulty in [#"{"op":"create"}"#, #"{"op":"list","limit":0}"#, line] {
            let decoded = Array(faulty.utf8).withUnsafeBytes { decoder.decode($0) }
            guard case .undecodable(_, let found) = decoded.operation else {
                Issue.record("\(faulty) was accepted")
                return
            }
            if faulty == line { #expect(found == changesOrders) }
        }
    }
}
