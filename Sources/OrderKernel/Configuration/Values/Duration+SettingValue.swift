extension Duration: SettingValue {
    public static var form: SettingForm { .duration }
    public static var placeholder: Duration { .zero }
    public static var alternative: Duration { .seconds(86_400) }

    /// Units, the longest first, in microseconds.
    private static let units: [(name: String, microseconds: Int64)] = [
        ("d", 86_400_000_000), ("h", 3_600_000_000), ("m", 60_000_000), ("s", 1_000_000), ("ms", 1_000), ("us", 1),
    ]

    /// Units by what they are also called.
    private static let unitNames: [String: String] = {
        let others = [
            "d": "day days", "h": "hr hrs hour hours", "m": "min mins minute minutes", "s": "sec secs second seconds",
            "ms": "msec msecs millis millisecond milliseconds", "us": "usec usecs micros microsecond microseconds",
        ]
        let pairs = others.flatMap { unit, names in
            ([Substring(unit)] + names.split(separator: " ")).map { (String($0), unit) }
        }
        return Dictionary(uniqueKeysWithValues: pairs)
    }()

    /// Reads amounts with units, the longest first, each at most once: `1m30s`.
    public init(reading text: SettingText) throws(SettingFault) {
        guard let parsed = UnitText(text.text) else {
            throw text.mistyped("write it like 250ms, 5s or 1m30s", of: Self.self, units: Self.unitNames)
        }
        if let number = parsed.bareNumber {
            let units = number < 500 ? ["s", "ms", "m", "h", "us"] : ["ms", "s", "us"]
            throw text.lacksUnit(units, of: Self.self)
        }
        let indices = parsed.parts.compactMap { part in Self.units.firstIndex { $0.name == part.unit } }
        guard indices.count == parsed.parts.count, zip(indices, indices.dropFirst()).allSatisfy(<) else {
            throw text.mistyped(
                "its units are d, h, m, s, ms and us, in this order", of: Self.self, units: Self.unitNames)
        }
        guard let total = parsed.sum(indices.map { Self.units[$0].microseconds }) else {
            throw text.outOfRange("0s...106751991d")
        }
        self = .microseconds(total)
    }

    /// Whole microseconds; what is shorter is left out.
    public var settingText: String {
        let parts = components
        var rest = parts.seconds * 1_000_000 + parts.attoseconds / 1_000_000_000_000
        guard rest > 0 else { return "0s" }
        var text = ""
        for unit in Self.units where rest >= unit.microseconds {
            text += "\(rest / unit.microseconds)\(unit.name)"
            rest %= unit.microseconds
        }
        return text
    }
}
