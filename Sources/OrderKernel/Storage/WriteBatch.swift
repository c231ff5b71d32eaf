/// Writes that storage makes durable in one transaction.
///
/// A storage loads the rows that the batch names (``updatedIDs``, ``keys``), asks ``effects(on:nextID:)`` or
/// ``effects(on:ids:)`` what the writes do to them, and stores the answer. It never decides itself what a write does.
public struct WriteBatch: Sendable {
    /// In the order in which they take effect.
    public let writes: [Write]
    /// Time that every order of the batch is created or updated at.
    public let time: Timestamp
    /// When nobody waits for the outcome any more.
    public let deadline: Instant
    /// What the profile says of orders, for a storage that hands parts of a batch on to another.
    public let rules: OrderRules
    /// The ordered input of each write, `nil` for one that has none; empty where no write has one. Behind a postponed
    /// write of an input, nothing of that input is stored.
    public let inputs: [ObjectIdentifier?]

    public init(
        writes: [Write], time: Timestamp, deadline: Instant, rules: OrderRules, inputs: [ObjectIdentifier?] = []
    ) {
        self.writes = writes
        self.time = time
        self.deadline = deadline
        self.rules = rules
        self.inputs = inputs
    }

    /// Ids that the batch updates, ascending, each once: lock and load these rows.
    public var updatedIDs: [Order.ID] {
        var ids = Set<Order.ID>()
        for case .update(let id, _) in writes { ids.insert(id) }
        return ids.sorted()
    }

    /// Idempotency keys of the batch, each once: load these, and the orders they belong to.
    public var keys: [IdempotencyKey] {
        var keys = Set<IdempotencyKey>()
        for case .create(_, let key?) in writes { keys.insert(key) }
        return Array(keys)
    }
}

/// The rows of storage that a batch touches, as they are before it.
public struct CurrentRows: Sendable {
    /// Those of ``WriteBatch/updatedIDs`` and of ``keys`` that there are.
    public var orders: [Order.ID: Order] = [:]
    /// Those of ``WriteBatch/keys`` that are taken.
    public var keys: [IdempotencyKey: KeyedOrder] = [:]
    /// Orders that somebody else is changing, in a storage that does not wait for that: their updates are postponed.
    public var held: Set<Order.ID> = []

    public init() {}
}

/// What a batch does: rows to insert and to change, and an outcome for each write.
public struct WriteEffects: Sendable {
    /// A key to store, and the create that took it.
    public struct TakenKey: Sendable {
        public let key: IdempotencyKey
        public let value: KeyedOrder
    }

    /// New orders in their final state, ids ascending.
    public fileprivate(set) var inserted: [Order] = []
    /// Existing orders in their final state, each once, ids ascending.
    public fileprivate(set) var updated: [Order] = []
    /// Keys to store with their orders.
    public fileprivate(set) var takenKeys: [TakenKey] = []
    /// One for each write, in list order.
    public fileprivate(set) var outcomes: [WriteOutcome] = []
}

extension WriteBatch {
    /// Applies the writes in list order, each to what the ones before it left, exactly as if committed one by one.
    ///
    /// Pure: the same rows and the same batch give the same effects, whatever the storage.
    /// - Parameter nextID: Id that the first created order gets; the others follow it. Refused and replayed creates
    ///   take none.
    public func effects(on current: CurrentRows, nextID: Order.ID) -> WriteEffects {
        effects(on: current, NewIDs(first: nextID))
    }

    /// Applies the writes as ``effects(on:nextID:)`` does, for a storage that others give ids at the same time.
    ///
    /// - Parameter ids: Ids that nobody else uses, ascending, one for each of the ``creates(on:)``.
    public func effects(on current: CurrentRows, ids: [Order.ID]) -> WriteEffects {
        precondition(ids.count >= creates(on: current), "a batch has an id for each order that it creates")
        return effects(on: current, NewIDs(given: ids))
    }

    /// Number of orders that the batch creates: its creates without a key, and those under keys that are not used yet,
    /// each key once.
    public func creates(on current: CurrentRows) -> Int {
        var count = 0
        var keys = Set<IdempotencyKey>()
        for case .create(_, let key) in writes {
            guard let key else { count += 1; continue }
            if current.keys[key] == nil, keys.insert(key).inserted { count += 1 }
        }
        return count
    }

    private func effects(on current: CurrentRows, _ ids: NewIDs) -> WriteEffects {
        var work = WriteWork(batch: self, current: current, ids: ids)
        for (number, write) in writes.enumerated() { work.apply(write, of: inputs.isEmpty ? nil : inputs[number]) }
        return work.finish()
    }
}

/// The state of a batch while its writes are applied.
private struct WriteWork {
    let time: Timestamp
    let rules: OrderRules
    let ids: NewIDs
    var current: CurrentRows
    var changed = Set<Order.ID>()
    /// Inputs of which a write was postponed.
    var heldInputs = Set<ObjectIdentifier>()
    var effects = WriteEffects()

    init(batch: WriteBatch, current: CurrentRows, ids: NewIDs) {
        self.time = batch.time
        self.rules = batch.rules
        self.ids = ids
        self.current = current
        effects.outcomes.reserveCapacity(batch.writes.count)
        effects.inserted.reserveCapacity(batch.writes.count)
    }

    mutating func apply(_ write: Write, of input: ObjectIdentifier?) {
        if !current.held.isEmpty, isPostponed(write, of: input) {
            if let input { heldInputs.insert(input) }
            effects.outcomes.append(.postponed)
            return
        }
        switch write {
        case .create(let draft, nil): effects.outcomes.append(.created(insert(draft)))
        case .create(let draft, let key?): effects.outcomes.append(create(draft, under: key))
        case .update(let id, let change): effects.outcomes.append(update(id, change))
        }
    }

    private func isPostponed(_ write: Write, of input: ObjectIdentifier?) -> Bool {
        if let input, heldInputs.contains(input) { return true }
        if case .update(let id, _) = write { return current.held.contains(id) }
        return false
    }

    mutating func finish() -> WriteEffects {
        effects.updated = changed.sorted().compactMap { current.orders[$0] }
        return effects
    }

    private mutating func insert(_ draft: OrderDraft) -> Order {
        let order = Order(id: ids.id(effects.inserted.count), draft: draft, at: time)
        effects.inserted.append(order)
        return order
    }

    private mutating func create(_ draft: OrderDraft, under key: IdempotencyKey) -> WriteOutcome {
        let digest = draft.digest
        if let earlier = current.keys[key] {
            guard earlier.digest == digest, let order = order(earlier.orderID) else { return .refused(.keyReused) }
            return .replayed(order)
        }
        let order = insert(draft)
        let value = KeyedOrder(digest: digest, orderID: order.id)
        current.keys[key] = value
        effects.takenKeys.append(WriteEffects.TakenKey(key: key, value: value))
        return .created(order)
    }

    private mutating func update(_ id: Order.ID, _ change: OrderChange) -> WriteOutcome {
        guard let order = order(id) else { return .refused(.unknownOrder(id)) }
        if let revisions = change.ifRevision, !revisions.contains(order.revision) {
            return .refused(.revisionConflict(current: order.revision))
        }
        guard order.status != change.status else { return .unchanged(order) }
        guard rules.allows(order.status, to: change.status) else {
            return .refused(.transitionRefused(from: order.status, to: change.status))
        }
        let updated = order.with(status: change.status, at: time)
        store(updated)
        return .updated(updated)
    }

    private func order(_ id: Order.ID) -> Order? {
        ids.number(of: id, among: effects.inserted.count).map { effects.inserted[$0] } ?? current.orders[id]
    }

    private mutating func store(_ order: Order) {
        if let number = ids.number(of: order.id, among: effects.inserted.count) {
            effects.inserted[number] = order
        } else {
            current.orders[order.id] = order
            changed.insert(order.id)
        }
    }
}
