internal import Glibc
package import Logging
internal import Synchronization

/// Where log lines go: standard error, or another descriptor in tests.
package final class LogOutput: Sendable {
    let level: Logger.Level
    let time: any TimeSource
    private let style: LogLine.Style
    private let descriptor: Int32
    private let state = Mutex(State())  // protects that lines come whole, one after another, and what is untold
    private let lost = Atomic(0)
    private let kind: Kind
    /// How long a line waits for somebody to read, in milliseconds; what comes behind it does not, until then.
    private static let patience: Int32 = 250

    private enum Kind {
        /// Whoever writes never waits for a reader.
        case file
        /// A pipe or a terminal: POSIX promises room for `PIPE_BUF` bytes once there is some.
        case pipe
        case socket
    }

    private struct State {
        /// Lines that were lost since the last that was written.
        var untold = 0
        /// Whether the last line was cut.
        var isCut = false
    }

    /// - Parameters:
    ///   - allowsColour: Whether the operator's environment is without `NO_COLOR`; only a terminal has colours.
    ///   - descriptor: Stays open as long as the output, and belongs to the caller.
    package init(
        _ settings: LoggingSettings, allowsColour: Bool, time: any TimeSource = SystemTime(),
        descriptor: Int32 = STDERR_FILENO
    ) {
        self.level = settings.level
        self.time = time
        self.descriptor = descriptor
        var status = stat()
        let isKnown = fstat(descriptor, &status) == 0
        let isTerminal = isatty(descriptor) == 1
        let type = isKnown ? status.st_mode & S_IFMT : 0
        kind = type == S_IFSOCK ? .socket : isTerminal || type == S_IFIFO ? .pipe : .file
        let isText = settings.format == .auto ? isTerminal : settings.format == .text
        self.style = !isText ? .json : isTerminal && allowsColour ? .colouredText : .text
    }

    /// Makes a logger that writes here.
    /// - Parameter telemetry: Given each record for its exporters; `nil` for the loggers of exporters themselves, so
    ///   that what they say of their own work makes none.
    package func logger(_ label: String, telemetry: Telemetry?) -> Logger {
        Logger(label: label) { self.handler($0, telemetry: telemetry) }
    }

    /// What stands behind such a logger.
    package func handler(_ label: String, telemetry: Telemetry?) -> any LogHandler {
        LineLogHandler(label: label, output: self, telemetry: telemetry)
    }

    func isEnabled(_ level: Logger.Level) -> Bool { level >= self.level }

    func line(_ level: Logger.Level, logger: String, message: String) -> LogLine {
        LogLine(style, level: level, logger: logger, message: message, at: time.date)
    }

    /// Writes one line. Where nobody reads, it is lost after a moment, and those behind it at once: no request waits
    /// for a log. The next line that can be written says how many were lost.
    func write(_ line: consuming LogLine) {
        line.finish { bytes in
            state.withLock { state in
                let isTold = state.untold == 0 || tellOfLoss(&state)
                guard !isTold || !writeAll(bytes, &state) else { return }
                state.untold += 1
                lost.add(1, ordering: .relaxed)
            }
        }
    }

    /// How many lines could not be written; whoever asks does not wait for one that is being written.
    package var lostLines: Int { lost.load(ordering: .relaxed) }

    private func isWritable(_ state: State) -> Bool {
        var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        while true {
            let count = poll(&ready, 1, state.untold > 0 ? 0 : Self.patience)
            if count >= 0 || errno != EINTR { return count != 0 }
        }
    }

    /// - Returns: Whether that could be written.
    private func tellOfLoss(_ state: inout State) -> Bool {
        var line = line(.warning, logger: "orderd", message: "log lines were lost")
        line.field("lines") { [untold = state.untold] in $0.integer(untold) }
        let bytes = (state.isCut ? [UInt8(ascii: "\n")] : []) + line.finish { Array($0) }
        guard bytes.withUnsafeBytes({ writeAll($0, &state) }) else { return false }
        (state.untold, state.isCut) = (0, false)
        return true
    }

    /// Writes what can be written without waiting for long.
    private func writeAll(_ bytes: UnsafeRawBufferPointer, _ state: inout State) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = kind == .pipe && !isWritable(state) ? 0 : writePiece(rest)
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if written == 0 || errno != EINTR && (errno != EAGAIN || !isWritable(state)) {
                state.isCut = state.isCut || rest.count < bytes.count
                return false
            }
        }
        return true
    }

    private func writePiece(_ bytes: Slice<UnsafeRawBufferPointer>) -> Int {
        let piece = UnsafeRawBufferPointer(rebasing: kind == .pipe ? bytes.prefix(Int(PIPE_BUF)) : bytes)
        guard kind == .socket else { return Glibc.write(descriptor, piece.baseAddress, piece.count) }
        return send(descriptor, piece.baseAddress, piece.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
    }
}
