internal import Glibc

/// Standard input, output and error, some of which a parent may have closed.
enum StandardFiles {
    /// Starts the program again, with a file that fails in the place of each that is closed.
    ///
    /// Otherwise the next file to be opened gets its number, and is read or written in its stead. The first is opened
    /// before any code of ours runs: the runtime has files of its own, which it marks to be closed at an `exec`, as
    /// none that a parent handed down is.
    static func occupy() {
        let modes = [(STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_WRONLY)]
        let closed = modes.filter { descriptor, _ in fcntl(descriptor, F_GETFD) != 0 }
        guard !closed.isEmpty else { return }
        for (descriptor, mode) in closed {
            let file = open("/dev/null", mode)
            guard file >= 0 else { return }  // where there is none, starting again would not end
            guard file != descriptor else { continue }
            dup2(file, descriptor)
            close(file)
        }
        execv("/proc/self/exe", CommandLine.unsafeArgv)
    }
}
