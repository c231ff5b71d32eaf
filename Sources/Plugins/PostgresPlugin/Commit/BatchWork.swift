internal import OrderKernel

/// The statements of one batch, and what their answers mean.
struct BatchWork {
    let batch: WriteBatch
    /// Whether all writes are creates without keys: they go in one round trip, as nothing has to be read.
    let isPlain: Bool
    private let statements: WriteStatements
    private let token: BatchToken
    private(set) var session: WriteSession
    /// Tokens of batches whose outcome is known.
    private let settled: [BatchToken]
    private let keys: [IdempotencyKey]
    /// Ids of the orders that are to be updated.
    private let updated: [Order.ID]

    /// - Parameter settled: Tokens that are removed with this batch.
    init(
        _ batch: WriteBatch, token: BatchToken, settled: [BatchToken], session: WriteSession,
        statements: WriteStatements
    ) {
        self.batch = batch
        self.token = token
        self.settled = settled
        self.session = session
        self.statements = statements
        isPlain = batch.writes.allSatisfy { if case .create(_, nil) = $0 { true } else { false } }
        keys = isPlain ? [] : batch.keys
        updated = isPlain ? [] : batch.updatedIDs
    }

    /// Has the server give up a statement before nobody waits for it any more: so it is known what became of it.
    /// - Parameter rest: What is left of the batch's time.
    mutating func hurry(within rest: Duration) {
        let isShort = rest < session.timeout + .seconds(1)
        session.limit = isShort ? max(.milliseconds(50), rest - Self.shortest / 2) : nil
    }

    /// Within less, an answer is not to be expected from a server that waits for a lock.
    static let shortest = Duration.milliseconds(500)

    /// Whether creates need no transaction around them, and no settings of their own.
    private var isBare: Bool { session.isOurs && session.limit == nil }

    private var ending: [Call] { removal + [Call(.commit)] }

    private var removal: [Call] {
        settled.isEmpty ? [] : [statements.removal(of: settled)]
    }

    /// Creates without keys, whole. What is sent in one go is one transaction without saying so.
    var creation: [Call] {
        let orders = batch.effects(on: CurrentRows(), nextID: 1).inserted
        let creation = Call(statements.storing.createOrders) { values in
            values.append(token.bytes)
            values.append(orders)
            values.append(batch.time)
        }
        return isBare ? [creation] + removal : session.beginning + [creation] + ending
    }

    /// - Parameter rows: Of ``creation``.
    func outcomes(ofCreation rows: [ResultRows]) throws(PostgresFailure) -> [WriteOutcome] {
        try outcomes(withIDs: rows[isBare ? 0 : session.beginning.count])
    }

    /// Locks and reads what the batch touches, and takes ids for what it creates.
    var reading: [Call] {
        let creates = plainCreates
        var calls = session.beginning
        if !updated.isEmpty { calls.append(Call(statements.lookUp.lockOrders) { $0.append(updated) }) }
        if !keys.isEmpty {
            calls.append(
                Call(statements.lookUp.readKeys) { values in
                    values.append(.bytes, keys, size: 16) { $1.append(Array($0.principal.utf8)) }
                    values.append(.bytes, keys, size: 48) { $1.append(Array($0.text.utf8)) }
                })
        }
        if creates > 0 { calls.append(Call(statements.lookUp.takeIDs) { $0.append(Int64(creates)) }) }
        return calls
    }

    /// The orders to be updated that could not be locked: somebody else has locked them, or there are none.
    /// - Parameter rows: Of ``reading``.
    func missing(in rows: [ResultRows]) -> [Order.ID] {
        guard !updated.isEmpty else { return [] }
        let locked = rows[session.beginning.count]
        guard locked.count < updated.count else { return [] }
        let ids = Set((0..<locked.count).map { locked.integer($0, 0) })
        return updated.filter { !ids.contains($0) }
    }

    /// Asks which orders there are.
    func search(for ids: [Order.ID]) -> [Call] { [Call(statements.lookUp.findOrders) { $0.append(ids) }] }

    /// - Parameters:
    ///   - rows: Of ``reading``.
    ///   - found: Of ``search(for:)``; `nil` where all orders could be locked.
    func effects(on rows: [ResultRows], found: ResultRows?) throws(PostgresFailure) -> WriteEffects {
        var current = CurrentRows()
        if let found, !found.isNull(0, 0) { current.held = Set(found.integers(0, 0)) }
        var ids: [Order.ID] = []
        var rest = rows[session.beginning.count...]
        let locked = updated.isEmpty ? nil : rest.popFirst()
        let read = keys.isEmpty ? nil : rest.popFirst()
        if let read { try take(read, into: &current, &ids) }
        // A row that is locked is newer than the same row read before.
        if let locked {
            for row in 0..<locked.count {
                let order = try locked.order(row)
                current.orders[order.id] = order
            }
        }
        if plainCreates > 0, let taken = rest.popFirst(), taken.count == 1 { ids += taken.integers(0, 0) }
        guard ids.count >= batch.creates(on: current) else { throw .unreadable("fewer ids than orders to create") }
        return batch.effects(on: current, ids: ids.sorted())
    }

    /// Ends a transaction that has written nothing: where commits wait for a standby, its own does too.
    private var awaitingEnd: [Call] {
        let mark = BatchToken()
        return [
            Call(statements.tokens.awaitStandby) { $0.append(mark.bytes) }, statements.removal(of: settled + [mark]),
            Call(.commit),
        ]
    }

    /// Stores what the batch does, or ends the transaction where it does nothing.
    /// - Parameter takesToken: Whether the token is stored even then.
    func storage(of effects: WriteEffects, takesToken: Bool) -> [Call] {
        let isEmpty = effects.inserted.isEmpty && effects.updated.isEmpty
        guard !isEmpty || takesToken else {
            // Who asks again about a write is told that it was stored: only when that is safe.
            return awaitingEnd
        }
        var calls = [statements.taking(token, outcomes: OutcomeRecord.bytes(effects.outcomes))]
        if !effects.inserted.isEmpty { calls.append(statements.insertion(of: effects.inserted)) }
        if !effects.updated.isEmpty { calls.append(statements.update(of: effects.updated)) }
        if !effects.takenKeys.isEmpty { calls.append(statements.insertion(of: effects.takenKeys)) }
        return calls + ending
    }

    /// Reads what another attempt of the batch gave. The server no longer waits for a standby on behalf of a connection
    /// that was lost: the commit of this does.
    var question: [Call] {
        session.beginning + [Call(statements.tokens.read) { $0.append(token.bytes) }] + awaitingEnd
    }

    /// - Parameter rows: Of ``question``.
    func outcomes(ofToken rows: [ResultRows]) throws(PostgresFailure) -> [WriteOutcome] {
        let answer = rows[session.beginning.count]
        guard answer.count == 1 else { throw .unreadable("a token is taken and not there") }
        if isPlain { return try outcomes(withIDs: answer) }
        guard let outcomes = OutcomeRecord.outcomes(answer.bytes(0, 2), of: batch) else {
            throw .unreadable("a batch has outcomes that this program does not know")
        }
        return outcomes
    }

    /// Takes the token without storing anything.
    var void: [Call] {
        session.beginning + [statements.taking(token, outcomes: nil), Call(.commit)]
    }

    private var plainCreates: Int {
        batch.writes.count { if case .create(_, nil) = $0 { true } else { false } }
    }

    /// - Parameter rows: One row that begins with the first id, and all ids where there is a gap between them.
    private func outcomes(withIDs rows: ResultRows) throws(PostgresFailure) -> [WriteOutcome] {
        guard rows.count == 1, !rows.isNull(0, 0) else { throw .unreadable("a batch without ids") }
        guard !rows.isNull(0, 1) else {
            return batch.effects(on: CurrentRows(), nextID: rows.integer(0, 0)).outcomes
        }
        let ids = rows.integers(0, 1)
        guard ids.count == batch.writes.count else { throw .unreadable("a batch with too few ids") }
        return batch.effects(on: CurrentRows(), ids: ids).outcomes
    }

    private func take(
        _ read: ResultRows, into current: inout CurrentRows, _ ids: inout [Order.ID]
    ) throws(PostgresFailure) {
        for row in 0..<read.count {
            if read.isNull(row, 1) {
                ids.append(read.integer(row, 2))
                continue
            }
            let id = read.integer(row, 2)
            let key = keys[Int(read.integer(row, 0)) - 1]
            current.keys[key] = KeyedOrder(digest: Array(read.bytes(row, 1)), orderID: id)
            // Somebody may have deleted the order.
            if !read.isNull(row, 3) { current.orders[id] = try read.order(row, at: 3) }
        }
    }
}

/// The session that batches are committed in.
struct WriteSession: Sendable {
    /// Whether nobody else uses the session, so that its settings stay.
    let isOurs: Bool
    /// Longest time that the server works on one statement.
    let timeout: Duration
    /// Longest time in one transaction, where that is shorter.
    var limit: Duration?

    /// What a transaction begins with.
    var beginning: [Call] {
        let settings = Call(.transactionSettings) { $0.append(min(timeout, limit ?? timeout).millisecondsText) }
        return [Call(.begin)] + (isOurs && limit == nil ? [] : [settings])
    }
}
