internal import Glibc

/// The files that SQLite keeps beside an open database: the write-ahead log, and the memory in which processes tell
/// each other what it holds.
///
/// Somebody may remove one of them, or put another in its place. Whoever opens the database then uses new ones, and
/// what both write destroys it.
struct Companions: Sendable {
    /// What became of them since they were noted.
    enum State: Equatable {
        case intact
        /// Nobody finds what is added to the log, and nobody has begun another: what it holds can still be saved.
        case logRemoved
        /// Others may have begun anew, with a file at this path: nothing may be written any more.
        case replaced(String)

        /// - Throws: Where one was removed or replaced: nobody would find what is written.
        func check() throws(SQLiteFailure) {
            switch self {
            case .intact: break
            case .logRemoved: throw .notSynchronised(ENOENT)
            case .replaced(let path): throw .replaced(path)
            }
        }
    }

    private let log: (path: String, identity: FileIdentity?)
    private let memory: (path: String, identity: FileIdentity?)

    /// Notes which they are: after the first transaction, when they are there.
    init(log: String, memory: String) {
        self.log = (log, FileIdentity(ofFileAt: log))
        self.memory = (memory, FileIdentity(ofFileAt: memory))
    }

    var state: State {
        let (log, memory) = (FileIdentity(ofFileAt: log.path), FileIdentity(ofFileAt: memory.path))
        if log == self.log.identity, memory == self.memory.identity { return .intact }
        if log == nil, memory == nil || memory == self.memory.identity { return .logRemoved }
        return .replaced(memory == self.memory.identity ? self.log.path : self.memory.path)
    }
}
