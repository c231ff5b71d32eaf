import Foundation
import Testing

/// What `strace` saw of a process: whether answers left before the orders in them were synchronised to the disk.
struct SystemCallLog {
    /// Orders that were answered.
    let answers: Int
    /// The customers of those that were not safe by then.
    let unsynchronised: [Substring]

    static let isPossible = FileManager.default.isExecutableFile(atPath: "/usr/bin/strace")

    /// Whether a program that runs already can be looked at.
    static let canAttach =
        isPossible
        && (geteuid() == 0
            || (try? String(contentsOfFile: "/proc/sys/kernel/yama/ptrace_scope", encoding: .utf8)) == "0\n")

    /// The command that writes such a log.
    static func strace(into file: URL) -> [String] {
        [
            "strace", "-f", "-y", "-s", "1000000", "-o", file.path, "-e",
            "trace=pwrite64,fdatasync,fsync,write,writev,sendto,sendmsg",
        ]
    }

    init(_ file: URL, in folder: ServiceFolder) async throws {
        let (output, code) = try await folder.client("synchronised.py", file.path)
        try #require(code == 0)
        var lines = output.split(separator: "\n")
        answers = try #require(Int(lines.removeFirst()))
        unsynchronised = lines
    }
}
