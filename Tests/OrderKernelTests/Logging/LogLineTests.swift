import Logging
import Testing

@testable import OrderKernel

@Suite("LogLine")
struct LogLineTests {
    private func line(
        _ style: LogLine.Style, _ message: String, level: Logger.Level = .info,
        _ write: (inout LogLine) -> Void = { _ in }
    ) -> String {
        let time = Timestamp(milliseconds: 1_762_597_800_007)  // 2025-11-08T10:30:00.007Z
        var line = LogLine(style, level: level, logger: "http", message: message, at: time)
        write(&line)
        return line.finish { String(decoding: $0, as: UTF8.self) }
    }

    @Test("JSON is one object with time, level, logger and message first")
    func json() {
        let text = line(.json, "listening") {
            $0.field("status") { $0.integer(-5) }
            $0.field("duration_ms") { $0.milliseconds(1_002_003) }
            $0.field("trace_id", hexadecimal: UInt128(0xab))
            $0.field(foreign: TelemetryAttribute("port", .int(5_000)))
            $0.field(foreign: TelemetryAttribute("ratio", .double(0.5)))
            $0.field(foreign: TelemetryAttribute("none", .double(.nan)))
            $0.field(foreign: "host", "::1")
        }
        #expect(
            text == #"{"time":"2025-11-08T10:30:00.007Z","level":"info","logger":"http","message":"listening","#
                + #""status":-5,"duration_ms":1.002,"trace_id":"000000000000000000000000000000ab","#
                + #""port":5000,"ratio":0.5,"none":"nan","host":"::1"}"# + "\n")
    }

    @Test("attributes are written as one by one", arguments: [LogLine.Style.json, .text])
    func attributes(style: LogLine.Style) {
        let attributes = [
            TelemetryAttribute("path", .string("/a \"b\"\u{7}é")), TelemetryAttribute("port", .int(-5)),
            TelemetryAttribute("level", .string("")), TelemetryAttribute("is_it", .bool(true)),
            TelemetryAttribute("é\n", .array([.string("x"), .int(1)])), TelemetryAttribute("span_id", .double(0.5)),
        ]
        let together = line(style, "x") { $0.fields(foreign: TelemetryAttributes(attributes)) }
        #expect(together == line(style, "x") { line in attributes.forEach { line.field(foreign: $0) } })
        #expect(together.contains("metadata.level") && together.contains("metadata.span_id"))
    }

    @Test("a line is as long as it has to be", arguments: [511, 512, 513, 100_000])
    func length(count: Int) {
        let text = String(repeating: "a", count: count) + "\n" + String(repeating: "é", count: count)
        let escaped = text.replacing("\n", with: "\\n")
        #expect(line(.json, "x") { $0.field(foreign: "y", text) }.hasSuffix(",\"y\":\"\(escaped)\"}\n"))
    }

    @Test("text is short, with values in quotes where they are no words")
    func text() {
        let text = line(.text, "listening", level: .warning) {
            $0.field(foreign: "host", "::1")
            $0.field(foreign: "path", "a b")
            $0.field(foreign: "empty", "")
            $0.field(foreign: "said", "x=\"y\"")
        }
        #expect(text == #"10:30:00.007Z WARN   http: listening host=::1 path="a b" empty="" said="x=\"y\"""# + "\n")
    }

    @Test("only the level is coloured")
    func colour() {
        #expect(line(.colouredText, "up", level: .error) == "10:30:00.007Z \u{1b}[31mERROR \u{1b}[0m http: up\n")
    }

    @Test(
        "nothing that is logged can forge a line, move the cursor or turn the text",
        arguments: [
            "\n", "\r\n", "\0", "\u{1b}[2J", "\u{7f}", "\u{85}", "\u{9b}31m", "\u{2028}", "\u{2029}", "\u{202e}",
            "\u{2066}", "\u{200f}", "\t", "a\"}\n{\"level\":\"error",
        ])
    func forgery(text: String) {
        for style in [LogLine.Style.text, .json] {
            let line = line(style, text) { $0.field(foreign: text, text) }
            #expect(line.hasSuffix("\n"))
            let isClean = line.dropLast().unicodeScalars.allSatisfy { scalar in
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator: false
                default: true
                }
            }
            #expect(isClean, "\(line.debugDescription)")
        }
    }

    @Test("quotes, backslashes and other scripts come out of JSON as they went in")
    func escapes() {
        #expect(line(.json, "a\"b\\c\n\u{1}é😀").hasSuffix(#""message":"a\"b\\c\n\u0001é😀"}"# + "\n"))
    }

    @Test("a foreign field cannot replace one of ours", arguments: ["time", "level", "trace_id"])
    func ownKeys(key: String) {
        #expect(line(.json, "x") { $0.field(foreign: key, "y") }.hasSuffix(",\"metadata.\(key)\":\"y\"}\n"))
    }

    @Test(
        "dates are those of the Gregorian calendar",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"), (4_102_444_800_000, "2100-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"), (.min, "0000-01-01T00:00:00.000Z"), (.max, "9999-12-31T23:59:59.999Z"),
        ])
    func dates(milliseconds: Int64, text: String) {
        let line = LogLine(.json, level: .info, logger: "", message: "", at: Timestamp(milliseconds: milliseconds))
        #expect(line.finish { String(decoding: $0, as: UTF8.self) }.contains("\"time\":\"\(text)\""))
        let words = LogLine(.text, level: .info, logger: "", message: "", at: Timestamp(milliseconds: milliseconds))
        let clock = text.dropFirst("2000-02-28T".count)
        #expect(words.finish { String(decoding: $0, as: UTF8.self) }.hasPrefix("\(clock) INFO"))
    }
}
