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
}

/// One step of a path.
enum PathPart {
    case key(String)
    case element(Int)
}

extension [PathPart] {
    /// The dotted path of all steps.
    var text: String {
        reduce(into: "") { path, part in
            switch part {
            case .key(let key): path = ConfigurationPath.key(key, in: path)
            case .element(let index): path = ConfigurationPath.element(index, in: path)
            }
        }
    }
}
