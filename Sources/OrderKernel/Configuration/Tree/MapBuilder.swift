/// Gathers the entries of one map in the order they stand, with its `<<`.
struct MapBuilder {
    private(set) var entries: [ConfigurationNode.Entry] = []
    private var indices: [String: Int] = [:]
    private var merges: ConfigurationNode.Entry?

    /// Adds an entry; of two with the same key, the later stays.
    /// - Returns: Where the key stood before, if it did.
    mutating func add(_ entry: ConfigurationNode.Entry, isMerge: Bool) -> ConfigurationOrigin? {
        if isMerge {
            defer { merges = entry }
            return merges?.keyOrigin
        }
        guard let index = indices[entry.key] else {
            indices[entry.key] = entries.count
            entries.append(entry)
            return nil
        }
        var earlier = entries[index]
        entries[index] = entry
        // What the earlier says is checked as what a lower layer says.
        swap(&entries[index].value.overridden, &earlier.value.overridden)
        entries[index].value.overridden.append(earlier.value)
        return earlier.keyOrigin
    }

    /// Adds what `<<` brings: keys that the map does not have itself; of several maps, the first wins.
    /// - Returns: Where the `<<` stands whose value is neither a map nor a list of maps.
    mutating func merge() -> ConfigurationOrigin? {
        guard let merges else { return nil }
        let maps = if case .list(let elements) = merges.value.content { elements } else { [merges.value] }
        for map in maps {
            guard case .map(let others) = map.content else { return merges.value.origin }
            for entry in others where indices[entry.key] == nil {
                indices[entry.key] = entries.count
                entries.append(entry)
            }
        }
        return nil
    }
}
