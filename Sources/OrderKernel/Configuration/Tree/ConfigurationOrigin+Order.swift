extension ConfigurationOrigin: Comparable {
    /// By layer, the lower one first, then by line and column.
    package static func < (left: Self, right: Self) -> Bool {
        if left.layer != right.layer { return left.layer < right.layer }
        return (left.line, left.column) < (right.line, right.column)
    }
}
