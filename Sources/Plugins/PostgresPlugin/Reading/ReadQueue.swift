internal import OrderKernel
internal import Synchronization

/// A request for one order.
struct PointRead: Sendable {
    let id: Order.ID
    var wait: ReadWait
    let answer: ReadAnswer<Order?>
}

/// A request for a list.
struct ListRead: Sendable {
    let query: OrderQuery
    var wait: ReadWait
    let answer: ReadAnswer<[Order]>
}

/// Who waits for a read: is answered once, and asked no more.
final class ReadAnswer<Value: Sendable>: Sendable {
    private let asker: Mutex<UnsafeContinuation<Result<Value, StorageError>, Never>?>  // protects who waits

    init(_ asker: UnsafeContinuation<Result<Value, StorageError>, Never>?) {
        self.asker = Mutex(asker)
    }

    func callAsFunction(_ result: Result<Value, StorageError>) {
        let asker = asker.withLock { asker in
            defer { asker = nil }
            return asker
        }
        asker?.resume(returning: result)
    }
}

/// How long a read may take.
struct ReadWait: Sendable {
    let began: Instant
    /// When nobody waits for the answer any more.
    let deadline: Instant
    /// How long a wait for a connection may be.
    private let patience: Duration
    /// When the wait for a connection is over.
    private(set) var patienceEnd: Instant
    /// How often it was sent.
    private(set) var attempts = 0

    init(from began: Instant, before deadline: Instant, patience: Duration) {
        self.began = began
        self.deadline = deadline
        self.patience = patience
        patienceEnd = min(deadline, began + patience)
    }

    /// It was sent, and its connection lost: another is waited for as long as the first was.
    mutating func beginAgain(at now: Instant) {
        attempts += 1
        patienceEnd = min(deadline, now + patience)
    }
}

/// What a reader does at once: single orders, which one statement reads together, or lists.
enum ReadTurn: Sendable {
    case points([PointRead])
    case lists([ListRead])

    var waits: [ReadWait] {
        switch self {
        case .points(let reads): reads.map(\.wait)
        case .lists(let reads): reads.map(\.wait)
        }
    }

    var firstDeadline: Instant { waits.map(\.deadline).min() ?? .now }
    var lastDeadline: Instant { waits.map(\.deadline).max() ?? .now }

    /// Answers the reads whose time is over.
    func refuseLate() {
        let now = Instant.now
        switch self {
        case .points(let reads): for read in reads where read.wait.deadline <= now { read.answer(.failure(.late)) }
        case .lists(let reads): for read in reads where read.wait.deadline <= now { read.answer(.failure(.late)) }
        }
    }
}

/// The reads that wait, and the readers that wait for reads. Its methods say what to do.
///
/// Single orders gather while others are being read, as writes do in the commit queue: one reader does them all, and
/// another joins in only when many wait. Lists are work for the server, so each wakes a reader.
struct ReadQueue {
    /// Reads that may wait.
    static let limit = 16_384
    /// Single orders that wait before one more reader takes some.
    static let crowd = 16
    /// Lists that one reader sends at once when there are more than readers.
    static let listsAtOnce = 4

    private var points: [PointRead] = []
    private var lists: [ListRead] = []
    /// The last is woken first.
    private var idle: [Int] = []
    /// Readers that could not connect when they were last asked.
    private var unconnected: Set<Int> = []
    private var pointReaders = 0
    /// Whether a reader was woken for single orders, and has not taken them yet.
    private var isSummoning = false
    /// Whether lists have their turn, as single orders had theirs while lists waited.
    private var favoursLists = false
    private(set) var isClosed = false
    private let readers: Int

    /// - Parameter readers: All that there are.
    init(readers: Int) {
        self.readers = readers
    }

    /// - Returns: Whether there was room, and the reader to wake.
    mutating func enter(_ read: PointRead) -> (isTaken: Bool, wake: Int?) {
        guard !isClosed, points.count < Self.limit else { return (false, nil) }
        points.append(read)
        guard isCrowded, !isSummoning, let reader = idle.popLast() else { return (true, nil) }
        isSummoning = true
        return (true, reader)
    }

    mutating func enter(_ read: ListRead) -> (isTaken: Bool, wake: Int?) {
        guard !isClosed, lists.count < Self.limit else { return (false, nil) }
        lists.append(read)
        return (true, idle.popLast())
    }

    /// - Parameter isConnecting: Whether it has a connection to go on with in any case.
    /// - Returns: Whether a reader has something to do; where not, it is woken when it has.
    mutating func awaitsReader(_ reader: Int, isConnecting: Bool = false) -> Bool {
        // Something else may have woken it, and while it is busy another is to be woken.
        idle.removeAll { $0 == reader }
        if isClosed || !lists.isEmpty || isCrowded || isConnecting { return true }
        idle.insert(reader, at: unconnected.remove(reader) == nil ? idle.count : 0)
        return false
    }

    /// A reader cannot connect: what waits is work for another, which may have a connection.
    /// - Returns: The reader to wake.
    mutating func pass(from reader: Int) -> Int? {
        unconnected.insert(reader)
        return isEmpty ? nil : idle.popLast()
    }

    /// Takes the next turn; `nil` when another reader was quicker. Where both wait, single orders and lists take turns.
    mutating func take() -> ReadTurn? {
        if isCrowded, lists.isEmpty || !favoursLists {
            pointReaders += 1
            isSummoning = false
            favoursLists = !lists.isEmpty
            defer { points = [] }
            return .points(points)
        }
        guard !lists.isEmpty else { return nil }
        favoursLists = false
        let count = min(Self.listsAtOnce, (lists.count + readers - 1) / readers)
        defer { lists.removeFirst(count) }
        return .lists(Array(lists.prefix(count)))
    }

    /// A turn of single orders is over.
    mutating func leave() { pointReaders -= 1 }

    /// Puts reads back whose connection was lost.
    mutating func putBack(_ turn: ReadTurn) {
        switch turn {
        case .points(let reads): points = reads + points
        case .lists(let reads): lists = reads + lists
        }
    }

    /// Takes out what has waited for too long.
    mutating func removeHopeless(at now: Instant) -> (points: [PointRead], lists: [ListRead]) {
        isSummoning = false
        func isHopeless(_ wait: ReadWait) -> Bool { isClosed || now >= wait.patienceEnd }
        let hopeless = (points.filter { isHopeless($0.wait) }, lists.filter { isHopeless($0.wait) })
        points.removeAll { isHopeless($0.wait) }
        lists.removeAll { isHopeless($0.wait) }
        return hopeless
    }

    /// Takes out all lists, for another queue.
    mutating func removeLists() -> [ListRead] {
        defer { lists = [] }
        return lists
    }

    /// Takes nothing new; what waits is still read.
    mutating func close() { isClosed = true }

    private var isCrowded: Bool { points.count > (isClosed ? 0 : pointReaders * Self.crowd) }

    var isEmpty: Bool { points.isEmpty && lists.isEmpty }

    var count: Int { points.count + lists.count }
}
