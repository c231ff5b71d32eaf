import Foundation
import OrderKernelTesting
import Testing

/// What `strace` saw of a process: whether answers left before the orders in them were synchronised to the disk.
struct SystemCallLog {
    /// Orders that were answered.
    let answers: Int
    /// The customers of those that were not safe by then.
    let unsynchronised: [Substring]

    private static let isInstalled = FileManager.default.isExecutableFile(atPath: "/usr/bin/strace")

    /// Whether a program can be started under `strace`. Tried, as not every container allows it.
    static let isPossible = isInstalled ? succeeds("strace -o /dev/null true") : isEverythingWanted

    /// Whether a program that runs already can be looked at.
    static let canAttach =
        isInstalled
        ? succeeds(
            """
            sleep 60 & traced=$!
            strace -o /dev/null -p $traced & tracer=$!
            isTraced() { grep -q 'TracerPid:[[:space:]]*[1-9]' /proc/$traced/status; }
            until isTraced || ! kill -0 $tracer; do :; done
            isTraced; code=$?
            kill -KILL $traced
            exit $code
            """) : isEverythingWanted

    /// The command that writes such a log.
    static func strace(into file: URL) -> [String] {
        [
            "strace", "-f", "-y", "-s", "1000000", "-o", file.path, "-e",
            "trace=pwrite64,fdatasync,fsync,write,writev,sendto,sendmsg",
        ]
    }

    init(_ file: URL, in folder: ServiceFolder) async throws {
        let (output, code) = try await folder.client("synchronised.py", file.path)
        try #require(code == 0)
        var lines = output.split(separator: "\n")
        answers = try #require(Int(lines.removeFirst()))
        unsynchronised = lines
    }

    private static func succeeds(_ script: String) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", script]
        (process.standardOutput, process.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips a test where no program may be started under `strace`.
    static var tracing: Self { .enabled(if: SystemCallLog.isPossible, "no program may be traced here") }

    /// Skips a test where `strace` may not look at a program that runs already.
    static var attaching: Self { .enabled(if: SystemCallLog.canAttach, "no program that runs may be traced here") }
}
