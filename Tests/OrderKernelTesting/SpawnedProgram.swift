internal import Glibc
internal import Synchronization

/// A program that was started with files and pipes of its own.
///
/// Straight on `posix_spawn`: no descriptor of a test leaks into a program that another test starts meanwhile.
struct SpawnedProgram {
    /// Why a program could not be started.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// One program starts at a time: no other inherits a pipe before it is marked.
    private static let turn = Mutex(())

    let identifier: pid_t
    /// The end of the program's standard error that is read from.
    let errors: Int32

    /// - Parameters:
    ///   - path: The program; looked for in `PATH` where it has no slash.
    ///   - input: File for standard input.
    ///   - output: File for standard output; made, or emptied.
    init(
        _ path: String, _ arguments: [String], in directory: String, input: String, output: String,
        environment: [String: String]
    ) throws {
        self = try Self.turn.withLock { _ in
            try SpawnedProgram(
                inTurn: path, arguments, in: directory, input: input, output: output, environment: environment)
        }
    }

    private init(
        inTurn path: String, _ arguments: [String], in directory: String, input: String, output: String,
        environment: [String: String]
    ) throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Failure(description: "no pipe: \(errno)") }
        defer { close(ends[1]) }
        Self.keepDescriptors()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, input, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The threads of a pool block signals; a program that inherited that could not be told to stop.
        var blocked = sigset_t()
        sigemptyset(&blocked)
        posix_spawnattr_setsigmask(&attributes, &blocked)
        // A shell without job control has what it runs in the background ignore these.
        var reset = sigset_t()
        sigemptyset(&reset)
        for number in [SIGINT, SIGQUIT] { sigaddset(&reset, number) }
        posix_spawnattr_setsigdefault(&attributes, &reset)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var identifier = pid_t()
        // `env` changes to the folder and becomes the program.
        let command = ["/usr/bin/env", "--chdir=\(directory)", path] + arguments
        let result = Self.withCStrings(command) { arguments in
            Self.withCStrings(environment.map { "\($0)=\($1)" }) { environment in
                posix_spawn(&identifier, command[0], &actions, &attributes, arguments, environment)
            }
        }
        guard result == 0 else {
            close(ends[0])
            throw Failure(description: "\(path) cannot be started: \(result)")
        }
        self.identifier = identifier
        self.errors = ends[0]
    }

    /// Marks every descriptor that the tests have, so that no program inherits a socket or a pipe of another test.
    private static func keepDescriptors() {
        let most = Int32(clamping: sysconf(Int32(_SC_OPEN_MAX)))
        for descriptor in 3..<min(max(most, 3), 4_096) {
            let flags = fcntl(descriptor, F_GETFD)
            if flags >= 0 { _ = fcntl(descriptor, F_SETFD, flags | FD_CLOEXEC) }
        }
    }

    /// Reads standard error to its end, then waits for the program's end. Blocks its thread.
    /// - Returns: The exit code; 128 and the signal's number where a signal killed it.
    func wait(reading: (UnsafeRawBufferPointer) -> Void) -> Int32 {
        withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 1) { buffer in
            while true {
                let count = read(errors, buffer.baseAddress, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                reading(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
        }
        close(errors)
        var status: Int32 = 0
        while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal
    }

    private static func withCStrings<Result>(
        _ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var pointers: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) } + [nil]
        defer { pointers.forEach { free($0) } }
        return body(&pointers)
    }
}
