/// What has come of a few groups of statements that were sent in one go. A small state machine, without a socket.
///
/// Each group ends with a synchronisation point: when a statement fails, the rest of its group is skipped, and the next
/// group is carried out. Source: PostgreSQL's documentation, "Pipeline Mode".
struct Exchange<Rows> {
    /// What libpq hands over next.
    enum Event {
        case rows(Rows)
        case failure(PostgresFailure)
        /// A statement was skipped, as one before it in its group had failed.
        case skipped
        /// There is nothing more of the statement.
        case end
        /// A synchronisation point.
        case synchronised
        /// Something that no statement of ours asks for, such as the beginning of a copy.
        case unforeseen
    }

    /// What was sent, in its order.
    enum Sent: Equatable {
        /// A statement was prepared under a name.
        case preparation(String)
        /// A statement was carried out.
        case call
    }

    typealias Outcome = Result<[Rows], PostgresFailure>

    /// One for each group that is over.
    private(set) var outcomes: [Outcome] = []
    /// Names under which the connection has prepared a statement.
    private(set) var prepared: [String] = []
    let groups: [[Sent]]
    private var position = 0
    private var hasAnswer = false
    /// Whether the last event was an end without an answer.
    private var isIdle = false
    private var rows: [Rows] = []
    private var failure: PostgresFailure?

    init(_ groups: [[Sent]]) {
        self.groups = groups
    }

    var isOver: Bool { outcomes.count == groups.count }

    mutating func receive(_ event: Event) {
        guard !isOver else { return }
        defer { if case .end = event {} else { isIdle = false } }
        switch event {
        case .rows(let answer):
            hasAnswer = true
            if case .preparation(let name) = current { prepared.append(name) } else { rows.append(answer) }
        case .failure(let reason):
            hasAnswer = true
            failure = failure ?? reason
        case .skipped:
            hasAnswer = true
        case .end:
            if !hasAnswer, isIdle { return lose(.lost("the server's answers have ended too early")) }
            isIdle = !hasAnswer
            if hasAnswer { position += 1 }
            hasAnswer = false
        case .synchronised:
            finishGroup(failure)
        case .unforeseen:
            lose(.lost("the server has answered with something that was not asked for"))
        }
    }

    /// The connection is gone: what has no outcome yet will have none.
    mutating func lose(_ reason: PostgresFailure) {
        while !isOver { finishGroup(failure.map { reason.explained(by: $0) } ?? reason) }
    }

    private var current: Sent? {
        let group = groups[outcomes.count]
        return position < group.count ? group[position] : nil
    }

    private mutating func finishGroup(_ reason: PostgresFailure?) {
        outcomes.append(reason.map(Outcome.failure) ?? .success(rows))
        rows = []
        failure = nil
        position = 0
        hasAnswer = false
    }
}

extension PostgresFailure {
    /// The loss of a connection on which the server had said why.
    fileprivate func explained(by reason: PostgresFailure) -> PostgresFailure {
        PostgresFailure(kind, state: reason.state, constraint: reason.constraint, detail: reason.detail)
    }
}
