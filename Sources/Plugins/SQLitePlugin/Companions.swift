/// The files that SQLite keeps beside an open database: the write-ahead log, and the memory in which processes tell each
/// other what it holds.
///
/// Somebody may remove one of them, or put another in its place. Whoever opens the database then uses new ones, and what
/// both write destroys it.
struct Companions {
    /// What became of them since they were noted.
    enum State: Equatable {
        case intact
        /// Nobody finds what is added to the log, and nobody has begun another: what it holds can still be saved.
        case logRemoved
        /// Others may have begun anew, with a file at this path: nothing may be written any more.
        case replaced(String)
    }

    private let log: (path: String, identity: FileIdentity?)
    private let memory: (path: String, identity: FileIdentity?)

    /// Notes which they are: after the first transaction, when they are there.
    init(log: String, memory: String) {
        self.log = (log, FileIdentity(ofFileAt: log))
        self.memory = (memory, FileIdentity(ofFileAt: memory))
    }

    var state: State {
        if FileIdentity(ofFileAt: memory.path) != memory.identity { return .replaced(memory.path) }
        let current = FileIdentity(ofFileAt: log.path)
        if current == log.identity { return .intact }
        return current == nil ? .logRemoved : .replaced(log.path)
    }
}
