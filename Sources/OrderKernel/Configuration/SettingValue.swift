/// A type that one setting may have.
public protocol SettingValue: Sendable {
    /// Stands for a value while settings are described, and where the real one is faulty.
    static var placeholder: Self { get }
}

extension String: SettingValue { public static var placeholder: String { "" } }
extension Int: SettingValue { public static var placeholder: Int { 0 } }
extension Double: SettingValue { public static var placeholder: Double { 0 } }
extension Bool: SettingValue { public static var placeholder: Bool { false } }
extension Duration: SettingValue { public static var placeholder: Duration { .zero } }
extension ByteCount: SettingValue { public static var placeholder: ByteCount { ByteCount(0) } }
extension Secret: SettingValue { public static var placeholder: Secret { Secret("") } }
