import Foundation
import OrderKernel
import OrderKernelTesting
import Testing

/// A string as the writer writes it.
struct WrittenString: JSONRepresentable {
    let text: String
    var jsonCapacity: Int { JSONWriter.capacity(of: text) }
    func write(to json: inout JSONWriter) { json.string(text) }
}

@Suite("Writing JSON")
struct JSONWriterTests {
    @Test("a string has only the escapes that JSON demands")
    func escapes() {
        let controls = String(String.UnicodeScalarView((0..<0x20).compactMap(Unicode.Scalar.init)))
        let text = String(decoding: WrittenString(text: controls + "\"\\/\u{7f}\u{80}ü€😀\u{2028}").json, as: UTF8.self)
        let expected =
            #""\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000b\f\r\u000e\u000f\u0010\u0011\u0012\u0013"#
            + #"\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f\"\\/"#
            + "\u{7f}\u{80}ü€😀\u{2028}\""
        #expect(text == expected)
    }

    @Test("random strings come back from Foundation as they were", arguments: 0..<4 as Range<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var random = SeededNumbers(seed: seed)
        for _ in 0..<500 {
            let scalars = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                Unicode.Scalar(UInt32.random(in: 0...0x2ffff, using: &random)) ?? "\\"
            }
            let text = String(String.UnicodeScalarView(scalars))
            let json = WrittenString(text: text).json
            let read = try JSONSerialization.jsonObject(with: Data(json), options: .fragmentsAllowed) as? String
            #expect(read.map { Array($0.unicodeScalars) } == scalars)
            let ascii = Data(#"{"a":"#.utf8) + asciiJSON(text) + Data("}".utf8)
            #expect(try string(in: ascii).map { Array($0.unicodeScalars) } == scalars)
        }
    }

    /// The string with everything escaped.
    private func asciiJSON(_ text: String) -> Data {
        let units = text.utf16.map {
            "\\u" + String(repeating: "0", count: 4 - String($0, radix: 16).count) + String($0, radix: 16)
        }
        return Data("\"\(units.joined())\"".utf8)
    }

    private func string(in json: Data) throws -> String? {
        try json.withUnsafeBytes { bytes in
            var object = JSONObject()
            _ = try object.read(bytes)
            return object.take("a")?.string
        }
    }

    @Test(
        "integers are written in full",
        arguments: [(0, "0"), (-1, "-1"), (.max, "9223372036854775807"), (.min, "-9223372036854775808")]
            as [(Int64, String)])
    func integers(number: Int64, text: String) {
        let bytes = written { $0.integer(number) }
        #expect(bytes == text)
    }

    @Test(
        "times are written in RFC 3339 with three digits",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"), (1_709_251_199_999, "2024-02-29T23:59:59.999Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"), (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
            (.max, "9999-12-31T23:59:59.999Z"), (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"),
            (.min, "0000-01-01T00:00:00.000Z"), (1_762_597_800_042, "2025-11-08T10:30:00.042Z"),
        ] as [(Int64, String)])
    func times(milliseconds: Int64, text: String) {
        #expect(written { $0.timestamp(Timestamp(milliseconds: milliseconds)) } == "\"\(text)\"")
    }

    @Test("random times are written as Foundation writes them")
    func randomTimes() {
        var random = SeededNumbers(seed: 1)
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        for _ in 0..<2_000 {
            let seconds = Int64.random(in: -2_208_988_800...32_503_680_000, using: &random)
            let date = Date(timeIntervalSince1970: Double(seconds))
            let text = written { $0.timestamp(Timestamp(milliseconds: seconds * 1_000)) }
            #expect(text == "\"\(date.formatted(style))\"")
        }
    }

    private func written(_ body: (inout JSONWriter) -> Void) -> String {
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { memory in
            var writer = JSONWriter(memory)
            body(&writer)
            return String(decoding: memory[..<writer.count], as: UTF8.self)
        }
    }
}
