internal import BlockingThreads
internal import Glibc
internal import OrderKernel

/// Standard output and standard error of the verbs.
enum Terminal {
    /// Writes a text and a line end to standard output, and says so where that fails, unless its reader has gone.
    static func output(_ text: String) -> ExitStatus {
        if write(text, to: STDOUT_FILENO) { return .done }
        if errno != EPIPE { error("orderd: cannot write standard output: \(SystemError.text(errno))") }
        return .outputFailed
    }

    /// Writes what was asked for, or says that there is no such thing.
    static func answer(_ text: () throws(UnknownName) -> String) -> ExitStatus {
        do throws(UnknownName) {
            return output(try text())
        } catch {
            Self.error("orderd: \(error.description)")
            return .usage
        }
    }

    /// Writes a line to standard error. Nobody can be told where that fails.
    static func error(_ text: String) {
        _ = write(text, to: STDERR_FILENO)
    }

    /// Makes a file, or replaces it, and says so where it cannot.
    static func write(_ text: String, to path: String) -> ExitStatus {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        let isWritten = file >= 0 && write(text, to: file)
        let reason = isWritten ? nil : SystemError.text(errno)
        let isClosed = file < 0 || close(file) == 0
        guard isWritten, isClosed else {
            error("orderd: \(path) cannot be written: \(reason ?? "its file cannot be closed")")
            return .outputFailed
        }
        return .done
    }

    private static func write(_ text: String, to descriptor: Int32) -> Bool {
        var rest = Array((text.hasSuffix("\n") ? text : text + "\n").utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            if count < 0 && errno == EAGAIN {
                // Whoever has lent it does not want to wait: orderd does.
                var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&wanted, 1, -1)
                continue
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
