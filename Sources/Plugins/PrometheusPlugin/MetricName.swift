/// Names as Prometheus has them, made of OpenTelemetry's (OpenTelemetry specification, compatibility with Prometheus).
enum MetricName {
    /// What becomes of a metric's values.
    enum Kind: Sendable {
        case counter
        case gauge
        case histogram
    }

    /// The name of a family, without the `_total` of counters.
    ///
    /// A name that ends like the samples of other kinds loses that ending, as `promtool` finds fault with it:
    /// `process.thread.count` becomes `process_threads`.
    static func family(_ name: String, unit: String, kind: Kind) -> String {
        var name = sanitized(name, allowsColon: true)
        if kind == .counter, name.hasSuffix("_total") { name.removeLast("_total".count) }
        if kind == .gauge {
            for ending in ["_count", "_total", "_sum", "_bucket", "_created", "_info"] where name.hasSuffix(ending) {
                name.removeLast(ending.count)
                if ending == "_count" { name += "s" }
            }
        }
        let word = unit == "1" ? (kind == .gauge ? "ratio" : "") : self.unit(unit)
        if !word.isEmpty, name != word, !name.hasSuffix("_" + word) { name += "_" + word }
        return name
    }

    /// A unit of UCUM as a word; empty for one that is none, such as `{request}`.
    static func unit(_ unit: String) -> String {
        let plain = withoutAnnotations(unit)
        let parts = plain.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let main = parts[0].isEmpty ? "" : words[parts[0]] ?? sanitized(parts[0], allowsColon: false)
        guard parts.count == 2, !parts[1].isEmpty else { return main }
        let per = singularWords[parts[1]] ?? sanitized(parts[1], allowsColon: false)
        return main.isEmpty ? "per_" + per : main + "_per_" + per
    }

    /// A label's name.
    static func label(_ key: String) -> String { sanitized(key, allowsColon: false) }

    private static func sanitized(_ name: String, allowsColon: Bool) -> String {
        var result = ""
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                if result.isEmpty, byte <= UInt8(ascii: "9") { result = "_" }
                result.unicodeScalars.append(Unicode.Scalar(byte))
            case UInt8(ascii: ":") where allowsColon: result += ":"
            default: if result.last != "_" { result += "_" }
            }
        }
        return result.isEmpty ? "_" : result
    }

    private static func withoutAnnotations(_ unit: String) -> String {
        var depth = 0
        return unit.filter { character in
            if character == "{" { depth += 1 }
            defer { if character == "}" { depth = max(0, depth - 1) } }
            return depth == 0
        }
    }

    private static let words = [
        "s": "seconds", "ms": "milliseconds", "us": "microseconds", "ns": "nanoseconds", "min": "minutes",
        "h": "hours", "d": "days", "By": "bytes", "KiBy": "kibibytes", "MiBy": "mebibytes", "GiBy": "gibibytes",
        "kBy": "kilobytes", "MBy": "megabytes", "GBy": "gigabytes", "m": "meters", "V": "volts", "A": "amperes",
        "J": "joules", "W": "watts", "g": "grams", "Cel": "celsius", "Hz": "hertz", "%": "percent", "1": "",
    ]

    private static let singularWords = [
        "s": "second", "m": "meter", "min": "minute", "h": "hour", "d": "day", "w": "week", "mo": "month",
        "y": "year",
    ]
}
