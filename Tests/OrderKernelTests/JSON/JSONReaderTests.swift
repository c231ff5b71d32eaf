import Foundation
import OrderKernel
import OrderKernelTesting
import Testing

/// Lends a text's bytes to a body that throws problems.
func withJSON<Value>(
    _ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws(Problem) -> Value
) throws(Problem) -> Value {
    let result = bytes.withUnsafeBytes { bytes -> Result<Value, Problem> in
        do throws(Problem) { return .success(try body(bytes)) } catch { return .failure(error) }
    }
    return try result.get()
}

/// What strict reading says of a text: `nil` when it is JSON.
func problem(reading bytes: [UInt8]) -> Problem? {
    var object = JSONObject()
    do throws(Problem) {
        _ = try withJSON(bytes) { bytes throws(Problem) in try object.read(bytes) }
        return nil
    } catch {
        return error
    }
}

@Suite("Reading JSON")
struct JSONReaderTests {
    @Test(
        "what RFC 8259 allows is read",
        arguments: [
            "{}", "[]", "null", "true", "false", "0", "-0", "-1.5e+10", "1E400", "\"\"", " \t\r\n{ } ",
            #"{"a":[1,{"b":[]},null],"c":"\u0000\b\f\n\r\t\/\\\""}"#, #""\ud83d\ude00""#, #""ü€😀""#,
            String(repeating: "[", count: 32) + String(repeating: "]", count: 32), "[1,2 , 3]",
            "123456789012345678901234567890", #"{"a":{"x":1},"b":{"x":1}}"#, "\"\u{7f}\u{fffd}\u{10ffff}\"",
        ])
    func accepted(text: String) {
        #expect(problem(reading: Array(text.utf8)) == nil)
    }

    @Test(
        "anything else is refused with the place where it goes wrong",
        arguments: [
            ("", 0, nil), ("  ", 2, nil), ("{", 1, nil), ("{\"a\"", 4, nil), ("{\"a\":", 5, "/a"), ("{\"a\":1", 6, nil),
            ("{\"a\":1,}", 7, nil), ("{,}", 1, nil), ("{a:1}", 1, nil), ("{\"a\" 1}", 5, nil), ("[1,]", 3, "/1"),
            ("[1 2]", 3, nil), ("[", 1, "/0"), ("01", 1, nil), ("-", 1, nil), ("+1", 0, nil), ("1.", 2, nil),
            (".5", 0, nil), ("1e", 2, nil), ("1e+", 3, nil), ("NaN", 0, nil), ("Infinity", 0, nil), ("nul", 0, nil),
            ("True", 0, nil), ("{} {}", 3, nil), ("1 1", 2, nil), ("\"", 1, nil), ("\"a\nb\"", 2, nil),
            (#""\x""#, 1, nil), (#""\u12g4""#, 1, nil), (#""\ud800""#, 1, nil), (#""\ud800\u0041""#, 1, nil),
            (#""\udc00""#, 1, nil), (#"{"a":1,"a":2}"#, 7, "/a"), (#"{"a":1,"\u0061":2}"#, 7, "/a"),
            (#"{"o":{"x":[0,{"y":1,"y":2}]}}"#, 20, "/o/x/1/y"), (#"{"a/b~c":tru}"#, 9, "/a~1b~0c"), ("'a'", 0, nil),
            ("/**/1", 0, nil), ("\u{feff}1", 0, nil), ("\u{0}", 0, nil), ("{\"a\":1;}", 6, nil), (#""\"#, 1, nil),
        ] as [(String, Int, String?)])
    func refused(text: String, offset: Int, pointer: String?) throws {
        let found = problem(reading: Array(text.utf8))
        let problem = try #require(found)
        #expect(problem.code == .invalidJSON)
        #expect(problem.offset == offset)
        #expect(problem.pointer == pointer)
    }

    @Test(
        "bytes that are not UTF-8 are refused where they begin",
        arguments: [
            [0x80], [0xc0, 0x80], [0xc1, 0xbf], [0xc3], [0xe0, 0x80, 0x80], [0xe2, 0x82], [0xed, 0xa0, 0x80],
            [0xf0, 0x80, 0x80, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xff], [0xe2, 0x28, 0xa1],
        ] as [[UInt8]])
    func invalidUTF8(bytes: [UInt8]) {
        #expect(problem(reading: Array("{\"a\":\"b".utf8) + bytes + Array("\"}".utf8))?.offset == 7)
    }

    @Test("nesting deeper than 32 is refused, in arrays and objects alike")
    func depth() {
        let objects = String(repeating: #"{"a":"#, count: 32)
        #expect(problem(reading: Array((objects + "0" + String(repeating: "}", count: 32)).utf8)) == nil)
        #expect(problem(reading: Array((objects + "[]" + String(repeating: "}", count: 32)).utf8))?.offset == 160)
        #expect(problem(reading: Array(repeating: UInt8(ascii: "["), count: 1 << 20))?.offset == 32)
    }

    @Test("a duplicate is found among very many members, in little time")
    func manyMembers() {
        let members = (0..<50_000).map { "\"m\($0)\":0" }
        #expect(problem(reading: Array("{\(members.joined(separator: ","))}".utf8)) == nil)
        let twice = "{\(members.joined(separator: ",")),\"\\u006d17\":0}"
        #expect(problem(reading: Array(twice.utf8))?.pointer == "/m17")
    }

    @Test(
        "what is read of a mutated text is read by Foundation too, and nothing crashes",
        arguments: 0..<8 as Range<UInt64>)
    func mutations(seed: UInt64) {
        var random = SeededNumbers(seed: seed)
        let text = #"{"ref":"ü\n\ud83d\ude00","order":{"a":[1,-2.5e3,true,null],"b":{"c":"d"}},"quantity":5}"#
        for _ in 0..<5_000 {
            var bytes = Array(text.utf8)
            for _ in 0..<Int.random(in: 1...3, using: &random) { mutate(&bytes, using: &random) }
            guard problem(reading: bytes) == nil else { continue }
            #expect(throws: Never.self) {
                try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
            }
        }
    }

    private func mutate(_ bytes: inout [UInt8], using random: inout SeededNumbers) {
        guard let place = bytes.indices.randomElement(using: &random) else { return }
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[place] = .random(in: .min ... .max, using: &random)
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(Array("\"\\{}[],:0e-u".utf8).randomElement(using: &random) ?? 0, at: place)
        default: bytes.removeSubrange(place...)
        }
    }
}
