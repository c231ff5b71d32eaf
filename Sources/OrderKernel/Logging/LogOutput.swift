internal import Glibc
package import Logging
internal import Synchronization

/// Where log lines go: standard error, or another descriptor in tests.
package final class LogOutput: Sendable {
    let level: Logger.Level
    let time: any TimeSource
    private let style: LogLine.Style
    private let descriptor: Int32
    private let turn = Mutex(0)  // protects that lines come whole, one after another; holds how many were lost

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
        let isTerminal = isatty(descriptor) == 1
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

    /// Writes one line with one call. A line that cannot be written is lost: there is nowhere to say so.
    func write(_ line: consuming LogLine) {
        let bytes = line.finish()
        turn.withLock { lost in
            if !bytes.withUnsafeBytes({ writeAll($0) }) { lost += 1 }
        }
    }

    /// How many lines could not be written.
    package var lostLines: Int { turn.withLock { $0 } }

    private func writeAll(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if errno == EAGAIN {
                var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&ready, 1, -1)
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }
}
