internal import Foundation
internal import OrderKernelTesting

/// What happens to servers.
extension PostgresServer {
    /// Stops the server without a checkpoint, as a crash would, and starts it again: `pg_ctl restart -m immediate`.
    public func restart() async throws { try await control("restart", "-m", "immediate") }

    public func stop() async throws { try await control("stop", "-m", "immediate") }

    /// Starts the server again after ``stop()`` or ``kill()``.
    ///
    /// A killed server keeps its place until the system has forgotten it, so this tries until the test is cancelled.
    public func start() async throws {
        while true {
            do { return try await control("start") } catch { guard !Task.isCancelled else { throw error } }
        }
    }

    /// Makes a replica the server that takes writes, and waits until it does.
    public func promote() async throws { try await control("promote") }

    /// Ends all connections to a database, or to all of them, as an administrator would.
    public func terminateBackends(of database: String? = nil) async throws {
        let which = database.map { "datname = '\($0)'" } ?? "datname IS NOT NULL"
        try await sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE \(which) AND pid <> pg_backend_pid()",
            in: "postgres")
    }

    /// Stops all processes of the server where they are: connections stay open, and nothing comes back.
    public func pause() async throws {
        try send(signal: SIGSTOP)
        try await sendToBackends("STOP")
    }

    public func resume() async throws {
        try await sendToBackends("CONT")
        try send(signal: SIGCONT)
    }

    /// Ends all processes of the server at once with SIGKILL.
    public func kill() async throws {
        try send(signal: SIGSTOP)  // so that it does not start new ones
        try await sendToBackends("KILL")
        try send(signal: SIGKILL)
    }

    private func control(_ arguments: String...) async throws {
        let options = ["-D", folder.path + "/data", "-s", "-w", "-l", folder.path + "/log"]
        try await run("pg_ctl", options + arguments)
    }

    private func sendToBackends(_ signal: String) async throws {
        let arguments = ["pkill", "-\(signal)", "-P", "\(try processIdentifier)"]
        await (try OrderdProcess(command: arguments, in: folder)).exitCode()
    }

    private func send(signal: Int32) throws {
        Glibc.kill(try processIdentifier, signal)
    }

    private var processIdentifier: Int32 {
        get throws {
            let file = folder.appendingPathComponent("data/postmaster.pid")
            let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
            guard let number = lines.first.flatMap({ Int32($0) }) else { throw Failure(description: "no server runs") }
            return number
        }
    }
}
