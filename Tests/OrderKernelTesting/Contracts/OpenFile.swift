internal import Glibc

/// A descriptor of this process, as Linux lists it.
struct OpenFile: Hashable {
    let descriptor: String
    /// Path of the file, or `socket:[4711]`.
    let target: String

    /// What descriptors of the same use have in common: the path, or `socket`.
    private var kind: Substring {
        target.hasPrefix("socket:") || target.hasPrefix("pipe:") ? target.prefix { $0 != ":" } : target[...]
    }

    static var all: Set<OpenFile> {
        Set(
            names(in: "/proc/self/fd").compactMap { number in
                var target = [CChar](repeating: 0, count: 4_096)
                guard readlink("/proc/self/fd/\(number)", &target, target.count - 1) >= 0 else { return nil }
                let bytes = target.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
                return OpenFile(descriptor: number, target: String(decoding: bytes, as: UTF8.self))
            })
    }

    /// Does something in rounds, and looks for descriptors of one kind that each time of each round left open for good.
    static func left(byRepeating work: () async throws -> Void) async rethrows -> String? {
        let times = 8
        var opened: [Set<OpenFile>] = []
        for _ in 0..<6 {
            let before = all
            for _ in 0..<times { try await work() }
            opened.append(all.subtracting(before))
        }
        let now = all
        let left = opened.map { round in
            let kinds = Dictionary(grouping: round.intersection(now), by: \.kind)
            return Set(kinds.filter { $0.value.count >= times }.keys)
        }
        return left.dropFirst().reduce(left[0]) { $0.intersection($1) }.first.map(String.init)
    }
}

/// Names of the files in a folder.
func names(in folder: String) -> [String] {
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

/// Removes a file, or a folder with all that is in it; follows no link.
private func remove(_ path: String) {
    guard unlink(path) != 0, errno == EISDIR || errno == EPERM else { return }
    for name in names(in: path) { remove("\(path)/\(name)") }
    rmdir(path)
}

/// Lends an empty folder, and removes it with all that is in it.
func withFolder<Value>(_ purpose: String, _ body: (String) async throws -> Value) async throws -> Value {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var name = Array("\(parent)/\(purpose)-XXXXXX".utf8CString)
    guard let folder = mkdtemp(&name).map({ String(cString: $0) }) else { throw FolderError(code: errno) }
    defer { remove(folder) }
    return try await body(folder)
}

/// A test has no folder to work in.
private struct FolderError: Error {
    let code: Int32
}
