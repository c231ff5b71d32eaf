internal import Glibc

/// Lets processes that share a database write in turn.
///
/// SQLite gives its write lock to whoever tries at the right moment, so one that commits without a pause would starve
/// the others. Whoever wants to write passes the turnstile first and stays in it until it has the write lock: the one
/// that has just committed then waits behind it. The turnstile is an advisory lock on an empty file beside the
/// database, which the system lets go when a process ends.
struct Turnstile {
    /// -1 where there is no such file: everybody then tries their luck.
    private let descriptor: Int32

    /// Opens the file `<path>-turn`, beside the database itself wherever links to it are, and for the same users.
    init(besides connection: Connection) {
        let path = connection.filePath
        var database = stat()
        guard !path.isEmpty, stat(path, &database) == 0 else {
            descriptor = -1
            return
        }
        let rights = database.st_mode & 0o777
        // A pipe by that name is not waited for.
        descriptor = open("\(path)-turn", O_RDONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, rights)
        _ = fchmod(descriptor, rights)  // the process may mask some of them; who does not own it need not
    }

    /// Runs the body while nobody else passes; the locks that it takes are waited for together with the turn.
    func pass(_ patience: Patience, _ body: () throws(SQLiteFailure) -> Void) throws(SQLiteFailure) {
        try patience.together { () throws(SQLiteFailure) in try passInTurn(patience, body) }
    }

    private func passInTurn(
        _ patience: Patience, _ body: () throws(SQLiteFailure) -> Void
    ) throws(SQLiteFailure) {
        var attempt: Int32 = 0
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else { break }  // no such locks here
            guard patience.wait(attempt: attempt) != 0 else { throw .locked }
            attempt += 1
        }
        defer { flock(descriptor, LOCK_UN) }
        try body()
    }

    func close() {
        if descriptor >= 0 { Glibc.close(descriptor) }
    }
}
