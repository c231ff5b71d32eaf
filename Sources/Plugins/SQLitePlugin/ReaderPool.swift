internal import OrderKernel
internal import Synchronization

/// Connections for reading: lent to one call at a time, opened when all are lent.
///
/// A call uses its connection without suspending, so there are never more than threads that read.
final class ReaderPool: Sendable {
    private final class Seat: Sendable {
        let reader: Mutex<OrderReader>  // protects the connection; never contended, as a seat is lent once

        init(_ file: DatabaseFile) throws(SQLiteFailure) {
            let connection = try file.connect(cache: .mebibytes(2))
            do throws(SQLiteFailure) {
                reader = Mutex(try OrderReader(connection))
            } catch {
                connection.close()
                throw error
            }
        }

        func close() { reader.withLock { $0.connection.close() } }
    }

    private struct State {
        var free: [Seat] = []
        var open = 0
        var isClosed = false

        /// - Returns: Whether the seat is to be closed instead.
        mutating func giveBack(_ seat: Seat) -> Bool {
            if isClosed { open -= 1 } else { free.append(seat) }
            return isClosed
        }

        mutating func close() -> [Seat] {
            isClosed = true
            open -= free.count
            defer { free = [] }
            return free
        }
    }

    private let file: DatabaseFile
    private let identity: FileIdentity?
    private let companions: Companions?
    private let state = Mutex(State())  // protects the seats that nobody has, and the number of all

    /// - Parameters:
    ///   - identity: Of the file that is written to: no other is read.
    ///   - companions: What is beside it: SQLite would make anew what is gone, and others would take that for theirs.
    init(_ file: DatabaseFile, _ identity: FileIdentity?, _ companions: Companions?) {
        self.file = file
        self.identity = identity
        self.companions = companions
    }

    /// Has a connection for a while, which may have to be opened.
    func read<R: Sendable>(_ body: @Sendable (OrderReader) throws(SQLiteFailure) -> R) throws(SQLiteFailure) -> R {
        if let result = try readAtOnce(body) { return result }
        return try read(on: newSeat(), body)
    }

    /// Has a connection for a while; `nil` when none is free.
    func readAtOnce<R: Sendable>(
        _ body: @Sendable (OrderReader) throws(SQLiteFailure) -> R
    ) throws(SQLiteFailure) -> R? {
        guard let seat = state.withLock({ $0.free.popLast() }) else { return nil }
        return try read(on: seat, body)
    }

    private func read<R: Sendable>(
        on seat: Seat, _ body: @Sendable (OrderReader) throws(SQLiteFailure) -> R
    ) throws(SQLiteFailure) -> R {
        defer { if state.withLock({ $0.giveBack(seat) }) { seat.close() } }
        return try seat.reader.withLock { (reader) throws(SQLiteFailure) in try body(reader) }
    }

    /// How many connections there are.
    var counts: (used: Int, idle: Int) { state.withLock { ($0.open - $0.free.count, $0.free.count) } }

    /// Closes the connections; one that is lent is closed when it comes back.
    func close() {
        for seat in state.withLock({ $0.close() }) { seat.close() }
    }

    private func newSeat() throws(SQLiteFailure) -> Seat {
        guard FileIdentity(ofFileAt: file.path) == identity else { throw .gone }
        if FileIdentity.size(ofFileAt: file.path) == 0 { throw .replaced(file.path) }
        try companions?.state.check()
        let seat = try Seat(file)
        state.withLock { $0.open += 1 }
        return seat
    }
}
