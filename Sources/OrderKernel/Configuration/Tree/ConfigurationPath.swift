/// Dotted paths: `transport.http/admin.port`, `middleware[0].rate_limit`.
package enum ConfigurationPath {
    /// The path of a key in the map at a path; the empty path is the whole profile.
    ///
    /// An empty key is written as `""`, so that it can be seen.
    package static func key(_ key: String, in path: String) -> String {
        let step = key.isEmpty ? "\"\"" : key
        return path.isEmpty ? step : "\(path).\(step)"
    }

    /// The path of an element of the list at a path; the first is 0.
    package static func element(_ index: Int, in path: String) -> String {
        "\(path)[\(index)]"
    }

    /// One step of a path.
    package enum Step: Sendable, Hashable {
        case key(String)
        case element(Int)
    }

    /// The steps of `middleware[0].rate_limit`; what stands in brackets that hold no number belongs to the key.
    package static func steps(_ path: String) -> [Step] {
        path.split(separator: ".", omittingEmptySubsequences: false).flatMap { part -> [Step] in
            var key = part
            var elements: [Step] = []
            while key.hasSuffix("]"), let open = key.lastIndex(of: "["),
                let index = Int(key[key.index(after: open)...].dropLast())
            {
                elements.append(.element(index))
                key = key[..<open]
            }
            return [.key(String(key))] + elements.reversed()
        }
    }
}

extension Sequence<ConfigurationPath.Step> {
    /// The dotted path of all steps.
    package var text: String { text(below: "") }

    /// The dotted path of all steps from another path on.
    func text(below path: String) -> String {
        reduce(path) { path, step in
            switch step {
            case .key(let key): ConfigurationPath.key(key, in: path)
            case .element(let index): ConfigurationPath.element(index, in: path)
            }
        }
    }
}
