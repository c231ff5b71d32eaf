internal import BlockingThreads
internal import CPostgres
internal import Glibc
internal import OrderKernel

/// One connection to a server, in pipeline mode. It is used by one thread, which may wait on it.
final class Connection {
    private let handle: OpaquePointer
    private let prepares: Bool
    private var prepared: Set<String> = []
    private let remarks = ServerRemarks()
    /// When it was made.
    let began = Instant.now
    /// What the server carries the connection out with; `nil` where a pooler hides that.
    var backend: Backend?

    /// Takes over a connection that is established.
    /// - Parameter prepares: Whether statements are prepared, which not every pooler can.
    init(_ handle: OpaquePointer, prepares: Bool) {
        self.handle = handle
        self.prepares = prepares
        PQsetnonblocking(handle, 1)
        PQenterPipelineMode(handle)
        remarks.receive(from: handle)
    }

    /// Number of the server's process, as the server said.
    var processID: Int64 { Int64(PQbackendPID(handle)) }

    /// Ends the waiting for an answer early, and what the server does for it; `nil` where the waiting ends by itself.
    var isUnwanted: (() -> Bool)?

    /// Ends the waiting for an answer early, and nothing else: the server may not even answer.
    var isGivenUp: (() -> Bool)?

    /// Whether ``close()`` was called.
    private(set) var isClosed = false

    func close() {
        if !isClosed { PQfinish(handle) }
        isClosed = true
    }

    /// The descriptor to wait for; -1 when the connection is gone.
    var socket: Int32 { PQsocket(handle) }

    /// Whether a transaction waits for its next statement.
    var isInTransaction: Bool { PQtransactionStatus(handle) == PQTRANS_INTRANS }

    /// Takes in what the server sends unasked, such as its end.
    /// - Returns: Whether the connection lives.
    func isAlive() -> Bool {
        PQconsumeInput(handle) == 1 && PQstatus(handle) == CONNECTION_OK
    }

    /// What the server reports of itself, such as `server_version`; empty where it does not.
    func parameter(_ name: String) -> String {
        PQparameterStatus(handle, name).map { String(cString: $0) } ?? ""
    }

    /// Sends groups of statements, and waits for what they give.
    ///
    /// - Parameters:
    ///   - patience: Longest wait for one group's answer, after that of the group before.
    ///   - meanwhile: Is called ten times a second while the answer is waited for.
    /// - Returns: An outcome for each group. Where one is `lost`, the connection is not used again.
    func exchange(
        _ groups: [[Call]], until end: Instant, each patience: Duration? = nil, meanwhile: () -> Void = {}
    ) -> [Exchange<ResultRows>.Outcome] {
        var known = prepares ? prepared : []
        let plan = groups.map { $0.flatMap { sent(for: $0, &known) } }
        var exchange = Exchange<ResultRows>(plan)
        do throws(PostgresFailure) {
            for (group, sent) in zip(groups, plan) { try send(group, as: sent) }
            var groupsOver = -1
            var groupEnd = end
            while !exchange.isOver {
                if let patience, exchange.outcomes.count > groupsOver {
                    groupsOver = exchange.outcomes.count
                    groupEnd = min(end, .now + patience)
                }
                try awaitInput(until: groupEnd, meanwhile)
                receive(&exchange)
            }
        } catch {
            exchange.lose(error)
        }
        let outcomes = exchange.outcomes(of: groups.lazy.map { $0.map(\.statement.name) }, after: prepared)
        prepared.formUnion(exchange.prepared)
        return outcomes
    }

    /// Runs one group, and ends the transaction that it left open when it failed.
    func run(
        _ group: [Call], until end: Instant, meanwhile: () -> Void = {}
    ) throws(PostgresFailure) -> [ResultRows] {
        let outcome = exchange([group], until: end, meanwhile: meanwhile)[0]
        if case .failure(let failure) = outcome, failure.kind != .lost, PQtransactionStatus(handle) == PQTRANS_INERROR {
            let rolledBack = exchange([[Call(.rollback)]], until: end)[0]
            if case .failure(let loss) = rolledBack, loss.kind == .lost { close() }
        }
        return try outcome.get()
    }

    private func sent(for call: Call, _ known: inout Set<String>) -> [Exchange<ResultRows>.Sent] {
        let name = call.statement.name
        return prepares && !name.isEmpty && known.insert(name).inserted ? [.preparation(name), .call] : [.call]
    }

    private func send(_ group: [Call], as sent: [Exchange<ResultRows>.Sent]) throws(PostgresFailure) {
        var calls = group.makeIterator()
        var next = calls.next()
        for step in sent {
            guard let call = next else { break }
            let types = call.statement.types.map(\.id)
            if case .preparation(let name) = step {
                try check(PQsendPrepare(handle, name, call.statement.sql, Int32(types.count), types))
            } else {
                try send(call, types)
                next = calls.next()
            }
        }
        try check(PQpipelineSync(handle))
    }

    private func send(_ call: Call, _ types: [UInt32]) throws(PostgresFailure) {
        let values = call.parameters.values
        let lengths = values.map { Int32($0?.count ?? 0) }
        let formats = [Int32](repeating: 1, count: values.count)
        let result = withPointers(to: values) { pointers in
            prepares && !call.statement.name.isEmpty
                ? PQsendQueryPrepared(
                    handle, call.statement.name, Int32(values.count), pointers, lengths, formats, 1)
                : PQsendQueryParams(
                    handle, call.statement.sql, Int32(values.count), types, pointers, lengths, formats, 1)
        }
        try check(result)
    }

    /// Waits until the server has sent something, sending on what it has not taken yet.
    private func awaitInput(until end: Instant, _ meanwhile: () -> Void) throws(PostgresFailure) {
        while true {
            let unsent = PQflush(handle)
            if unsent < 0 { throw lost }
            if PQisBusy(handle) == 0 { return }
            let events = unsent == 1 ? POLLIN | POLLOUT : POLLIN
            guard wait(for: Int32(events), until: end, meanwhile) else { throw .silent }
            if PQconsumeInput(handle) == 0 {
                // What was read before the end may say why.
                if PQisBusy(handle) == 0 { return }
                throw lost
            }
        }
    }

    private func wait(for events: Int32, until end: Instant, _ meanwhile: () -> Void) -> Bool {
        while !waitForSocket(socket, events, until: min(end, .now + .milliseconds(100))) {
            meanwhile()
            if isGivenUp?() == true { return false }
            guard let isUnwanted else {
                if .now < end { continue }
                return false
            }
            guard .now < end, !isUnwanted() else {
                if let request = CancelRequest(handle) { request.send(waitingFor: .seconds(1)) }
                return false
            }
        }
        return true
    }

    /// Takes all results that are there.
    private func receive(_ exchange: inout Exchange<ResultRows>) {
        while !exchange.isOver, PQisBusy(handle) == 0 {
            guard let result = PQgetResult(handle) else {
                if PQstatus(handle) == CONNECTION_BAD { return exchange.lose(lost) }
                exchange.receive(.end)
                continue
            }
            switch PQresultStatus(result) {
            // A transaction without a `COMMIT` of its own ends with its group.
            case PGRES_COMMAND_OK where remarks.hasLoneCommit, PGRES_PIPELINE_SYNC where remarks.hasLoneCommit:
                PQclear(result)
                exchange.lose(.lost("the commit was not waited for by a synchronous standby"))
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK:
                exchange.receive(.rows(ResultRows(result)))
            case PGRES_PIPELINE_SYNC:
                PQclear(result)
                exchange.receive(.synchronised)
            case PGRES_PIPELINE_ABORTED:
                PQclear(result)
                exchange.receive(.skipped)
            case PGRES_FATAL_ERROR, PGRES_NONFATAL_ERROR:
                exchange.receive(.failure(PostgresFailure(result)))
                PQclear(result)
                if PQstatus(handle) == CONNECTION_BAD { exchange.lose(lost) }
            default:
                PQclear(result)
                exchange.receive(.unforeseen)
            }
        }
    }

    private func check(_ result: Int32) throws(PostgresFailure) {
        guard result == 1 else { throw lost }
    }

    private var lost: PostgresFailure { .lost(String(cString: PQerrorMessage(handle)).firstLine) }
}

/// A process of the server that carries out one connection.
struct Backend: Equatable {
    let processID: Int64
    /// When it was started, in microseconds since 2000: numbers of processes are used again.
    let start: Int64
}

/// Lends the addresses of all values; NULL for `nil`.
private func withPointers<Result>(
    to values: [[UInt8]?], _ body: ([UnsafePointer<CChar>?]) -> Result
) -> Result {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(values.reduce(1) { $0 + ($1?.count ?? 0) })
    var starts: [Int?] = []
    for value in values {
        starts.append(value == nil ? nil : bytes.count)
        if let value { bytes.append(contentsOf: value) }
    }
    bytes.append(0)  // so that an empty last value has an address, too
    return bytes.withUnsafeBytes { all in
        let base = all.baseAddress?.assumingMemoryBound(to: CChar.self)
        return body(starts.map { start in start.flatMap { base?.advanced(by: $0) } })
    }
}

extension PostgresFailure {
    /// What the server said of a statement.
    fileprivate init(_ result: OpaquePointer) {
        func field(_ code: Character) -> String {
            guard let value = code.asciiValue.flatMap({ PQresultErrorField(result, Int32($0)) }) else { return "" }
            return String(cString: value)
        }
        let message = field("M")
        var detail = message.isEmpty ? String(cString: PQresultErrorMessage(result)).firstLine : message
        let state = field("C")
        if state == "23502", field("t") == "order_batches" { detail = PostgresFailure.rowLeftOut }
        if state == "23505", field("n") == PostgresFailure.idConstraint {
            detail += "; \(PostgresFailure.idTaken): set it to their highest id"
        }
        // What a pooler does to them that gives each transaction another session.
        if ["26000", "42P05"].contains(state) { detail += "; behind a pooler of transactions, set `prepare: false`" }
        self.init(.refused, state: state, constraint: field("n"), detail: detail)
    }
}

extension String {
    /// What stands before the first line end.
    var firstLine: String { String(prefix { !$0.isNewline }) }
}
