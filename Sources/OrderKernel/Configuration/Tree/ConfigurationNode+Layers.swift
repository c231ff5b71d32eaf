extension ConfigurationNode {
    /// This node with a higher layer over it: maps merge, also past a `null` between them, anything else replaces.
    func merged(under upper: ConfigurationNode) -> ConfigurationNode {
        var merged = upper
        if case .map(let above) = upper.content, case .map(let below) = asSection.content {
            merged.content = .map(Self.merge(below, under: above))
            merged.overridden += isNull ? withLower : overridden
        } else {
            merged.overridden += withLower
        }
        return merged
    }

    /// The node without what it overrode, and then that.
    private var withLower: [ConfigurationNode] {
        var alone = self
        alone.overridden = []
        return [alone] + overridden
    }

    private static func merge(_ below: [Entry], under above: [Entry]) -> [Entry] {
        var entries = below
        var indices: [String: Int] = [:]
        for (index, entry) in below.enumerated() { indices[entry.key] = index }
        for upper in above {
            guard let index = indices[upper.key] else {
                entries.append(upper)
                continue
            }
            let lower = entries[index]
            entries[index].keyOrigin = upper.keyOrigin
            entries[index].lowerKeyOrigins = [lower.keyOrigin] + lower.lowerKeyOrigins
            entries[index].value = lower.value.merged(under: upper.value)
        }
        return entries
    }
}
