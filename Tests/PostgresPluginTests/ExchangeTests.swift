import Testing

@testable import PostgresPlugin

@Suite("Exchange of statements and results")
struct ExchangeTests {
    let failure = PostgresFailure(.refused, state: "23514", detail: "no")

    @Test("each group has the rows of its statements")
    func rows() throws {
        var exchange = Exchange<Int>([[.call, .call], [.call]])
        for event: Exchange<Int>.Event in [
            .rows(1), .end, .rows(2), .end, .synchronised, .rows(3), .end, .synchronised,
        ] {
            #expect(!exchange.isOver)
            exchange.receive(event)
        }
        #expect(exchange.isOver)
        #expect(try exchange.outcomes.map { try $0.get() } == [[1, 2], [3]])
    }

    @Test("what a preparation answers is no row, and its name is kept")
    func preparation() throws {
        var exchange = Exchange<Int>([[.preparation("a"), .call, .call]])
        for event: Exchange<Int>.Event in [.rows(0), .end, .rows(1), .end, .rows(2), .end, .synchronised] {
            exchange.receive(event)
        }
        #expect(try exchange.outcomes[0].get() == [1, 2])
        #expect(exchange.prepared == ["a"])
    }

    @Test("a failure ends its group and no other, and prepares nothing behind it")
    func oneFailure() throws {
        var exchange = Exchange<Int>([[.call, .preparation("a"), .call], [.call]])
        for event: Exchange<Int>.Event in [
            .failure(failure), .end, .skipped, .end, .skipped, .end, .synchronised, .rows(7), .end, .synchronised,
        ] {
            exchange.receive(event)
        }
        #expect(throws: failure) { try exchange.outcomes[0].get() }
        #expect(try exchange.outcomes[1].get() == [7])
        #expect(exchange.prepared == [])
    }

    @Test("the first failure of a group is the one that counts, also one at its end")
    func firstFailure() {
        let late = PostgresFailure(.refused, state: "40001", detail: "late")
        var exchange = Exchange<Int>([[.call], [.call]])
        for event: Exchange<Int>.Event in [
            .failure(failure), .end, .failure(late), .end, .synchronised, .rows(1), .end, .failure(late), .synchronised,
        ] {
            exchange.receive(event)
        }
        #expect(throws: failure) { try exchange.outcomes[0].get() }
        #expect(throws: late) { try exchange.outcomes[1].get() }
    }

    @Test("an end without a result is no step forward")
    func idleEnd() throws {
        var exchange = Exchange<Int>([[.call], [.call]])
        for event: Exchange<Int>.Event in [
            .end, .rows(1), .end, .synchronised, .end, .rows(2), .end, .synchronised,
        ] {
            exchange.receive(event)
        }
        #expect(try exchange.outcomes.map { try $0.get() } == [[1], [2]])
    }

    @Test("a lost connection takes the outcome of every group that has none, with the server's last words")
    func lost() throws {
        var exchange = Exchange<Int>([[.call], [.call], [.call]])
        let farewell = PostgresFailure(.refused, state: "57P01", detail: "terminating")
        for event: Exchange<Int>.Event in [.rows(1), .end, .synchronised, .failure(farewell)] {
            exchange.receive(event)
        }
        exchange.lose(.lost("closed"))
        #expect(exchange.isOver)
        #expect(try exchange.outcomes[0].get() == [1])
        #expect(throws: PostgresFailure(.lost, state: "57P01", detail: "terminating")) {
            try exchange.outcomes[1].get()
        }
        #expect(throws: PostgresFailure.lost("closed")) { try exchange.outcomes[2].get() }
    }

    @Test("an end twice without an answer, or what nothing asks for, is the end of the connection")
    func outOfStep() throws {
        for events: [Exchange<Int>.Event] in [[.end, .end], [.unforeseen]] {
            var exchange = Exchange<Int>([[.call], [.call], [.call]])
            for event in [.rows(1), .end, .synchronised] + events { exchange.receive(event) }
            #expect(exchange.isOver)
            #expect(try exchange.outcomes[0].get() == [1])
            for outcome in exchange.outcomes.dropFirst() {
                guard case .failure(let failure) = outcome else { Issue.record("\(outcome)"); continue }
                #expect(failure.kind == .lost)
            }
        }
    }

    @Test(
        "a session whose prepared statements fail is given up, where they were prepared before",
        arguments: [
            ("0A000", true), ("0A000", false), ("26000", true), ("26000", false),
        ])
    func stale(state: String, isOld: Bool) throws {
        let failure = PostgresFailure(.refused, state: state, detail: "no")
        var exchange = Exchange<Int>([isOld ? [.call] : [.preparation("a"), .call], [.call]])
        let prepared: [Exchange<Int>.Event] = isOld ? [] : [.rows(0), .end]
        for event in prepared + [.failure(failure), .end, .synchronised, .rows(1), .end, .synchronised] {
            exchange.receive(event)
        }
        let outcomes = exchange.outcomes(of: [["a"], ["b"]], after: isOld ? ["a", "b"] : ["b"])
        #expect(throws: PostgresFailure(isOld ? .lost : .refused, state: state, detail: "no")) {
            try outcomes[0].get()
        }
        #expect(try outcomes[1].get() == [1])
    }

    @Test("a group that relies on what one before it could not prepare fails for the same reason")
    func unprepared() throws {
        let late = PostgresFailure(.refused, state: "57014", detail: "late")
        let unknown = PostgresFailure(.refused, state: "26000", detail: "unknown")
        var exchange = Exchange<Int>([[.preparation("a"), .call], [.call], [.call]])
        for event: Exchange<Int>.Event in [
            .failure(late), .end, .skipped, .end, .synchronised, .failure(unknown), .end, .synchronised, .rows(1), .end,
            .synchronised,
        ] {
            exchange.receive(event)
        }
        let outcomes = exchange.outcomes(of: [["a"], ["a"], ["b"]], after: ["b"])
        #expect(throws: late) { try outcomes[0].get() }
        #expect(throws: late) { try outcomes[1].get() }
        #expect(try outcomes[2].get() == [1])
    }
}
