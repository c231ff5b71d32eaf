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

    @Test(
        "of a line from the wrong file it is said what it looks like, of one with a slip only that",
        arguments: [
            ([0x1f, 0x8b, 8, 0], "zcat"), ([0xff, 0xfe, 0x7b, 0], "iconv"), ([0x7b, 0, 0x7d, 0], "iconv"),
            ([0, 0, 0, 0, 0], "zero bytes"), ([0xef, 0xbb, 0xbf, 0x7b, 0x7d], "byte order mark"),
            (Array("[{\"a\":1},".utf8), "jq -c '.[]'"), (Array("{".utf8), "jq -c ."),
            (Array("  \"customer_id\": \"c\",".utf8), "jq -c ."), (Array("customer_id,quantity".utf8), "is an object"),
            (Array("{\"customer_id\":".utf8), nil),
        ] as [([UInt8], String?)])
    func looks(bytes: [UInt8], hint: String?) {
        var decoder = LineDecoder(rules: .standard)
        let decoded = bytes.withUnsafeBytes { decoder.decode($0) }
        guard case .undecodable(let problem, _) = decoded.operation else { Issue.record("it was accepted"); return }
        #expect(problem.code == .invalidJSON)
        #expect(
            hint.map { problem.detail.contains($0) } ?? problem.detail.hasSuffix(" should be."), "\(problem.detail)")
    }

    @Test(
        "a `ref` is measured as the text that it is, however it is escaped",
        arguments: [
            (#"\u00fc"#, 127, true), (#"\u00fc"#, 128, false), ("ü", 127, true), ("ü", 128, false), ("r", 255, true),
            ("r", 256, false), (#"\ud83d\ude00"#, 63, true), (#"\ud83d\ude00"#, 64, false),
        ])
    func refs(character: String, count: Int, isTaken: Bool) {
        var decoder = LineDecoder(rules: .standard)
        let ref = "\"" + String(repeating: character, count: count) + "\""
        let decoded = Array(#"{"op":"list","ref":\#(ref)}"#.utf8).withUnsafeBytes { decoder.decode($0) }
        #expect(decoded.ref == (isTaken ? Array(ref.utf8) : nil))
    }
}
