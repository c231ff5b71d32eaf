import Foundation

/// What `strace` saw of a process: whether answers left before the write-ahead log was synchronised.
///
/// Exact only where one write is asked for at a time: otherwise the next batch may be written while the answers of the
/// one before still leave.
struct SystemCallLog {
    /// Calls that wrote an answer.
    private(set) var answers = 0
    /// Of these, the ones that began while something written to the write-ahead log was not synchronised.
    private(set) var unsynchronised: [String] = []

    /// The command that writes such a log.
    static func strace(into file: URL) -> [String] {
        [
            "strace", "-f", "-y", "-s", "64", "-o", file.path, "-e",
            "trace=pwrite64,fdatasync,fsync,write,writev,sendto,sendmsg",
        ]
    }

    /// - Parameter answer: Text that begins every answer that acknowledges an order.
    init(_ file: URL, answer: String) throws {
        var isDirty = false
        var synchronising = Set<Substring>()
        for line in String(decoding: try Data(contentsOf: file), as: UTF8.self).split(separator: "\n") {
            let thread = line.prefix { $0 != " " }
            let isOfLog = line.contains("-wal>")
            if line.contains(" pwrite64("), isOfLog { isDirty = true }
            if line.contains("fdatasync(") || line.contains("fsync("), isOfLog {
                if line.contains("unfinished") { synchronising.insert(thread) } else { isDirty = false }
            }
            if line.contains("sync resumed>"), synchronising.remove(thread) != nil { isDirty = false }
            if line.contains(answer), !line.contains("-wal>") {
                answers += 1
                if isDirty { unsynchronised.append(String(line)) }
            }
        }
    }
}
