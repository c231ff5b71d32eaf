internal import Glibc
internal import OrderKernel

/// A file that lines are added to, and that is put aside when it has grown large.
struct RotatingFile {
    private let path: String
    private let largest: Int
    private let keep: Int
    private var descriptor: Int32
    private var size: Int

    /// Opens the file behind what it holds.
    /// - Throws: `PluginError` when it cannot be written.
    init(_ path: String, largest: Int, keep: Int) throws(PluginError) {
        self.path = path
        self.largest = largest
        self.keep = keep
        (descriptor, size) = try Self.open(path)
    }

    /// Adds a line, in a file of its own where it does not fit behind the others.
    /// - Throws: ``ExportError`` when not all of it could be written; what was written of it is taken back.
    mutating func append(line: [UInt8]) throws {
        if descriptor < 0 { try reopen() } else if size > 0, size + line.count + 1 > largest { try rotate() }
        var written = 0
        let line = line + [UInt8(ascii: "\n")]
        while written < line.count {
            let count = line.withUnsafeBytes { bytes in
                Glibc.write(descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written)
            }
            if count >= 0 {
                written += count
            } else if errno != EINTR {
                let error = errno
                ftruncate(descriptor, off_t(size))
                throw Self.failure(path, error)
            }
        }
        size += written
    }

    func close() {
        if descriptor >= 0 { Glibc.close(descriptor) }
    }

    private mutating func rotate() throws {
        Glibc.close(descriptor)
        if keep == 0 { unlink(path) }
        for number in stride(from: keep - 1, through: 1, by: -1) {
            rename("\(path).\(number)", "\(path).\(number + 1)")
        }
        if keep > 0 { rename(path, "\(path).1") }
        descriptor = -1  // where it cannot be opened again, the next line tries that alone: nothing more is put aside
        try reopen()
    }

    private mutating func reopen() throws {
        do throws(PluginError) {
            (descriptor, size) = try Self.open(path)
        } catch {
            throw ExportError("file", error.description)
        }
    }

    private static func open(_ path: String) throws(PluginError) -> (Int32, Int) {
        let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw PluginError("cannot write \(path): \(String(cString: strerror(errno)))") }
        return (descriptor, max(0, Int(lseek(descriptor, 0, SEEK_END))))
    }

    private static func failure(_ path: String, _ error: Int32) -> ExportError {
        ExportError(error == ENOSPC ? "disk_full" : "file", "\(path): \(String(cString: strerror(error)))")
    }
}
