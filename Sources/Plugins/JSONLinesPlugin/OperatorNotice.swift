import Glibc
import OrderKernel

/// What a run says to the operator on standard error, line by line.
struct OperatorNotice {
    /// Who says it; an instance with a name of its own says that too, as others may read other inputs.
    private let prefix: String

    /// - Parameter instance: Name of the instance as the profile has it, such as `json_lines/night`.
    init(instance: String) {
        prefix = "orderd: " + (instance.contains("/") ? "\(instance): " : "")
    }

    /// A signal stopped the run behind that line.
    /// - Parameter mayBeStored: Whether nobody knows what became of the lines behind it.
    func stopped(after line: Int, mayBeStored: Bool = false) {
        let rest =
            mayBeStored
            ? "some of what follows may be stored, and only lines with a key are safe to run again"
            : "what follows was not answered"
        tell("stopped early, after line \(line) of the input; \(rest)")
    }

    /// What the run did in that time.
    func summary(_ tally: Tally, after duration: Duration) {
        let milliseconds = Int(duration / .milliseconds(1))
        let hundredths = (milliseconds + 5) / 10
        let fraction = hundredths % 100
        let seconds = "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
        let speed = tally.lines * 1_000 / max(milliseconds, 1)
        let failed = tally.failed == 0 ? "" : ", \(tally.failed) failed"
        tell(
            """
            \(tally.lines) lines, \(tally.created) created, \(tally.replayed) replayed, \(tally.updated) updated, \
            \(tally.read) read, \(tally.refused) refused, \(seconds) s, \(speed) lines/s\(failed)
            """)
    }

    /// A line is lost where nobody reads for a moment, as lines of the log are.
    private func tell(_ text: String) {
        var ready = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
        while poll(&ready, 1, 250) < 0, errno == EINTR {}
        guard ready.revents != 0 else { return }
        var line = prefix + text + "\n"
        line.withUTF8 { _ = Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
