import OrderKernel
import Testing

@testable import PostgresPlugin

@Suite("Commit of a batch")
struct CommitTests {
    let start = Instant.now
    let time = Timestamp(milliseconds: 1_762_597_800_123)
    let oak = OrderDraft(customerID: "c", woodType: "oak", quantity: 5)
    let key = IdempotencyKey(principal: "p", text: "k")
    let lost = PostgresFailure.lost("gone")
    let takenToken = PostgresFailure(.refused, state: "23505", constraint: "order_batches_pkey", detail: "")
    let away = PostgresFailure(.unreachable, detail: "Connection refused")

    var deadline: Instant { start + .seconds(30) }

    func commit(
        _ writes: [Write], settled: [BatchToken] = [], isOurs: Bool = true, inputs: [ObjectIdentifier?] = []
    ) -> Commit {
        let batch = WriteBatch(writes: writes, time: time, deadline: deadline, rules: .standard, inputs: inputs)
        let work = BatchWork(
            batch, token: BatchToken(), settled: settled, session: WriteSession(isOurs: isOurs, timeout: .seconds(5)),
            statements: WriteStatements(SchemaName("public")))
        return Commit(work, deadline: deadline, patience: .seconds(5))
    }

    var twoCreates: Commit { commit([.create(oak, key: nil), .create(oak, key: nil)]) }

    func order(_ id: Order.ID, _ status: OrderStatus = .registered, revision: Int = 1) -> Order {
        Order(id: id, draft: oak, status: status, createdAt: time, updatedAt: time, revision: revision)
    }

    /// Names of the statements that are to be sent; empty for another step.
    func sent(_ step: Commit.Step) -> [String] {
        switch step {
        case .send(let calls), .goOn(let calls): calls.map(\.statement.name)
        default: []
        }
    }

    func outcomes(_ step: Commit.Step) -> [WriteOutcome]? {
        if case .done(let outcomes) = step { outcomes } else { nil }
    }

    func error(_ step: Commit.Step) -> StorageError? {
        if case .failed(let error) = step { error } else { nil }
    }

    func isPause(_ step: Commit.Step) -> Bool {
        if case .pause = step { true } else { false }
    }

    let creation = ["create_orders"]
    /// Of a batch that changes nothing.
    let unchanging = ["await_standby", "remove_tokens", "commit"]
    let question = ["begin", "read_token", "await_standby", "remove_tokens", "commit"]

    @Test("a pooler that has no server for a batch has sent none of it")
    func unserved() {
        let failing = "server login has been failing, try again later (server_login_retry)"
        for kind in [PostgresFailure.Kind.refused, .lost] {
            var commit = twoCreates
            _ = commit.begin(at: start)
            let failure = PostgresFailure(kind, state: "08P01", detail: failing)
            #expect(isPause(commit.receive(.failure(failure), at: start)))
            #expect(!commit.mayBeStored)
            _ = commit.resume(at: start)
            #expect(isPause(commit.receive(.failure(failure), at: start)))
            #expect(commit.troubles == [failure, failure])
        }
    }

    @Test(
        "the reason of an attempt is told, though the deadline cut off the next one",
        arguments: [
            (PostgresFailure(.refused, state: "25006", detail: "read-only"), "read_only"),
            (PostgresFailure(.unreachable, detail: "Connection refused"), "connection_refused"),
        ])
    func reason(failure: PostgresFailure, code: String) {
        var commit = twoCreates
        _ = commit.begin(at: start)
        #expect(isPause(commit.receive(.failure(failure), at: start)))
        _ = commit.resume(at: start)
        #expect(error(commit.receive(.failure(.unanswered), at: start + .seconds(6)))?.code == code)
    }

    @Test(
        "after a refusal, nothing is sent so late that the deadline cuts it short, and the outcome is known",
        arguments: ["25006", "55P03", "40001", "57014"])
    func late(state: String) {
        let refusal = PostgresFailure(.refused, state: state, detail: "")
        for (milliseconds, goesOn) in [(29_300, true), (29_600, false), (29_990, false)] {
            var commit = twoCreates
            let now = start + .milliseconds(milliseconds)
            _ = commit.begin(at: start)
            let step = commit.receive(.failure(refusal), at: now)
            #expect(isPause(step) == goesOn)
            if case .pause(let duration) = step { #expect(now + duration <= deadline - .milliseconds(500)) }
            #expect(goesOn || error(step) != nil && error(step)?.kind != .outcomeUnknown)
        }
    }

    @Test(
        "many writes of an input that had their time may be too many; few, and requests, wait for a lock",
        arguments: [(65, true, 30, true), (64, true, 30, false), (65, false, 30, false), (65, true, 5, false)])
    func tooMany(count: Int, isOrdered: Bool, seconds: Int, isTooMuch: Bool) {
        let inputs = isOrdered ? [ObjectIdentifier?](repeating: ObjectIdentifier(CommitTests.self), count: count) : []
        var commit = commit(Array(repeating: .create(oak, key: nil), count: count), inputs: inputs)
        let now = deadline - .seconds(seconds)
        _ = commit.begin(at: now)
        let step = commit.receive(.failure(PostgresFailure(.refused, state: "57014", detail: "")), at: now)
        #expect(isPause(step) == !isTooMuch && error(step)?.kind == (isTooMuch ? .tooMuch : nil))
    }

    @Test("a lost race for a key is run again as long as there is time, and is no failure of the storage's")
    func lateRace() {
        let race = PostgresFailure(.refused, state: "23505", constraint: "order_keys_pkey", detail: "")
        var commit = commit([.create(oak, key: key)])
        _ = commit.begin(at: start)
        #expect(isPause(commit.receive(.failure(race), at: deadline - .milliseconds(10))))
        _ = commit.resume(at: deadline - .milliseconds(5))
        #expect(error(commit.receive(.failure(race), at: deadline))?.kind == .deadlineExceeded)
    }

    @Test("a short time leaves room for another attempt")
    func shortTime() {
        var commit = twoCreates
        _ = commit.begin(at: deadline - .milliseconds(400))
        let refusal = PostgresFailure(.refused, state: "40001", detail: "")
        #expect(isPause(commit.receive(.failure(refusal), at: deadline - .milliseconds(300))))
        _ = commit.resume(at: deadline - .milliseconds(290))
        #expect(error(commit.receive(.failure(refusal), at: deadline - .milliseconds(100)))?.kind == .deadlineExceeded)
    }

    @Test("creates without keys go out whole, in one round trip")
    func creates() {
        var commit = twoCreates
        #expect(sent(commit.begin(at: start)) == creation)
        let step = commit.receive(.success([.ids([7])]), at: start)
        #expect(outcomes(step) == [.created(order(7)), .created(order(8))])
    }

    @Test("where the session is not its own, a batch says what it needs of its transaction")
    func shared() {
        var commit = commit([.create(oak, key: nil)], isOurs: false)
        #expect(sent(commit.begin(at: start)) == ["begin", "settings", "create_orders", "commit"])
        let step = commit.receive(.success([.none, .none, .ids([7]), .none]), at: start)
        #expect(outcomes(step) == [.created(order(7))])
        var update = self.commit([.update(3, OrderChange(status: .ready))], isOurs: false)
        #expect(sent(update.begin(at: start)) == ["begin", "settings", "lock_orders"])
        #expect(sent(update.receive(.success([.none, .none, .orders(order(3, .ready))]), at: start)) == unchanging)
    }

    @Test("with little time left, creates tell the server to give up in time")
    func hurry() {
        var commit = twoCreates
        #expect(sent(commit.begin(at: deadline - .seconds(1))) == ["begin", "settings", "create_orders", "commit"])
        let step = commit.receive(.success([.none, .none, .ids([7]), .none]), at: start)
        #expect(outcomes(step) == [.created(order(7)), .created(order(8))])
    }

    @Test("ids with a gap are those of the creates in their order")
    func gap() {
        var commit = twoCreates
        _ = commit.begin(at: start)
        let step = commit.receive(.success([.ids([7, 9], gaps: true)]), at: start)
        #expect(outcomes(step) == [.created(order(7)), .created(order(9))])
    }

    @Test("updates lock their rows first, and are stored in a second round trip of the same transaction")
    func updates() {
        var commit = commit([.update(3, OrderChange(status: .ready)), .create(oak, key: nil)])
        #expect(sent(commit.begin(at: start)) == ["begin", "lock_orders", "take_ids"])
        let ids = ResultRows.made([[[Int64]([9]).arrayBytes]])
        let second = commit.receive(.success([.none, .orders(order(3)), ids]), at: start)
        guard case .goOn = second else { Issue.record("another transaction: \(second)"); return }
        #expect(sent(second) == ["store_token", "insert_orders", "update_orders", "commit"])
        let end = commit.receive(.success([.none, .none, .none, .none]), at: start)
        #expect(outcomes(end) == [.updated(order(3, .ready, revision: 2)), .created(order(9))])
    }

    @Test("a batch that changes nothing stores no token of its own")
    func nothing() {
        var commit = commit([.update(3, OrderChange(status: .ready))])
        _ = commit.begin(at: start)
        #expect(sent(commit.receive(.success([.none, .orders()]), at: start)) == ["find_orders"])
        #expect(sent(commit.receive(.success([.made([[nil]])]), at: start)) == unchanging)
        #expect(outcomes(commit.receive(.success([.none]), at: start)) == [.refused(.unknownOrder(3))])
    }

    @Test("an order that somebody else has locked is postponed, and its neighbours are stored")
    func held() {
        var commit = commit([1, 2, 3].map { .update($0, OrderChange(status: .ready)) })
        #expect(sent(commit.begin(at: start)) == ["begin", "lock_orders"])
        guard case .goOn(let search) = commit.receive(.success([.none, .orders(order(2))]), at: start) else {
            Issue.record("not searched for")
            return
        }
        #expect(sent(.goOn(search)) == ["find_orders"])
        let found = ResultRows.made([[[Int64]([1]).arrayBytes]])
        #expect(
            sent(commit.receive(.success([found]), at: start)) == ["store_token", "update_orders", "commit"])
        let end = commit.receive(.success([.none, .none, .none]), at: start)
        #expect(outcomes(end) == [.postponed, .updated(order(2, .ready, revision: 2)), .refused(.unknownOrder(3))])
    }

    @Test("a key that another process takes meanwhile is found used when the batch is done anew")
    func lostRace() {
        var commit = commit([.create(oak, key: key)])
        #expect(sent(commit.begin(at: start)) == ["begin", "read_keys"])
        let free = ResultRows.made([
            [Int64(1).bigEndianBytes, nil, Int64(4).bigEndianBytes] + [[UInt8]?](repeating: nil, count: 8)
        ])
        #expect(
            sent(commit.receive(.success([.none, free]), at: start))
                == ["store_token", "insert_orders", "insert_keys", "commit"])
        let race = PostgresFailure(.refused, state: "23505", constraint: "order_keys_pkey", detail: "")
        #expect(isPause(commit.receive(.failure(race), at: start)))
        #expect(sent(commit.resume(at: start)) == ["begin", "read_keys"])
        let used = ResultRows.made(
            [[Int64(1).bigEndianBytes, oak.digest, Int64(2).bigEndianBytes] + order(2).columns],
            types: [20, 17, 20] + ResultRows.orderTypes)
        #expect(sent(commit.receive(.success([.none, used]), at: start)) == unchanging)
        #expect(outcomes(commit.receive(.success([.none]), at: start)) == [.replayed(order(2))])
    }

    @Test("after a loss the same token goes out again, and a taken token tells what the first attempt gave")
    func takenByItself() {
        var commit = twoCreates
        guard case .send(let first) = commit.begin(at: start) else { Issue.record("nothing sent"); return }
        #expect(isPause(commit.receive(.failure(lost), at: start)))
        guard case .send(let second) = commit.resume(at: start) else { Issue.record("nothing sent"); return }
        #expect(second[0].parameters.values[0] == first[0].parameters.values[0])
        #expect(sent(commit.receive(.failure(takenToken), at: start)) == question)
        #expect(
            outcomes(commit.receive(.success([.none, .ids([5])]), at: start)) == [
                .created(order(5)), .created(order(6)),
            ])
    }

    @Test("what an update gave is read from its token")
    func takenByUpdate() {
        var commit = commit([.update(3, OrderChange(status: .ready))])
        _ = commit.begin(at: start)
        guard case .goOn(let storing) = commit.receive(.success([.none, .orders(order(3))]), at: start) else {
            Issue.record("nothing stored")
            return
        }
        let record = storing[0].parameters.values[1]
        _ = commit.receive(.failure(lost), at: start)
        _ = commit.resume(at: start)
        let changed = order(3, .ready, revision: 2)
        let again = commit.receive(.success([.none, .orders(changed)]), at: start)
        #expect(sent(again) == ["store_token", "commit"])
        #expect(sent(commit.receive(.failure(takenToken), at: start)) == question)
        #expect(
            outcomes(commit.receive(.success([.none, .made([[nil, nil, record]])]), at: start)) == [.updated(changed)])
    }

    @Test("a loss that nothing resolves before the deadline is an unknown outcome")
    func unknown() {
        var commit = twoCreates
        _ = commit.begin(at: start)
        _ = commit.receive(.failure(lost), at: start)
        _ = commit.resume(at: start)
        #expect(isPause(commit.receive(.failure(away), at: start + .seconds(29))))
        _ = commit.resume(at: start)
        #expect(error(commit.receive(.failure(away), at: start + .seconds(31)))?.kind == .outcomeUnknown)
    }

    @Test("a loss before the commit went out is none of it")
    func lostWhileReading() {
        var commit = commit([.update(3, OrderChange(status: .ready))])
        _ = commit.begin(at: start)
        #expect(isPause(commit.receive(.failure(lost), at: start)))
        _ = commit.resume(at: start)
        #expect(error(commit.receive(.failure(away), at: start + .seconds(6)))?.kind == .unavailable)
    }

    @Test("a connection is waited for as long as it may take, then nothing was stored")
    func unreachable() {
        var commit = twoCreates
        _ = commit.begin(at: start)
        #expect(isPause(commit.receive(.failure(away), at: start)))
        _ = commit.resume(at: start)
        #expect(isPause(commit.receive(.failure(away), at: start + .seconds(4))))
        _ = commit.resume(at: start)
        let end = error(commit.receive(.failure(away), at: start + .seconds(5)))
        #expect(end?.kind == .unavailable)
        #expect(end?.code == "connection_refused")
    }

    @Test("passing trouble is tried again", arguments: ["40001", "40P01", "55P03", "57P01", "25006", "57014"])
    func passing(state: String) {
        var commit = twoCreates
        _ = commit.begin(at: start)
        let failure = PostgresFailure(.refused, state: state, detail: "")
        #expect(isPause(commit.receive(.failure(failure), at: start + .seconds(20))))
        #expect(
            commit.troubles.isEmpty == ["40001", "40P01", "55P03"].contains(state), "races and locks pass by themselves"
        )
        #expect(sent(commit.resume(at: start + .seconds(20))) == creation)
    }

    @Test("another server than one that only reads is waited for as long as a connection")
    func readOnly() {
        var commit = twoCreates
        _ = commit.begin(at: start)
        let failure = PostgresFailure(.refused, state: "25006", detail: "read-only")
        #expect(isPause(commit.receive(.failure(failure), at: start)) && commit.troubles == [failure])
        _ = commit.resume(at: start)
        let end = error(commit.receive(.failure(failure), at: start + .seconds(5)))
        #expect(end?.kind == .unavailable)
        #expect(end?.code == "read_only")
    }

    @Test("a write that cannot be stored fails its batch, of which nothing is stored")
    func constraint() {
        var commit = twoCreates
        _ = commit.begin(at: start)
        let failure = PostgresFailure(.refused, state: "23514", detail: "a check")
        #expect(
            error(commit.receive(.failure(failure), at: start))
                == StorageError(.failed, code: "constraint", detail: "a check (23514)", databaseCode: "23514"))
    }

    @Test("a failure that stays, after a loss, is only told once the lost attempt can no longer be committed")
    func voided() {
        var commit = twoCreates
        _ = commit.begin(at: start)
        _ = commit.receive(.failure(lost), at: start)
        _ = commit.resume(at: start)
        let failure = PostgresFailure(.refused, state: "53100", detail: "full")
        #expect(sent(commit.receive(.failure(failure), at: start)) == ["begin", "store_token", "commit"])
        var committed = commit
        #expect(error(commit.receive(.success([.none, .none, .none]), at: start))?.code == "disk_full")
        #expect(sent(committed.receive(.failure(takenToken), at: start)) == question)
        #expect(
            outcomes(committed.receive(.success([.none, .ids([5])]), at: start)) == [
                .created(order(5)), .created(order(6)),
            ])
    }

    @Test("a batch that is late, or empty, sends nothing")
    func nothingToSend() {
        var late = twoCreates
        #expect(error(late.begin(at: deadline))?.kind == .deadlineExceeded)
        var empty = commit([])
        #expect(outcomes(empty.begin(at: start)) == [])
    }

    @Test("tokens whose outcome is known are removed with a batch")
    func removal() {
        var commit = commit([.create(oak, key: nil)], settled: [BatchToken(), BatchToken()])
        #expect(sent(commit.begin(at: start)) == ["create_orders", "remove_tokens"])
    }

    @Test("an answer that cannot be read after the commit is an unknown outcome, and nothing is sent again")
    func unreadableAnswer() {
        var commit = twoCreates
        _ = commit.begin(at: start)
        #expect(error(commit.receive(.success([.none]), at: start))?.kind == .outcomeUnknown)
        var asking = twoCreates
        _ = asking.begin(at: start)
        #expect(sent(asking.receive(.failure(takenToken), at: start)) == question)
        #expect(error(asking.receive(.success([.none, .none]), at: start))?.kind == .outcomeUnknown)
    }

    @Test(
        "a failure that leaves open what became of a commit is like a lost connection", arguments: ["40003", "08006"])
    func ambiguous(state: String) {
        let failure = PostgresFailure(.refused, state: state, detail: "")
        var commit = twoCreates
        guard case .send(let first) = commit.begin(at: start) else { Issue.record("nothing sent"); return }
        #expect(isPause(commit.receive(.failure(failure), at: start)))
        guard case .send(let second) = commit.resume(at: start) else { Issue.record("nothing sent"); return }
        #expect(second[0].parameters.values[0] == first[0].parameters.values[0])
        var taken = commit
        #expect(sent(taken.receive(.failure(takenToken), at: start)) == question)
        #expect(error(commit.receive(.failure(failure), at: deadline))?.kind == .outcomeUnknown)
    }

    @Test("a session that was given up for its prepared statements leaves nothing open", arguments: ["0A000", "26000"])
    func stale(state: String) {
        var commit = twoCreates
        _ = commit.begin(at: start)
        #expect(isPause(commit.receive(.failure(PostgresFailure(.lost, state: state, detail: "")), at: start)))
        #expect(!commit.mayBeStored)
    }

    @Test("a key whose order others have deleted refuses its create")
    func deletedOrder() {
        var commit = commit([.create(oak, key: key)])
        _ = commit.begin(at: start)
        let row = [Int64(1).bigEndianBytes, oak.digest, Int64(2).bigEndianBytes] + [[UInt8]?](repeating: nil, count: 8)
        #expect(sent(commit.receive(.success([.none, .made([row])]), at: start)) == unchanging)
        #expect(outcomes(commit.receive(.success([.none]), at: start)) == [.refused(.keyReused)])
    }
}
