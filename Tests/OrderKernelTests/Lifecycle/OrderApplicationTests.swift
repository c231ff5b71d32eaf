import Logging
import OrderKernelTesting
import ServiceLifecycle
import Testing

@testable import OrderKernel

@Suite("The lifecycle", .timeLimit(.minutes(5)))
struct OrderApplicationTests {
    let journal = Journal()
    let stop = Latch()

    /// A service of one exporter, a storage, and as many transports and middlewares as there are lives for them.
    func application(
        exporter: Life = .untilStopped, storage: Life = .untilStopped, middleware: [Life] = [], transports: [Life],
        servesOn: Bool = true, grace: Duration = .seconds(30), time: any TimeSource = SystemTime()
    ) -> OrderApplication {
        let journal = journal
        @Sendable func work(_ name: String, _ life: Life, _ context: PluginContext) -> FakeWork {
            FakeWork(name: name, life: life, journal: journal, context: context)
        }
        let plan = ServicePlan(
            service: ServiceSettings(name: "test", shutdownDelay: .zero, shutdownGrace: grace), rules: .standard,
            logging: LoggingSettings(level: .info, format: .json),
            storage: PlannedPlugin(name: "fake") { FakeStorage(work: work("storage", storage, $0)) },
            transports: transports.enumerated().map { number, life in
                PlannedPlugin(name: "fake/\(number)") { FakeTransport(work: work("transport \(number)", life, $0)) }
            },
            servesOn: servesOn,
            exporters: [PlannedPlugin(name: "fake") { FakeExporter(work: work("exporter", exporter, $0)) }],
            middleware: middleware.map { life in
                PlannedPlugin(name: "fake") { FakeMiddleware(work: work("middleware", life, $0)) }
            })
        return OrderApplication(
            plan: plan, telemetry: Telemetry(),
            log: LogOutput(LoggingSettings(level: .critical, format: .json), allowsColour: false), time: time)
    }

    /// What a service fails with, and what threw it.
    func failure(_ running: OrderApplication) async -> PluginFault? {
        do {
            _ = try await running.run(until: stop)
            Issue.record("the failure was swallowed")
            return nil
        } catch {
            return error as? PluginFault
        }
    }

    @Test("trouble that follows from other trouble began with the first")
    func since() throws {
        let time = ManualTime()
        let readiness = Readiness(time: time)
        let entry = readiness.add(kind: "storage", name: "s")
        let start = time.date
        func since(_ state: Readiness.State) -> Int64 {
            time.advance(by: .seconds(1))
            entry.set(state)
            return (readiness.plugins[0].since.milliseconds - start.milliseconds) / 1_000
        }
        #expect(since(.ready) == 1)
        #expect(since(.unavailable("lost")) == 2 && since(.unavailable("refused")) == 2)
        #expect(readiness.plugins[0].state == .unavailable("refused"))
        #expect(since(.ready) == 4 && since(.unavailable("lost")) == 5)
    }

    @Test("starts from the outside in and stops from the inside out")
    func order() async throws {
        let end = Latch()
        end.open()
        let result = try await application(transports: [.endsAfter(end, .someRefused)]).run(until: stop)
        #expect(result == .someRefused)
        #expect(
            journal.all == [
                "exporter opens", "storage opens", "transport 0 opens", "transport 0 closes",
                "storage is told to stop", "storage closes", "exporter is told to stop", "exporter closes",
            ])
    }

    @Test("a signal stops every transport, and nothing is left open")
    func signal() async throws {
        let running = application(transports: [.untilStopped, .untilStopped])
        async let result = running.run(until: stop)
        while journal.all.filter({ $0.hasPrefix("transport") }).count < 2 { await Task.yield() }
        stop.open()
        #expect(try await result == .complete)
        #expect(journal.all.count == 12)
        #expect(journal.all.prefix(2) == ["exporter opens", "storage opens"])
        for name in ["transport 0", "transport 1"] {
            #expect(
                journal.all.dropFirst(2).filter { $0.hasPrefix(name) } == [
                    "\(name) opens", "\(name) is told to stop", "\(name) closes",
                ])
        }
        #expect(
            journal.all.suffix(4) == [
                "storage is told to stop", "storage closes", "exporter is told to stop", "exporter closes",
            ])
    }

    @Test("the end of one transport does not stop another")
    func oneEnds() async throws {
        let end = Latch()
        end.open()
        let second = Latch()
        let running = application(transports: [.endsAfter(end, .someRefused), .endsAfter(second, .complete)])
        async let result = running.run(until: stop)
        while !journal.all.contains("transport 0 closes") { await Task.yield() }
        #expect(!journal.all.contains("transport 1 closes"))
        second.open()
        #expect(try await result == .someRefused)
    }

    @Test("of two failures the graver one ends the service, whichever came first", arguments: [true, false])
    func graverFailure(isFirst: Bool) async throws {
        let defect = Latch()
        let lacking = Life.lacks("key")
        let running = application(transports: isFirst ? [.failsAfter(defect), lacking] : [lacking, .failsToClose])
        if isFirst { defect.open() }
        let fault = await failure(running)
        #expect(fault?.isInternal == true)
    }

    @Test("what stops together stops side by side: one that takes long leaves the others their time")
    func sideBySide() async throws {
        let quick = Latch()
        let layer = Layer(
            members: [
                Layer.Member(name: "quick", readiness: nil) {
                    try? await gracefulShutdown()
                    quick.open()
                },
                Layer.Member(name: "slow", readiness: nil) { [journal] in
                    try? await gracefulShutdown()
                    try await quick.wait()
                    journal.write("slow is done")
                },
            ], patience: .short(SystemTime(), Logger(label: "layer") { _ in SwiftLogNoOpLogHandler() }))
        try await layer.around {}
        #expect(journal.all == ["slow is done"])
    }

    @Test("a failure knows how the other transports ended")
    func failsBesides() async throws {
        let (end, failure) = (Latch(), Latch())
        end.open()
        let running = application(transports: [.endsAfter(end, .outputFailed), .failsAfter(failure)])
        async let fault = self.failure(running)
        while !journal.all.contains("transport 0 closes") { await Task.yield() }
        failure.open()
        #expect(await fault?.plugin == "transport.fake/1")
        #expect(await fault?.othersEnd == .outputFailed)
    }

    @Test("an exporter that cannot open keeps everything else closed")
    func exporterFails() async throws {
        await #expect(throws: PluginFault.self) {
            try await application(exporter: .failsToOpen, transports: [.untilStopped]).run(until: stop)
        }
        #expect(journal.all == ["exporter opens"])
    }

    @Test("a storage that cannot open closes the exporter again")
    func storageFails() async throws {
        await #expect(throws: PluginFault.self) {
            try await application(storage: .failsToOpen, transports: [.untilStopped]).run(until: stop)
        }
        #expect(journal.all == ["exporter opens", "storage opens", "exporter is told to stop", "exporter closes"])
    }

    @Test("a transport that cannot open stops the others, and what stands around it")
    func transportFails() async throws {
        let fault = await failure(application(transports: [.untilStopped, .failsToOpen]))
        #expect(fault?.error as? Trouble == Trouble(name: "transport 1") && fault?.plugin == "transport.fake/1")
        #expect(
            journal.all.suffix(4) == [
                "storage is told to stop", "storage closes", "exporter is told to stop", "exporter closes",
            ])
        #expect(journal.all.contains("transport 0 closes") == journal.all.contains("transport 0 opens"))
    }

    @Test("what a plugin of any kind lacks is told with its name")
    func lacking() async throws {
        let key = Life.lacks("key")
        let running = [
            application(exporter: key, transports: [.untilStopped]),
            application(storage: key, transports: [.untilStopped]),
            application(middleware: [key], transports: [.untilStopped]),
            application(transports: [.untilStopped, key]),
        ]
        var told: [String] = []
        for running in running { told.append(await failure(running).map { "\($0)" } ?? "") }
        #expect(
            told == [
                "exporter.fake: there is no key", "storage.fake: there is no key", "middleware.fake: there is no key",
                "transport.fake/1: there is no key",
            ])
    }

    @Test("a storage that fails later ends the service with its error")
    func storageFailsLater() async throws {
        let failure = Latch()
        let running = application(storage: .failsAfter(failure), transports: [.untilStopped])
        async let result = running.run(until: stop)
        while !journal.all.contains("transport 0 opens") { await Task.yield() }
        failure.open()
        do {
            _ = try await result
            Issue.record("the failure was swallowed")
        } catch {
            #expect((error as? PluginFault)?.error as? Trouble == Trouble(name: "storage"))
        }
        #expect(journal.all.suffix(2) == ["exporter is told to stop", "exporter closes"])
    }

    @Test(
        "a middleware whose work is cancelled at the end closes as all else does, also when it took no notice",
        arguments: [Life.cancelledWhenStopped, .drainsForEver])
    func cancelledMiddleware(life: Life) async throws {
        let end = Latch()
        end.open()
        let running = application(middleware: [life], transports: [.endsAfter(end, .complete)])
        #expect(try await running.run(until: stop) == .complete)
        #expect(
            journal.all.suffix(5) == [
                "middleware closes", "storage is told to stop", "storage closes", "exporter is told to stop",
                "exporter closes",
            ])
    }

    @Test("what fails while the service runs ends the transports before the storage is closed")
    func failureOfNeighbour() async throws {
        let failure = Latch()
        let running = application(middleware: [.failsAfter(failure)], transports: [.untilStopped])
        async let result = running.run(until: stop)
        while !journal.all.contains("transport 0 opens") { await Task.yield() }
        failure.open()
        do {
            _ = try await result
            Issue.record("the failure was swallowed")
        } catch {
            #expect((error as? PluginFault)?.error as? Trouble == Trouble(name: "middleware"))
        }
        #expect(
            journal.all.suffix(5) == [
                "transport 0 closes", "storage is told to stop", "storage closes", "exporter is told to stop",
                "exporter closes",
            ])
    }

    @Test("a transport that drains for ever is cut after the grace, and only it")
    func grace() async throws {
        let running = application(transports: [.drainsForEver, .untilStopped], grace: .milliseconds(1))
        async let result = running.run(until: stop)
        while journal.all.filter({ $0.hasPrefix("transport") }).count < 2 { await Task.yield() }
        stop.open()
        #expect(try await result == .stoppedEarly)
        #expect(journal.all.contains("transport 1 is told to stop"))
        #expect(
            journal.all.suffix(4) == [
                "storage is told to stop", "storage closes", "exporter is told to stop", "exporter closes",
            ])
    }

    @Test(
        "a signal while storage still starts cancels the start, which leaves an input undone",
        arguments: [(true, TransportEnd.complete), (false, .stoppedEarly)])
    func stopWhileStarting(servesOn: Bool, end: TransportEnd) async throws {
        let running = application(storage: .startsForEver, transports: [.untilStopped], servesOn: servesOn)
        async let result = running.run(until: stop)
        while !journal.all.contains("storage opens") { await Task.yield() }
        stop.open()
        #expect(try await result == end)
        #expect(journal.all.contains("storage closes"))
        #expect(journal.all.last == "exporter closes")
        #expect(!journal.all.contains("transport 0 opens"))
    }

    @Test("what fails around the transports closes nothing before they have ended")
    func failureOfExporter() async throws {
        let failing = Latch()
        let running = application(
            exporter: .failsAfter(failing), middleware: [.untilStopped], transports: [.untilStopped])
        async let fault = failure(running)
        while !journal.all.contains("transport 0 opens") { await Task.yield() }
        failing.open()
        #expect(await fault?.plugin == "exporter.fake")
        #expect(
            journal.all.suffix(5) == [
                "transport 0 closes", "middleware is told to stop", "middleware closes", "storage is told to stop",
                "storage closes",
            ])
    }

    @Test("a signal while the middleware still starts closes the storage in order")
    func stopWhileMiddlewareStarts() async throws {
        let running = application(middleware: [.startsForEver], transports: [.untilStopped])
        async let result = running.run(until: stop)
        while !journal.all.contains("middleware opens") { await Task.yield() }
        stop.open()
        #expect(try await result == .complete)
        #expect(
            journal.all.suffix(5) == [
                "middleware closes", "storage is told to stop", "storage closes", "exporter is told to stop",
                "exporter closes",
            ])
    }

    @Test("what fails at its end changes nothing of how a job has ended")
    func failsToClose() async throws {
        let end = Latch()
        end.open()
        let running = application(
            exporter: .failsToClose, storage: .failsToClose, middleware: [.failsToClose],
            transports: [.endsAfter(end, .someRefused)])
        #expect(try await running.run(until: stop) == .someRefused)
    }

    @Test("what fails at its end does not hide what ended the service")
    func failsToCloseAfterFailure() async throws {
        let running = application(exporter: .failsToClose, storage: .failsToOpen, transports: [.untilStopped])
        #expect(await failure(running)?.plugin == "storage.fake")
    }

    @Test("a cancellation that is a plugin's own is a failure of the plugin")
    func cancelsItself() async throws {
        let fault = await failure(application(transports: [.cancelsItself]))
        #expect(fault?.plugin == "transport.fake/0" && fault?.error is CancellationError)
        let other = await failure(application(middleware: [.cancelsItself], transports: [.untilStopped]))
        #expect(other?.plugin == "middleware.fake" && other?.error is CancellationError)
    }

    @Test(
        "plugins that take notice of nothing do not keep the process", arguments: ["exporter", "storage", "transport"])
    func ignoresAll(kind: String) async throws {
        let time = ManualTime()
        let end = Latch()
        defer { end.open() }
        func life(_ name: String) -> Life { name == kind ? .ignoresAll(end) : .untilStopped }
        let running = application(
            exporter: life("exporter"), storage: life("storage"), transports: [life("transport")], time: time)
        let hasEnded = Latch()
        async let result = {
            defer { hasEnded.open() }
            return try await running.run(until: stop)
        }()
        while !journal.all.contains("transport 0 opens") { await Task.yield() }
        stop.open()
        while !hasEnded.isOpen {
            time.advance(by: .seconds(1))
            await Task.yield()
        }
        #expect(try await result == (kind == "transport" ? .stoppedEarly : .complete))
        #expect(!journal.all.contains { $0.hasPrefix(kind) && $0.hasSuffix("closes") })
        #expect(journal.all.contains("exporter closes") == (kind != "exporter"))
    }
}
