/// Where a ``PluginConfiguration`` finds its settings.
public struct Settings {
    /// A setting that has a default.
    public mutating func value<V: SettingValue>(
        _ key: String, default: V, _ summary: String, environment: String? = nil
    ) -> V { `default` }

    /// A setting that has a default and a range.
    public mutating func value<V: SettingValue & Comparable>(
        _ key: String, default: V, _ summary: String, in range: ClosedRange<V>, environment: String? = nil
    ) -> V { `default` }

    /// A setting that the profile must give.
    public mutating func required<V: SettingValue>(
        _ key: String, _ summary: String, environment: String? = nil
    ) -> V { .placeholder }

    /// A setting that the profile must give, within a range.
    public mutating func required<V: SettingValue & Comparable>(
        _ key: String, _ summary: String, in range: ClosedRange<V>, environment: String? = nil
    ) -> V { range.lowerBound }

    /// A setting that may be absent.
    public mutating func optional<V: SettingValue>(
        _ key: String, _ summary: String, environment: String? = nil
    ) -> V? { nil }

    /// A setting that may be absent, within a range where it is given.
    public mutating func optional<V: SettingValue & Comparable>(
        _ key: String, _ summary: String, in range: ClosedRange<V>, environment: String? = nil
    ) -> V? { nil }

    /// A list of values.
    public mutating func list<V: SettingValue>(_ key: String, default: [V], _ summary: String) -> [V] { `default` }

    /// Values by name.
    public mutating func map<V: SettingValue>(
        _ key: String, default: [String: V], _ summary: String
    ) -> [String: V] { `default` }

    /// A rule across settings. `holds` is not asked while describing, nor when one of the named settings is faulty.
    public mutating func check(_ keys: String..., holds: @autoclosure () -> Bool, _ message: String) {}

    /// Says what this instance needs for itself alone, and which setting says so.
    public mutating func needs(_ resource: ExclusiveResource, for key: String) {}
}
