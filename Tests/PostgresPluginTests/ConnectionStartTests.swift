import BlockingThreads
import Glibc
import OrderKernel
import Synchronization
import Testing

@testable import PostgresPlugin

/// A name server that answers nothing until it is told to.
private final class SilentNames: Sendable {
    private let wakeUp: WakeUp
    private let asked = Atomic(0)

    init() throws { wakeUp = try WakeUp() }

    var questions: Int { asked.load(ordering: .relaxed) }

    func lookUp() {
        asked.add(1, ordering: .relaxed)
        wakeUp.wait()
    }

    func answer() { wakeUp.wake() }

    deinit { wakeUp.close() }
}

@Suite("Host names that take long", .timeLimit(.minutes(5)))
struct ConnectionStartTests {
    private func attempt(_ server: Server, _ starts: ConnectionStarts, for time: Duration) throws -> ConnectionAttempt {
        ConnectionAttempt(server, to: [:], start: try starts.start(to: [:]), until: .now + time)
    }

    @Test("an attempt to connect ends in time, and the next goes on with the same look-up")
    func slowName() throws {
        try Server.loadLibrary()
        let server = Server(url: Secret("postgresql://u@127.0.0.1:1/d"), applicationName: "")
        let names = try SilentNames()
        let starts = ConnectionStarts { place in
            names.lookUp()
            return server.start(server.parameters(for: place))
        }
        let first = try attempt(server, starts, for: .seconds(3))
        #expect(try first.goOn(until: .now + .milliseconds(10), unless: { false }) == nil)
        #expect(throws: PostgresFailure.nameless) { try first.goOn(until: .now + .seconds(60), unless: { false }) }

        let second = try attempt(server, starts, for: .seconds(60))
        #expect(throws: PostgresFailure.nameless) { try second.goOn(until: .now + .seconds(60), unless: { true }) }
        names.answer()
        let refusal = #expect(throws: PostgresFailure.self) {
            try second.goOn(until: .now + .seconds(60), unless: { false })
        }
        #expect(refusal?.detail.contains("Connection refused") == true)
        #expect(names.questions == 1)

        names.answer()
        let third = try attempt(server, starts, for: .seconds(60))
        #expect(throws: PostgresFailure.self) { try third.goOn(until: .now + .seconds(60), unless: { false }) }
        #expect(names.questions == 2)
    }
}
