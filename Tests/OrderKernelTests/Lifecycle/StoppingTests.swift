import InMemoryLogging
import Logging
import OrderKernelTesting
import Synchronization
import Testing

@testable import OrderKernel

@Suite("Stopping and starting", .timeLimit(.minutes(5)))
struct StoppingTests {
    let log = InMemoryLogHandler()
    let time = ManualTime()
    let journal = Journal()
    var logger: Logger { Logger(label: "test") { _ in log } }

    var messages: [String] { log.entries.map { "\($0.message) \($0.metadata["plugin"] ?? "")" } }

    /// Closes a layer of one plugin.
    /// - Returns: After how many seconds it was left behind, or had ended.
    func close(_ life: Life, limit: Duration) async throws -> Int {
        let readiness = Readiness(time: time).add(kind: "storage", name: "fake")
        let context = PluginContext(instance: "fake", logger: logger, time: time, readiness: readiness)
        let work = FakeWork(name: "storage", life: life, journal: journal, context: context)
        let member = Layer.Member(name: "storage.fake", readiness: readiness) { _ = try await work.run() }
        let layer = Layer(members: [member], patience: Patience(limit: limit, time: time, logger: logger))
        let hasEnded = Latch()
        let isClosing = Latch()
        async let closing: Void = {
            defer { hasEnded.open() }
            try await layer.around { isClosing.open() }
        }()
        try await isClosing.wait()
        var seconds = 0
        while !hasEnded.isOpen {
            // Whoever waits has to have looked at the clock before it moves.
            for _ in 0..<1_000 { await Task.yield() }
            if hasEnded.isOpen { break }
            time.advance(by: .seconds(1))
            seconds += 1
        }
        try await closing
        return seconds
    }

    @Test("what stops when it is told to is not spoken of")
    func inTime() async throws {
        #expect(try await close(.untilStopped, limit: .seconds(5)) == 0)
        #expect(messages.isEmpty)
    }

    @Test("what takes no notice of being told is named, and cancelled at its limit")
    func cancelled() async throws {
        #expect(try await close(.drainsForEver, limit: .seconds(30)) >= 30)
        #expect(messages == ["has not stopped storage.fake"])
        #expect(journal.all.last == "storage closes")
    }

    @Test("what takes no notice of being cancelled is left behind")
    func leftBehind() async throws {
        let end = Latch()
        defer { end.open() }
        #expect(try await close(.ignoresAll(end), limit: .seconds(5)) >= 10)
        #expect(
            messages == [
                "has not stopped storage.fake",
                "has not ended though it was cancelled; is left behind storage.fake",
            ])
    }

    @Test("what fails at its end is told")
    func fails() async throws {
        #expect(try await close(.failsToClose, limit: .seconds(5)) == 0)
        #expect(messages == ["failed while the service ends storage.fake"])
        #expect(log.entries.first?.level == .error)
    }

    @Test("a start that is given up has nobody accused of not stopping")
    func givenUp() async throws {
        let readiness = Readiness(time: time).add(kind: "storage", name: "fake")
        let member = Layer.Member(name: "storage.fake", readiness: readiness) { try await Latch().wait() }
        let layer = Layer(members: [member], patience: .short(time, logger))
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try? await layer.around {} }
            tasks.cancelAll()
        }
        #expect(messages.isEmpty)
    }

    /// Serves with transports until they are told to stop.
    func serve(_ lives: [Life], until isEnough: @Sendable (OrderService) -> Bool) async throws {
        try await OrderService.standalone(storage: InMemoryStorage()) { service in
            let transports = lives.enumerated().map { number, life in
                let entry = service.readiness.add(kind: "transport", name: "fake/\(number)")
                let context = PluginContext(instance: "fake", logger: logger, time: time, readiness: entry)
                let work = FakeWork(name: "transport \(number)", life: life, journal: journal, context: context)
                return TransportRun(
                    FakeTransport(work: work), name: "transport.fake/\(number)", serving: service, readiness: entry,
                    logger: logger)
            }
            let stop = Latch()
            let settings = ServiceSettings(name: "test", shutdownDelay: .zero, shutdownGrace: .seconds(30))
            let serving = Serving(
                transports: transports, readiness: service.readiness, settings: settings, stop: stop, time: time,
                logger: logger)
            async let end = serving.run()
            while !isEnough(service) {
                time.advance(by: .seconds(1))
                await Task.yield()
            }
            stop.open()
            _ = await end
        }
    }

    @Test("a transport that has ended does not keep the others from being ready, nor did it have to say ready")
    func ended() async throws {
        let end = Latch()
        end.open()
        try await serve([.endsAfter(end, .complete), .untilStopped]) { service in
            service.readiness.isReady && service.readiness.plugins[0].state == .ended(nil)
                && ["ready", "ended; others go on"].allSatisfy { message in
                    log.entries.contains { $0.message == message }
                }
        }
        let told = try #require(log.entries.first { $0.message == "ended; others go on" })
        #expect(told.metadata == ["plugin": "transport.fake/0", "others": "transport.fake/1"])
    }

    @Test("of a transport that could not do all of its work it is said why, though the others are ready")
    func endedInTrouble() async throws {
        let end = Latch()
        end.open()
        try await serve([.endsAfter(end, .outputFailed), .untilStopped]) { service in
            service.readiness.isReady && service.readiness.plugins[0].state == .ended("output_failed")
        }
    }

    @Test("a service is said to be ready only when it is")
    func notReady() async throws {
        try await serve([.unavailable, .untilStopped]) { _ in
            log.entries.contains { $0.message == "started, not ready" }
        }
        let told = try #require(log.entries.first { $0.message == "started, not ready" })
        #expect(told.metadata["plugins"] == "transport.fake/0")
        #expect(!log.entries.contains { $0.message == "ready" })
    }

    @Test("a transport that does not say ready is named")
    func neverReady() async throws {
        try await OrderService.standalone(storage: InMemoryStorage()) { service in
            let entry = service.readiness.add(kind: "transport", name: "fake")
            let waiting = OwnTask { try? await entry.waitUntilSettled("transport.fake", time, logger) }
            while messages.isEmpty {
                time.advance(by: .seconds(1))
                await Task.yield()
            }
            entry.set(.ready)
            _ = await waiting.value
        }
        #expect(messages == ["has not said ready transport.fake"])
    }
}
