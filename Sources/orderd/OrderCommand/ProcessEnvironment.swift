// `environ` is a variable that any thread could change: it is read before there are others.
@preconcurrency internal import Glibc

/// The environment that the process was started with.
enum ProcessEnvironment {
    /// Every variable that is UTF-8 text, by name. Read before anything else runs that could change it.
    static func variables() -> [String: String] { entries { String(validatingCString: $0) } }

    /// Names of the others.
    static func unreadable() -> Set<String> {
        Set(entries { String(validatingCString: $0) == nil ? String(cString: $0) : nil }.keys)
    }

    private static func entries(_ text: (UnsafePointer<CChar>) -> String?) -> [String: String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let pointer = entry.pointee {
            let parts = text(pointer)?.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false) ?? []
            if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
            entry += 1
        }
        return variables
    }

    /// The directory that relative paths start in; empty where it is gone.
    static var directory: String {
        guard let path = getcwd(nil, 0) else { return "" }
        defer { free(path) }
        return String(cString: path)
    }
}
