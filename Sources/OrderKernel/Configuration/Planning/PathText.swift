internal import Glibc

/// Paths as they are compared. Nothing is opened.
enum PathText {
    /// A path, and each that it lies below: `/a/b/` lies below `/a/b` and `/a`.
    static func withAncestors(_ path: String) -> [String] {
        let segments = path.split(separator: "/")
        return segments.indices.map { "/" + segments[...$0].joined(separator: "/") }
    }

    /// A path without what leads nowhere: `./a`, `.//a` and `b/../a` are `a`.
    ///
    /// Where `..` follows a link, it leads away from where the link does; any other link is a name as all are.
    /// - Parameter directory: Where relative paths start; where it is not known, their `..` stay.
    static func shortened(_ path: String, in directory: String) -> String {
        let isWhole = path.first == "/" || directory.isEmpty
        let segments = (isWhole ? path : "\(directory)/\(path)").split(separator: "/").filter { $0 != "." }
        guard path.first == "/" || !directory.isEmpty else { return segments.joined(separator: "/") }
        return segments.reduce(into: "") { path, segment in
            path = segment == ".." ? parent(of: path) : "\(path)/\(segment)"
        }
    }

    private static func parent(of directory: String) -> String {
        let path = linkedPath(directory) ?? directory
        return String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    }

    /// Where a link leads, whatever else is a link on the way; `nil` for what is none, or leads nowhere.
    private static func linkedPath(_ path: String) -> String? {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK, let end = realpath(path, nil) else {
            return nil
        }
        defer { free(end) }
        return String(cString: end)
    }
}
