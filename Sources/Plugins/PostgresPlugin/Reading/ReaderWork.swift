internal import OrderKernel

/// What a thread that reads does.
final class ReaderWork {
    /// Most times that a read is sent whose connection is lost.
    private static let attempts = 3

    let link: Link
    private let statements: ReadStatements
    /// What goes before each statement, where the session is not ours alone.
    private let beginning: [Call]

    init(link: Link, statements: ReadStatements, server: Server) {
        self.link = link
        self.statements = statements
        let settings = Call(.readingSettings) { $0.append(server.statementTimeout.millisecondsText) }
        beginning = server.prepares ? [] : [settings]
    }

    /// Reads, and answers. What is late is answered although the server is not done.
    /// - Parameters:
    ///   - end: When the server is no longer waited for.
    ///   - meanwhile: Is called ten times a second while the server works.
    /// - Returns: What is to be read again, as its connection was lost.
    func read(_ turn: ReadTurn, before end: Instant, meanwhile: () -> Void) -> ReadTurn? {
        func lookAround() {
            turn.refuseLate()
            meanwhile()
        }
        return switch turn {
        case .points(let reads): read(reads, before: end, meanwhile: lookAround).map(ReadTurn.points)
        case .lists(let reads): read(reads, before: end, meanwhile: lookAround).map(ReadTurn.lists)
        }
    }

    private func read(_ reads: [PointRead], before end: Instant, meanwhile: () -> Void) -> [PointRead]? {
        var ids = reads.map(\.id)
        if ids.count > 1 { ids = Array(Set(ids)) }
        let call = Call(statements.orders) { $0.append(ids) }
        let outcomes = link.exchange([beginning + [call]], before: end, meanwhile: meanwhile)
        do throws(PostgresFailure) {
            var orders: [Order.ID: Result<Order, PostgresFailure>] = [:]
            if let rows = try outcomes[0].get().last {
                orders.reserveCapacity(rows.count)
                for row in 0..<rows.count {
                    orders[rows.orderID(row)] = Result { () throws(PostgresFailure) in try rows.order(row) }
                }
            }
            // A row that cannot be read fails those alone who asked for it.
            for read in reads {
                read.answer(orders[read.id]?.map(Optional.some).mapError(\.storageError) ?? .success(nil))
            }
            return nil
        } catch {
            return again(reads, after: error, wait: \.wait) { $0.answer(.failure($1)) }
        }
    }

    private func read(_ reads: [ListRead], before end: Instant, meanwhile: () -> Void) -> [ListRead]? {
        let groups = reads.map { beginning + [statements.list($0.query)] }
        let outcomes = link.exchange(groups, before: end, meanwhile: meanwhile)
        var unread: [ListRead] = []
        for (read, outcome) in zip(reads, outcomes) {
            do throws(PostgresFailure) {
                let rows = try outcome.get().last
                var orders: [Order] = []
                orders.reserveCapacity(rows?.count ?? 0)
                if let rows { for row in 0..<rows.count { orders.append(try rows.order(row)) } }
                read.answer(.success(orders))
            } catch {
                unread += again([read], after: error, wait: \.wait) { $0.answer(.failure($1)) } ?? []
            }
        }
        return unread.isEmpty ? nil : unread
    }

    /// Sorts what failed: what is read again, and what is answered with an error.
    private func again<Read>(
        _ reads: [Read], after failure: PostgresFailure, wait: WritableKeyPath<Read, ReadWait>,
        refuse: (Read, StorageError) -> Void
    ) -> [Read]? {
        let now = Instant.now
        var again: [Read] = []
        for var read in reads {
            read[keyPath: wait].beginAgain(at: now)
            if now >= read[keyPath: wait].deadline {
                refuse(read, .late)
            } else if failure.isPassing, read[keyPath: wait].attempts < Self.attempts {
                again.append(read)
            } else {
                refuse(read, failure.storageError)
            }
        }
        return again.isEmpty ? nil : again
    }
}
