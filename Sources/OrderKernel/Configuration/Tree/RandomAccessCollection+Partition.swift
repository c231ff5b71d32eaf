extension RandomAccessCollection {
    /// Where the elements begin that meet a condition, found by halves; the end where none does.
    /// - Parameter isBehind: Holds for no element, or for one and for all behind it.
    func partitioningIndex(where isBehind: (Element) -> Bool) -> Index {
        var rest = self[...]
        while !rest.isEmpty {
            let middle = rest.index(rest.startIndex, offsetBy: rest.count / 2)
            rest = isBehind(rest[middle]) ? rest[..<middle] : rest[rest.index(after: middle)...]
        }
        return rest.startIndex
    }
}
