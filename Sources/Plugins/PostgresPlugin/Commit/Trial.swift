internal import OrderKernel

/// Sees whether batches can be committed: creates and updates an order, under a key, and takes a token, as batches do,
/// and leaves nothing behind.
struct Trial {
    private let statements: WriteStatements
    private let session: WriteSession

    init(_ statements: WriteStatements, _ session: WriteSession) {
        self.statements = statements
        self.session = session
    }

    /// - Parameter send: Runs one group of statements, and takes back what failed.
    /// - Throws: What keeps batches from being committed. A rule of the operator's that this order alone breaks does
    ///   not.
    func run(_ send: ([Call]) throws(PostgresFailure) -> [ResultRows]) throws(PostgresFailure) {
        let rows = try send(session.beginning + [Call(statements.lookUp.prospects)])
        let prospects = rows[session.beginning.count]
        if let failure = failure(of: prospects) {
            _ = try send([Call(.rollback)])
            throw failure
        }
        do throws(PostgresFailure) {
            _ = try send([Call(.mark)] + order(above: prospects.integer(0, 0)) + [Call(.takeBack)] + token)
        } catch {
            guard error.isOfContent else { throw error }
            _ = try send(session.beginning + token)
        }
    }

    /// Why there are no ids for orders.
    private func failure(of prospects: ResultRows) -> PostgresFailure? {
        if prospects.integer(0, 1) == 0 {
            return PostgresFailure(.refused, state: "42501", detail: "permission denied for the sequence of ids")
        }
        if prospects.integer(0, 2) == 0 {
            return PostgresFailure(.unfit, detail: "the sequence of ids counts down: give it a positive INCREMENT")
        }
        if prospects.integer(0, 3) == 0 {
            return PostgresFailure(.refused, state: "2200H", detail: "the sequence of ids has reached its MAXVALUE")
        }
        if prospects.integer(0, 4) == 0 { return nil }
        return PostgresFailure(
            .refused, state: "23505", constraint: PostgresFailure.idConstraint, detail: statements.lookUp.idAdvice)
    }

    /// Creates and updates an order under a key.
    private func order(above highest: Order.ID) -> [Call] {
        // Far from the ids that others take meanwhile.
        let distance = Order.ID.random(in: 1_000_000..<2_000_000)
        let id = highest > .max - distance ? -distance : highest + distance
        let draft = OrderDraft(customerID: "orderd", woodType: "oak", quantity: 1)
        let key = IdempotencyKey(principal: "", text: "\(BatchToken().bytes)")
        let batch = WriteBatch(
            writes: [.create(draft, key: key)], time: SystemTime().date, deadline: .now, rules: .standard)
        let effects = batch.effects(on: CurrentRows(), ids: [id])
        return [
            statements.insertion(of: effects.inserted), Call(statements.lookUp.lockOrders) { $0.append([id]) },
            statements.update(of: effects.inserted), statements.insertion(of: effects.takenKeys),
        ]
    }

    /// Takes a token, and ends the transaction.
    private var token: [Call] {
        let token = BatchToken()
        return [statements.taking(token, outcomes: nil), statements.removal(of: [token]), Call(.commit)]
    }
}

extension PostgresFailure {
    /// Whether the server judged what a row says, by a constraint or a trigger that raises an error.
    fileprivate var isOfContent: Bool {
        kind == .refused && (state.hasPrefix("23") || state.hasPrefix("P0")) && detail != Self.rowLeftOut
            && constraint != Self.idConstraint
    }
}
