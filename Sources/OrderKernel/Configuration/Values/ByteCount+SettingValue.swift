extension ByteCount: SettingValue {
    public static var form: SettingForm { .size }
    public static var placeholder: ByteCount { ByteCount(0) }
    public static var alternative: ByteCount { .gibibytes(1) }

    /// Units, the largest first.
    private static let units: [(name: String, bytes: Int64)] = [
        ("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10),
        ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1_000), ("kB", 1_000), ("B", 1),
    ]

    /// Units by what they are also called: a letter alone means the binary one, as it mostly does.
    private static let unitNames: [String: String] = {
        let pairs = ["K", "M", "G", "T"].flatMap { letter in
            ["", "i", "ib", "b"].map { ((letter + $0).lowercased(), letter + ($0 == "b" ? "B" : "iB")) }
        }
        return Dictionary(uniqueKeysWithValues: pairs + [("b", "B"), ("byte", "B"), ("bytes", "B")])
    }()

    /// Reads one amount with its unit.
    public init(reading text: SettingText) throws(SettingFault) {
        let names = "B, KB, MB, GB, TB, KiB, MiB, GiB, TiB"
        guard let parsed = UnitText(text.text), parsed.parts.count == 1 else {
            throw text.mistyped("write it like 512B, 64KiB or 1MB", of: Self.self, units: Self.unitNames)
        }
        if let number = parsed.bareNumber {
            throw text.lacksUnit(number < 4_096 ? ["KiB", "MiB", "B"] : ["B", "KiB", "MiB"], of: Self.self)
        }
        guard let unit = Self.units.first(where: { $0.name == parsed.parts[0].unit }) else {
            throw text.mistyped("its unit is one of \(names)", of: Self.self, units: Self.unitNames)
        }
        guard let bytes = parsed.sum([unit.bytes]) else { throw text.outOfRange("0B...8388607TiB") }
        self.init(Int(bytes))
    }

    /// In the largest unit that divides the number.
    public var settingText: String {
        let unit = Self.units.first { bytes != 0 && Int64(bytes) % $0.bytes == 0 }
        return "\(Int64(bytes) / (unit?.bytes ?? 1))\(unit?.name ?? "B")"
    }
}
