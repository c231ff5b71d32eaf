import BlockingThreads
import Glibc
import OrderKernel

/// The file that results are written to.
struct LineOutput: Sendable {
    private let descriptor: Int32
    /// As messages call it.
    private let name: String
    /// Bytes that may be written at once without blocking for good: all to a file, else what POSIX promises after
    /// `poll(2)` said that there is room.
    private let stride: Int
    /// Whether it is a file of its own, which holds the results of one run.
    private let isOwnFile: Bool
    /// Whether it could be found when it was opened.
    private let hadPlace: Bool

    /// Opens the file, once somebody reads it where it is a named pipe.
    /// - Throws: ``PluginError`` when the file cannot be opened, is the input or another run's, `CancellationError`.
    static func open(_ path: String, besides input: LineInput, time: any TimeSource) async throws -> LineOutput {
        if let stream = standardStream(path) { return try LineOutput(stream, path: path, besides: input) }
        while true {
            let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o666)
            if descriptor >= 0 { return try LineOutput(descriptor, path: path, besides: input) }
            guard errno == ENXIO, FileStatus(ofFileAt: path)?.isNamedPipe == true else {
                throw PluginError("cannot write \(path): \(SystemError.text(errno))")
            }
            try await time.sleep(for: .milliseconds(50))
        }
    }

    /// The number of standard output or error, where a path leads to it: opened once more, a file behind it would be
    /// written from its beginning.
    private static func standardStream(_ path: String) -> Int32? {
        if path == "-" { return STDOUT_FILENO }
        guard path.hasPrefix("/dev/") || path.hasPrefix("/proc/"), let status = FileStatus(ofFileAt: path) else {
            return nil
        }
        return [STDOUT_FILENO, STDERR_FILENO].first { FileStatus(of: $0) == status }
    }

    private init(_ descriptor: Int32, path: String, besides input: LineInput) throws(PluginError) {
        let status = FileStatus(of: descriptor)
        self.descriptor = descriptor
        name = descriptor == STDOUT_FILENO ? "standard output" : path
        let isFile = status?.isFile == true
        stride = isFile ? Int.max : Int(PIPE_BUF)
        isOwnFile = isFile && descriptor > STDERR_FILENO
        hadPlace = status?.hasPlace == true
        let fault: String? =
            if isFile, status == input.status {
                "it is the input too"
            } else if isOwnFile, !lock() {
                "another run writes its results there"
            } else {
                nil
            }
        guard let fault else { return }
        if descriptor > STDERR_FILENO { Glibc.close(descriptor) }
        throw PluginError("cannot write \(name): \(fault)")
    }

    /// `F_OFD_SETLK` of Linux's `fcntl(2)`, which glibc has for GNU sources only.
    private static let lockOfDescription: Int32 = 37

    /// Keeps other runs from the file, until it is closed. Other programs' locks are theirs alone: whoever runs this
    /// under one has taken it with `flock(2)`.
    /// - Returns: Whether no other run has it.
    private func lock() -> Bool {
        var lock = Glibc.flock()
        lock.l_type = Int16(F_WRLCK)
        return fcntl(descriptor, Self.lockOfDescription, &lock) == 0 || (errno != EAGAIN && errno != EACCES)
    }

    /// Why results that were written are lost, or will be; `nil` where they are not.
    var fault: PluginError? {
        guard isOwnFile, let status = FileStatus(of: descriptor) else { return nil }
        if hadPlace, !status.hasPlace { return PluginError("cannot write \(name): the file was removed") }
        let isShortened = lseek(descriptor, 0, SEEK_CUR) > status.size
        return isShortened ? PluginError("cannot write \(name): it became shorter meanwhile") : nil
    }

    /// Whether nothing was written to it yet.
    var isUntouched: Bool { isOwnFile && lseek(descriptor, 0, SEEK_CUR) == 0 }

    /// `false` for a standard stream that was closed, or opened for reading, when the process was started.
    var isOpenForWriting: Bool { fcntl(descriptor, F_GETFL) & O_ACCMODE != O_RDONLY }

    /// Empties the file. Not before there is something to write, or the input has ended without a line: a run that is
    /// stopped before leaves the results of another.
    func empty() {
        if isOwnFile { ftruncate(descriptor, 0) }
    }

    /// Writes all bytes, unless woken while nobody takes them.
    /// - Parameter written: How many bytes were written.
    /// - Throws: ``PluginError`` when the file cannot be written: its reader is gone or does not read, the disk is
    ///   full.
    func write(_ bytes: [UInt8], unless wakeUp: WakeUp, written: inout Int) throws(PluginError) {
        if let fault { throw fault }
        while written < bytes.count {
            guard wakeUp.wait(for: descriptor, POLLOUT, patience: 200) else {
                throw PluginError("cannot write \(name): nobody reads it")
            }
            let length = bytes.withUnsafeBytes { bytes in
                let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
                return Glibc.write(descriptor, rest.baseAddress, min(rest.count, stride))
            }
            if length >= 0 {
                written += length
            } else if errno != EINTR && errno != EAGAIN {
                throw PluginError("cannot write \(name): \(SystemError.text(errno))")
            }
        }
    }

    /// Has the calling thread get an error where the system would send `SIGPIPE`.
    static func blockPipeSignal() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    /// Ends the file, for its reader too.
    /// - Throws: ``PluginError`` when not all that was written has arrived: some file systems say so at the end only.
    func close() throws(PluginError) {
        if descriptor == STDERR_FILENO { return }
        if descriptor == STDOUT_FILENO { return endStandardOutput() }
        if Glibc.close(descriptor) != 0 { throw PluginError("cannot write \(name): \(SystemError.text(errno))") }
    }

    /// Has the number of standard output lead nowhere: no other file may get it.
    private func endStandardOutput() {
        let nothing = Glibc.open("/dev/null", O_WRONLY | O_CLOEXEC)
        guard nothing >= 0 else { return }
        dup2(nothing, descriptor)
        Glibc.close(nothing)
    }
}
