import Glibc
import OrderKernel

/// The file that results are written to.
struct LineOutput: Sendable {
    private let descriptor: Int32
    private let path: String
    /// Bytes that may be written at once without blocking for good: all to a file, else what POSIX promises after
    /// `poll(2)` said that there is room.
    private let stride: Int

    /// - Throws: ``PluginError`` when the file cannot be opened.
    init(path: String) throws {
        self.path = path
        descriptor =
            path == "-" ? STDOUT_FILENO : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw PluginError("cannot write \(path): \(SystemError.text(errno))") }
        var status = stat()
        let isFile = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        stride = isFile ? Int.max : Int(PIPE_BUF)
    }

    /// Writes all bytes, unless woken.
    /// - Returns: Whether all bytes were written; `false` means woken.
    /// - Throws: ``PluginError`` when the file cannot be written: its reader is gone, the disk is full.
    func write(_ bytes: [UInt8], unless wakeUp: WakeUp) throws(PluginError) -> Bool {
        var written = 0
        while written < bytes.count {
            guard wakeUp.wait(for: descriptor, POLLOUT) else { return false }
            let length = bytes.withUnsafeBytes { bytes in
                let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
                return Glibc.write(descriptor, rest.baseAddress, min(rest.count, stride))
            }
            if length >= 0 {
                written += length
            } else if errno != EINTR && errno != EAGAIN {
                throw PluginError("cannot write \(path): \(SystemError.text(errno))")
            }
        }
        return true
    }

    /// Has the calling thread get an error where the system would send `SIGPIPE`.
    static func blockPipeSignal() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    func close() {
        if descriptor != STDOUT_FILENO { Glibc.close(descriptor) }
    }
}
