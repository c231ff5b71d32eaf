/// Records that are handed to an exporter together.
struct ExportBatch<Item: Recorded>: Sendable {
    private var items: [Item] = []
    /// Where the items' attributes are: they are made by one thread and given up by another, which would be slow with
    /// memory of their own.
    private var attributes: [UInt8] = []
    /// Bytes that all of it holds in memory, roughly.
    private(set) var size = 0

    private static var usualSize: Int { 384 }
    private static var usualCount: Int { 1_024 }

    var count: Int { items.count }

    /// - Parameters:
    ///   - item: Is taken out.
    ///   - most: How many items there will be.
    mutating func append(_ item: inout Item?, of size: Int, most: Int) {
        guard var item = item.take() else { return }
        if items.isEmpty {
            items.reserveCapacity(min(most, Self.usualCount))
            attributes.reserveCapacity(min(most, Self.usualCount) * Self.usualSize)
        }
        item.attributes.move(to: &attributes)
        items.append(consume item)
        self.size += size
    }

    /// The items, to be exported; none are left here.
    mutating func take(within limits: RecordLimits) -> [Item] {
        var taken: [Item] = []
        swap(&taken, &items)
        for index in taken.indices {
            taken[index].attributes.find(in: attributes)
            taken[index].limit(to: limits)
        }
        return taken
    }

    /// Takes back what was exported, for its memory.
    mutating func empty(_ exported: consuming [Item]) {
        let isUsual = attributes.capacity <= 2 * Self.usualCount * Self.usualSize
        exported.removeAll(keepingCapacity: isUsual)
        items = exported
        attributes.removeAll(keepingCapacity: isUsual)
        size = 0
    }
}
