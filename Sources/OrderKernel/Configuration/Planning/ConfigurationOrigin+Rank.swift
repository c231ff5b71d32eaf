extension ConfigurationOrigin {
    /// A place in the order of layers, then of lines.
    struct Rank: Comparable {
        let layer: Int
        let line: Int
        let column: Int

        static func < (left: Rank, right: Rank) -> Bool {
            (left.layer, left.line, left.column) < (right.layer, right.line, right.column)
        }
    }

    var rank: Rank { Rank(layer: layer.rank, line: line, column: column) }
}

extension ConfigurationOrigin.Layer {
    fileprivate var rank: Int {
        switch self {
        case .standard: -2
        case .environment: -1
        case .file(let index): index
        case .set(let index): 1_000_000 + index
        }
    }
}
