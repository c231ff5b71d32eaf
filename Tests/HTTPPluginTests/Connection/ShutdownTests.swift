import OrderKernel
import OrderKernelTesting
import Synchronization
import Testing

/// A storage whose reads wait until the test lets them go on, cancelled or not.
final class HeldStorage: StoragePlugin {
    static let name = "held"
    static let summary = "Waits for a test."

    let reads = AsyncStream.makeStream(of: Order.ID.self)
    private let held = Mutex<[CheckedContinuation<Void, Never>]?>([])  // protects the reads that wait; nil: none do

    init(_ configuration: NoSettings, context: PluginContext) {}
    init() {}

    /// Lets all reads go on, also those to come.
    func release() {
        let waiters = held.withLock { held in
            defer { held = nil }
            return held ?? []
        }
        waiters.forEach { $0.resume() }
    }

    func commit(_ batch: WriteBatch) async throws(StorageError) -> [WriteOutcome] {
        batch.effects(on: CurrentRows(), nextID: 1).outcomes
    }

    func order(_ id: Order.ID, before deadline: Instant) async throws(StorageError) -> Order? {
        reads.continuation.yield(id)
        await withCheckedContinuation { waiter in
            let isHeld = held.withLock { held in
                held?.append(waiter)
                return held != nil
            }
            if !isHeld { waiter.resume() }
        }
        return nil
    }

    func orders(_ query: OrderQuery, before deadline: Instant) async throws(StorageError) -> [Order] {
        []
    }
}

@Suite("The end of an HTTP transport", .timeLimit(.minutes(5)))
struct ShutdownTests {
    static func get(_ id: Int) -> String { "GET /orders/\(id) HTTP/1.1\r\nHost: localhost\r\n\r\n" }

    @Test("all that is in flight is answered, then the connections end")
    func drains() async throws {
        let storage = HeldStorage()
        let end = try await HTTPService.run(storage: storage) { http in
            let idle = try await http.connect()
            try await idle.send(ConnectionTests.get)
            _ = try await idle.answer()
            let busy = try await http.connect()
            try await busy.send(Self.get(1) + Self.get(2))
            for await _ in storage.reads.stream { break }
            http.stop()
            #expect(await idle.rest() == "")
            await #expect(throws: (any Error).self) { try await http.connect() }
            storage.release()
            #expect(try await busy.answer()["Connection"] == nil)
            #expect(try await busy.answer()["Connection"] == "close")
            #expect(await busy.rest() == "")
        }
        #expect(end == .complete)
    }

    @Test(
        "a client that goes on sending after its last answer holds up nothing",
        arguments: [
            ("", get(2)),
            ("POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n", "{"),
        ])
    func chatter(start: String, more: String) async throws {
        let storage = HeldStorage()
        let end = try await HTTPService.run("max_body: 1GiB\nmax_buffered: 1GiB", storage: storage) { http in
            let idle = try await http.connect()
            try await idle.send(ConnectionTests.get)
            _ = try await idle.answer()
            let busy = try await http.connect()
            try await busy.send(Self.get(1))
            for await _ in storage.reads.stream { break }
            http.stop()
            #expect(await idle.rest() == "")
            storage.release()
            #expect(try await busy.answer()["Connection"] == "close")
            try? await busy.send(start)
            while (try? await busy.send(more)) != nil {}
        }
        #expect(end == .complete)
    }

    @Test("what is in flight when the task is cancelled is cut, and counted")
    func cuts() async throws {
        let storage = HeldStorage()
        let end = try await HTTPService.run(storage: storage) { http in
            let busy = try await http.connect()
            try await busy.send(Self.get(1))
            for await _ in storage.reads.stream { break }
            http.cancel()
            #expect(await busy.rest() == "")
            storage.release()
        }
        #expect(end == .stoppedEarly)
    }

    @Test("requests beyond those that may be worked on are answered 503")
    func inFlight() async throws {
        let storage = HeldStorage()
        _ = try await HTTPService.run("max_in_flight: 1", storage: storage) { http in
            let busy = try await http.connect()
            try await busy.send(Self.get(1))
            for await _ in storage.reads.stream { break }
            let answer = try await http.send(Self.get(2))
            #expect(answer.status == 503)
            #expect(answer.problem == "overloaded")
            #expect(try await http.send(ConnectionTests.get).status == 200)
            storage.release()
            #expect(try await busy.answer().status == 404)
        }
    }

    @Test(
        "an address that cannot be had is told in one line",
        arguments: [
            ("host: no.such.host.invalid", "The host no.such.host.invalid is unknown."),
            ("host: 192.0.2.1", "192.0.2.1 is no address of this machine."),
        ])
    func badAddress(settings: String, message: String) async throws {
        #expect(await Self.startError(settings) == message)
    }

    @Test("a port that is taken is told in one line")
    func portTaken() async throws {
        _ = try await HTTPService.run { http in
            let message = await Self.startError("port: \(http.port)")
            #expect(message == "Port \(http.port) on 127.0.0.1 is taken: choose another port, or stop what uses it.")
        }
    }

    private static func startError(_ settings: String) async -> String? {
        do {
            try await HTTPService.start(settings)
            return nil
        } catch {
            return (error as? PluginError)?.description
        }
    }
}
