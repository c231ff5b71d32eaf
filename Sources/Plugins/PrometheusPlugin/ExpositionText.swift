internal import OrderKernel

/// Numbers and texts as both formats write them.
enum ExpositionText {
    /// A value of a sample.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return String(value)
    }

    /// The bound of a bucket in its canonical form (OpenMetrics 1.0, "Considerations: Canonical Numbers").
    static func bound(_ value: Double) -> String {
        guard value.isFinite, value != 0 else { return value == 0 ? "0.0" : number(value) }
        let (digits, exponent) = decimal(value.magnitude)
        let sign = value < 0 ? "-" : ""
        if exponent < -4 || exponent >= 6 {
            let fraction = digits.dropFirst()
            let power = String(abs(exponent))
            return sign + digits.prefix(1) + (fraction.isEmpty ? "" : "." + fraction) + "e"
                + (exponent < 0 ? "-" : "+") + (power.count < 2 ? "0" + power : power)
        }
        if exponent < 0 { return sign + "0." + String(repeating: "0", count: -exponent - 1) + digits }
        let whole = digits.prefix(exponent + 1)
        let padding = String(repeating: "0", count: exponent + 1 - whole.count)
        let fraction = digits.dropFirst(exponent + 1)
        return sign + whole + padding + "." + (fraction.isEmpty ? "0" : String(fraction))
    }

    /// The fewest digits that tell the number, without zeros around them, and the power of ten of the first.
    private static func decimal(_ value: Double) -> (digits: String, exponent: Int) {
        let parts = String(value).split(separator: "e")
        let number = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let whole = String(number[0])
        let all = whole + (number.count > 1 ? String(number[1]) : "")
        let zeros = all.prefix { $0 == "0" }.count
        var digits = all.dropFirst(zeros)
        while digits.count > 1, digits.last == "0" { digits.removeLast() }
        let power = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        return (String(digits), whole.count - 1 - zeros + power)
    }

    /// What stands behind a bucket's count. Both ids take 63 of the 128 characters that there may be.
    static func exemplar(_ exemplar: MetricRecord.Exemplar) -> String {
        let context = TraceContext(traceID: exemplar.traceID, spanID: exemplar.spanID, flags: 0)
        let milliseconds = exemplar.time.nanoseconds / 1_000_000
        let fraction = String(milliseconds % 1_000)
        let padding = String(repeating: "0", count: 3 - fraction.count)
        return " # {trace_id=\"\(context.traceIDText)\",span_id=\"\(context.spanIDText)\"} \(number(exemplar.value)) "
            + "\(milliseconds / 1_000).\(padding)\(fraction)"
    }

    static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
