internal import Glibc

/// The descriptors of this process, as Linux lists them.
enum OpenFiles {
    static var count: Int { paths.count }

    static var paths: [String] {
        entries(of: "/proc/self/fd").compactMap { number in
            var target = [CChar](repeating: 0, count: 4_096)
            guard readlink("/proc/self/fd/\(number)", &target, target.count - 1) >= 0 else { return nil }
            return String(decoding: target.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
    }

    /// Names of the files in a folder.
    fileprivate static func entries(of folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }
}

/// Lends an empty folder, and removes it with the files in it.
func withFolder<Value>(_ purpose: String, _ body: (String) async throws -> Value) async throws -> Value {
    var name = Array("/tmp/\(purpose)-XXXXXX".utf8CString)
    guard let folder = mkdtemp(&name).map({ String(cString: $0) }) else { throw FolderError(code: errno) }
    defer {
        for file in OpenFiles.entries(of: folder) { unlink("\(folder)/\(file)") }
        rmdir(folder)
    }
    return try await body(folder)
}

/// A test has no folder to work in.
private struct FolderError: Error {
    let code: Int32
}
