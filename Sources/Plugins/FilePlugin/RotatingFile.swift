internal import BlockingThreads
internal import Glibc
internal import OrderKernel

/// A file that lines are added to, and that is put aside when it has grown large.
///
/// Others may add to it, cut it or move it away meanwhile: what there is, is looked at before each line. A pipe that
/// nobody reads holds nothing up: its lines are lost.
struct RotatingFile {
    /// How long a pipe may take nothing, in milliseconds, before the line is given up.
    private static let patience: Int32 = 250
    /// How long a pipe may take for a line.
    private static let longPatience = Duration.seconds(5)

    private let path: String
    private let largest: Int
    private let keep: Int
    /// Negative while it could not be opened.
    private var descriptor: Int32
    /// Whether a pipe holds a line's beginning alone.
    private var isTorn = false

    /// Opens the file behind what it holds.
    /// - Throws: `PluginError` when it cannot be written.
    init(_ path: String, largest: Int, keep: Int) throws(PluginError) {
        self.path = path
        self.largest = largest
        self.keep = keep
        descriptor = try Self.open(path) ?? -1
    }

    /// Adds a line, in a file of its own where it does not fit behind the others.
    /// - Throws: ``ExportError`` when not all of it could be written; what was written of it is taken back.
    mutating func append(line: [UInt8]) throws {
        if descriptor < 0 || hasMoved { try reopen() }
        let line = line + [UInt8(ascii: "\n")]
        if end > 0, line.count > largest - end, isPlain { try rotate() }
        try write(isTorn ? [UInt8(ascii: "\n")] + line : line)
        isTorn = false
    }

    func close() {
        if descriptor >= 0 { Glibc.close(descriptor) }
    }

    private mutating func write(_ line: [UInt8]) throws {
        let start = end
        let deadline = Instant.now + Self.longPatience
        var written = 0
        while written < line.count {
            let count = line.withUnsafeBytes { bytes in
                Glibc.write(descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written)
            }
            if count >= 0 {
                written += count
            } else if errno != EINTR, errno != EAGAIN || .now >= deadline || !waitForRoom() {
                let error = errno
                if written > 0 { takeBack(written, from: start) }
                throw failure(error)
            }
        }
    }

    /// Removes what was written of a line, where that is possible: what somebody else has added behind it stays.
    private mutating func takeBack(_ written: Int, from start: Int) {
        let canSeek = lseek(descriptor, 0, SEEK_CUR) >= 0
        isTorn = !canSeek || end == start + written && ftruncate(descriptor, off_t(start)) != 0
    }

    /// - Returns: Whether somebody reads; if not, `errno` stays as it was.
    private func waitForRoom() -> Bool {
        var room = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        defer { errno = EAGAIN }
        return poll(&room, 1, Self.patience) > 0
    }

    /// Bytes that it holds; zero for what is no file, such as a pipe.
    private var end: Int { Self.end(of: descriptor) }

    private static func end(of descriptor: Int32) -> Int { max(0, Int(lseek(descriptor, 0, SEEK_END))) }

    /// Whether there is another file under the name, or none.
    private var hasMoved: Bool {
        var (open, named) = (stat(), stat())
        guard stat(path, &named) == 0 else { return errno == ENOENT }
        return fstat(descriptor, &open) == 0 && (open.st_dev, open.st_ino) != (named.st_dev, named.st_ino)
    }

    /// Whether the name is a file's own: a link, as `/dev/stdout` is one, is somebody else's.
    private var isPlain: Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    private mutating func rotate() throws {
        if keep == 0, unlink(path) != 0, errno != ENOENT { throw failure(errno) }
        for number in stride(from: keep, through: 1, by: -1) {
            guard rename(number == 1 ? path : "\(path).\(number - 1)", "\(path).\(number)") != 0 else { continue }
            guard errno == ENOENT else { throw failure(errno, "cannot be put aside as \(path).\(number): ") }
        }
        try reopen()
    }

    private mutating func reopen() throws {
        close()
        descriptor = -1
        let opened: Int32?
        do throws(PluginError) {
            opened = try Self.open(path)
        } catch {
            throw ExportError("file", error.description)
        }
        guard let opened else { throw failure(EAGAIN) }
        descriptor = opened
        isTorn = false
    }

    /// - Returns: `nil` for a named pipe that nobody reads yet.
    private static func open(_ path: String) throws(PluginError) -> Int32? {
        let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0o644)
        if descriptor < 0, errno == ENXIO, isNamedPipe(path) { return nil }
        guard descriptor >= 0 else { throw PluginError("cannot write \(path): \(SystemError.text(errno))") }
        endLine(of: descriptor, path)
        return descriptor
    }

    /// Ends a line that was cut off when the file was last written, so that the next one stands alone.
    private static func endLine(of descriptor: Int32, _ path: String) {
        let end = end(of: descriptor)
        guard end > 0 else { return }
        let reader = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        defer { Glibc.close(reader) }
        var last: UInt8 = 0
        if pread(reader, &last, 1, off_t(end - 1)) == 1, last != UInt8(ascii: "\n") { Glibc.write(descriptor, "\n", 1) }
    }

    private static func isNamedPipe(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO
    }

    private func failure(_ error: Int32, _ words: String = "") -> ExportError {
        if error == EAGAIN { return ExportError("no_reader", "\(path): nobody reads it") }
        return ExportError(
            error == ENOSPC ? "disk_full" : "file", "\(path): \(words)\(SystemError.text(error))")
    }
}
