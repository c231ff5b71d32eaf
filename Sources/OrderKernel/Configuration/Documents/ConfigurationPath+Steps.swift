extension ConfigurationPath {
    /// One step of a dotted path.
    enum Step: Equatable {
        case key(String)
        case element(Int)
    }

    /// The steps of `middleware[0].rate_limit`; what stands in brackets that hold no number belongs to the key.
    static func steps(_ path: String) -> [Step] {
        path.split(separator: ".", omittingEmptySubsequences: false).flatMap { part -> [Step] in
            guard part.hasSuffix("]"), let open = part.lastIndex(of: "["),
                let index = Int(part[part.index(after: open)...].dropLast())
            else { return [.key(String(part))] }
            return [.key(String(part[..<open])), .element(index)]
        }
    }
}
