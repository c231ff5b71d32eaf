import BlockingThreads
import Glibc
import OrderKernel

/// The file that lines are read from.
struct LineInput: Sendable {
    private let descriptor: Int32
    /// As messages call it.
    private let name: String
    /// Bytes that it had when it was opened; 0 where that is not known, as of files that the system makes up.
    private let size: Int
    /// Bytes that are read at once.
    private static let pieceSize = 64 << 10

    /// Does not wait for the writer of a named pipe: ``wait(_:)`` does, and can be woken.
    /// - Throws: ``PluginError`` when the file cannot be opened.
    init(path: String) throws {
        name = path == "-" ? "standard input" : path
        descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw PluginError("cannot read \(name): \(SystemError.text(errno))") }
        size = FileStatus(of: descriptor).flatMap { $0.isFile ? $0.size : nil } ?? 0
    }

    var status: FileStatus? { FileStatus(of: descriptor) }

    /// Reads what there is, at most one piece; empty at the end, `nil` when there is nothing yet.
    /// - Throws: ``PluginError`` when the file cannot be read.
    func read() throws(PluginError) -> [UInt8]? {
        var code: Int32 = 0
        let piece = [UInt8](unsafeUninitializedCapacity: Self.pieceSize) { buffer, count in
            var length = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            while length < 0, errno == EINTR { length = Glibc.read(descriptor, buffer.baseAddress, buffer.count) }
            code = length < 0 ? errno : 0
            count = max(length, 0)
        }
        if code == EAGAIN { return nil }
        guard code == 0 else {
            throw PluginError("cannot read \(name): \(code == EBADF ? "it is closed" : SystemError.text(code))")
        }
        if piece.isEmpty, isShortened { throw PluginError("cannot read \(name): it became shorter meanwhile") }
        return piece
    }

    /// Whether it is a file that has lost bytes since it was opened.
    private var isShortened: Bool {
        guard size > 0, let status else { return false }
        return status.size < max(size, Int(lseek(descriptor, 0, SEEK_CUR)))
    }

    /// Waits until there is something to read, or an end or error to be told.
    /// - Returns: `false` when woken instead.
    func wait(_ wakeUp: WakeUp) -> Bool { wakeUp.wait(for: descriptor, POLLIN) }

    func close() {
        if descriptor != STDIN_FILENO { Glibc.close(descriptor) }
    }
}
