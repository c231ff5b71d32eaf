internal import Logging

/// One log line: its beginning, a message, then fields; as text for people or as one JSON object.
struct LogLine: ~Copyable {
    enum Style: Sendable {
        case text
        case colouredText
        case json
    }

    private var buffer = LineBuffer()
    private let style: Style

    init(_ style: Style, level: Logger.Level, logger: String, message: String, at time: Timestamp) {
        self.style = style
        switch style {
        case .json:
            buffer.raw("{\"time\":\"")
            buffer.timestamp(time)
            buffer.raw("\",\"level\":\"")
            buffer.raw(level.name)
            buffer.raw("\",\"logger\":")
            quoted(logger)
            buffer.raw(",\"message\":")
            quoted(message)
        case .text, .colouredText:
            buffer.timeOfDay(time)
            buffer.raw(" ")
            label(level)
            buffer.raw(" ")
            escaped(logger)
            buffer.raw(": ")
            escaped(message)
        }
    }

    /// Adds a field of our own.
    mutating func field(_ key: StaticString, _ write: (inout LineBuffer) -> Void) {
        buffer.raw(style == .json ? ",\"" : " ")
        buffer.raw(key)
        buffer.raw(style == .json ? "\":" : "=")
        write(&buffer)
    }

    /// Adds a text field of our own.
    mutating func field(_ key: StaticString, _ value: String) {
        field(key) { _ in }
        self.value(value)
    }

    /// Adds an id that is made of hexadecimal digits.
    mutating func field<Number: FixedWidthInteger & UnsignedInteger>(_ key: StaticString, hexadecimal number: Number) {
        let isQuoted = style == .json
        field(key) { buffer in
            if isQuoted { buffer.raw("\"") }
            buffer.hexadecimal(number)
            if isQuoted { buffer.raw("\"") }
        }
    }

    /// Adds somebody else's field. One that is named as ours is said to be theirs: it cannot replace what we say.
    mutating func field(foreign key: String, _ value: String) {
        foreignKey(key)
        self.value(value)
    }

    /// Adds somebody else's attributes.
    mutating func fields(foreign attributes: TelemetryAttributes) {
        attributes.forEach {
            foreignKey($0)
            value($1)
        } other: {
            field(foreign: $0)
        }
    }

    /// Adds somebody else's attribute.
    mutating func field(foreign attribute: TelemetryAttribute) {
        switch attribute.value {
        case .int(let number):
            foreignKey(attribute.key)
            buffer.integer(number)
        case .bool(let value):
            foreignKey(attribute.key)
            buffer.raw(value ? "true" : "false")
        case .double(let number) where number.isFinite:
            foreignKey(attribute.key)
            escaped(number.description)
        default:
            field(foreign: attribute.key, attribute.value.description)
        }
    }

    /// Ends the line, and lends all of it.
    consuming func finish<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        buffer.raw(style == .json ? "}\n" : "\n")
        return buffer.read(body)
    }

    private mutating func foreignKey(_ key: String) { Self.withUTF8(of: key) { foreignKey($0) } }

    private mutating func foreignKey(_ key: UnsafeRawBufferPointer) {
        if Self.isOwn(key) { return foreignKey("metadata." + String(decoding: key, as: UTF8.self)) }
        if style == .json {
            buffer.raw(",")
            buffer.quoted(key)
            buffer.raw(":")
        } else {
            buffer.raw(" ")
            word(key)
            buffer.raw("=")
        }
    }

    private mutating func value(_ text: String) { Self.withUTF8(of: text) { value($0) } }

    private mutating func value(_ text: UnsafeRawBufferPointer) {
        if style == .json { buffer.quoted(text) } else { word(text) }
    }

    private mutating func quoted(_ text: String) { Self.withUTF8(of: text) { buffer.quoted($0) } }

    private mutating func escaped(_ text: String) { Self.withUTF8(of: text) { buffer.escaped($0, quotes: false) } }

    /// Text as one word: quoted where it would not look like one.
    private mutating func word(_ text: UnsafeRawBufferPointer) {
        let isWord = !text.isEmpty && text.allSatisfy { 0x21..<0x7f ~= $0 && !Self.quotedBytes.contains($0) }
        if isWord { buffer.raw(text) } else { buffer.quoted(text) }
    }

    private static func withUTF8(of text: String, _ body: (UnsafeRawBufferPointer) -> Void) {
        var text = text
        text.withUTF8 { body(UnsafeRawBufferPointer($0)) }
    }

    private static let quotedBytes = Array("\"\\=".utf8)
    /// So few that a search is faster than a look-up.
    private static let ownKeys: [StaticString] = [
        "time", "level", "logger", "message", "error", "request_id", "trace_id", "span_id",
    ]

    private static func isOwn(_ key: UnsafeRawBufferPointer) -> Bool {
        ownKeys.contains { own in
            own.withUTF8Buffer { $0.count == key.count && $0.elementsEqual(key) }
        }
    }

    private mutating func label(_ level: Logger.Level) {
        if style == .colouredText { buffer.raw(level.colour) }
        buffer.raw(level.label)
        if style == .colouredText { buffer.raw("\u{1b}[0m") }
    }
}

extension Logger.Level {
    /// As swift-log names it.
    fileprivate var name: StaticString {
        switch self {
        case .trace: "trace"
        case .debug: "debug"
        case .info: "info"
        case .notice: "notice"
        case .warning: "warning"
        case .error: "error"
        case .critical: "critical"
        }
    }

    /// Of the same width each.
    fileprivate var label: StaticString {
        switch self {
        case .trace: "TRACE "
        case .debug: "DEBUG "
        case .info: "INFO  "
        case .notice: "NOTICE"
        case .warning: "WARN  "
        case .error: "ERROR "
        case .critical: "CRIT  "
        }
    }

    /// ECMA-48 sequence that begins the level's colour.
    fileprivate var colour: StaticString {
        switch self {
        case .trace, .debug: "\u{1b}[2m"
        case .info, .notice: "\u{1b}[32m"
        case .warning: "\u{1b}[33m"
        case .error, .critical: "\u{1b}[31m"
        }
    }
}
