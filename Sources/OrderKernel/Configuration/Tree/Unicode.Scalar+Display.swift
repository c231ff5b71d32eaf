extension Unicode.Scalar {
    /// Whether a terminal shows it, and shows nothing else because of it: no control, no format or bidirectional
    /// character, no line or paragraph end, and no space but the usual one.
    var isVisible: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: false
        case .spaceSeparator: self == " "
        default: true
        }
    }

    /// Its number as Unicode writes it: `U+001B`.
    var codePoint: String {
        let digits = String(value, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    /// How many columns a terminal gives it: 0 for marks that join the character before, 2 for East Asian wide
    /// characters and emoji, 1 otherwise (Unicode Standard Annex 11, in coarse ranges).
    var displayWidth: Int {
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return 0
        default: break
        }
        return switch value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF,
            0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF,
            0x1F900...0x1FAFF, 0x20000...0x3FFFD:
            2
        default: 1
        }
    }
}
