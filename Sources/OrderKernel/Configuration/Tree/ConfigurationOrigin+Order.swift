extension ConfigurationOrigin: Comparable {
    /// By layer, the lower one first, then by line and column.
    package static func < (left: Self, right: Self) -> Bool {
        if left.layer != right.layer { return left.layer < right.layer }
        return (left.line, left.column) < (right.line, right.column)
    }
}

extension ConfigurationOrigin.Layer: Comparable {
    /// Lower layers come first.
    package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

    private var rank: (Int, Int) {
        switch self {
        case .standard: (0, 0)
        case .environment: (1, 0)
        case .file(let index): (2, index)
        case .set(let index): (3, index)
        }
    }
}

extension ConfigurationOrigin.Layer {
    var isFile: Bool {
        if case .file = self { true } else { false }
    }
}
