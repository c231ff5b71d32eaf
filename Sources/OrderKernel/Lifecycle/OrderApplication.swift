internal import Logging

/// A profile at work: makes the plugins, starts them from the outside in, and stops them from the inside out.
package struct OrderApplication: Sendable {
    private let plan: ServicePlan
    private let log: LogOutput
    private let telemetry: Telemetry
    private let time: any TimeSource

    package init(plan: ServicePlan, telemetry: Telemetry, log: LogOutput, time: any TimeSource = SystemTime()) {
        self.plan = plan
        self.telemetry = telemetry
        self.log = log
        self.time = time
    }

    /// Runs until every transport has ended, or until `stop` opens.
    /// - Returns: How the transports ended.
    /// - Throws: What kept a plugin from starting or from going on; what was opened is closed again by then.
    package func run(until stop: Latch) async throws -> TransportEnd {
        try SharedFile.refuse(in: plan.claims)
        let readiness = Readiness(time: time)
        let plugins = try startAll(readiness)
        let (exporters, storage) = (plugins.exporters, plugins.storage)
        let database = DatabaseMeter(storage.plugin, telemetry.clock)
        observe(database)
        let commits = CommitMeter(StorageMeter(storage.plugin.database, telemetry), telemetry)
        let logger = log.logger("orderd", telemetry: telemetry)
        let queue = CommitQueue(rules: plan.rules, time: time, meter: commits) { isStalled in
            let plugin: Logger.Metadata = ["plugin": "\(storage.name)"]
            if isStalled { return logger.warning("a commit takes very long", metadata: plugin) }
            logger.notice("orders are committed again", metadata: plugin)
        }
        commits.observe { queue.waitingWrites }
        tellOfHidden(plugins.documents, logger)
        let service = service(of: plugins, queue, readiness, logger)
        let transports = plugins.transports.map {
            TransportRun($0.plugin, name: $0.name, serving: service, readiness: $0.readiness, logger: logger)
        }
        let serving = Serving(
            transports: transports, readiness: readiness, settings: plan.service, stop: stop, time: time, logger: logger
        )
        let short = Patience.short(time, logger)
        let long = Patience.long(time, logger)
        let outer = Layer(members: exporters.map { $0.member($0.plugin.run) }, patience: short)
        let queues = Layer(
            members: try zip(exporters, plan.exporters).map { try exportQueue(of: $0, $1) }, patience: short)
        telemetry.endAttaching()
        let inner = Layer(members: [storage.member(storage.plugin.run)], patience: long)
        let innermost = Layer(members: plugins.middleware.map { $0.member($0.plugin.run) }, patience: short)
        let end = try await cancelling(unless: serving.hasBegun, by: stop) {
            try await outer.around {
                try await queues.around {
                    defer { if !serving.hasServed { telemetry.leaveOutLastMetrics() } }
                    return try await inner.around {
                        defer { database.close() }
                        return try await innermost.around {
                            try await serve(serving, committing: queue, to: storage, patience: long)
                        }
                    }
                }
            }
        }
        // Nothing was left undone where requests come for as long as it serves.
        if end == nil, !plan.servesOn { logger.error("stopped before anything was begun") }
        return end ?? (plan.servesOn ? .complete : .stoppedEarly)
    }

    private func service(
        of plugins: StartedPlugins, _ queue: CommitQueue, _ readiness: Readiness, _ logger: Logger
    ) -> OrderService {
        OrderService(
            rules: plan.rules, readiness: readiness, telemetry: telemetry,
            middleware: zip(plan.middleware, plugins.middleware).map { .init(name: $0.name, plugin: $1.plugin) },
            endpoints: OrderEndpoints(storage: plugins.storage.plugin, queue: queue, telemetry: telemetry),
            logger: logger, documents: plugins.documents.flatMap(\.documents))
    }

    private func startAll(_ readiness: Readiness) throws -> StartedPlugins {
        StartedPlugins(
            exporters: try plan.exporters.map { try start($0, "exporter", readiness) },
            storage: try start(plan.storage, "storage", readiness),
            middleware: try plan.middleware.map { try start($0, "middleware", readiness) },
            transports: try plan.transports.map { try start($0, "transport", readiness) })
    }

    /// Tells of documents that nobody can ask for.
    private func tellOfHidden(
        _ shown: [(plugin: String, documents: [any ServiceDocument])], _ logger: Logger
    ) {
        let paths = shown.flatMap { plugin, documents in documents.map { (plugin, $0.path) } }
        for hidden in HiddenDocument.all(among: paths, beside: plan.claims) {
            logger.warning(
                "document is not served",
                metadata: ["plugin": "\(hidden.plugin)", "path": "\(hidden.path)", "reason": "\(hidden.reason)"])
        }
    }

    /// Has metrics of the process, the log and the database asked for at each collection.
    private func observe(_ database: DatabaseMeter) {
        let meter = ProcessMeter(telemetry.clock)
        telemetry.observe { meter.measure() }
        telemetry.observe(log)
        telemetry.observe { database.measure() }
    }

    /// Runs the body; a stop before it has begun to serve cancels it.
    /// - Returns: `nil` where it was cancelled.
    private func cancelling(
        unless hasBegun: Latch, by stop: Latch,
        _ body: @escaping @Sendable () async throws -> TransportEnd
    ) async throws -> TransportEnd? {
        try await withThrowingTaskGroup(of: TransportEnd?.self) { tasks in
            tasks.addTask { try await body() }
            tasks.addTask {
                try? await stop.wait()
                return nil
            }
            var isUnstarted = false
            do {
                while let end = try await tasks.next() {
                    // Transports that begin at that very moment are cut before anybody has asked them for anything.
                    if let end { tasks.cancelAll(); return isUnstarted ? nil : end }
                    isUnstarted = !hasBegun.isOpen
                    if isUnstarted { tasks.cancelAll() }
                }
            } catch is CancellationError where stop.isOpen {}
            return nil
        }
    }

    /// Serves until the transports have ended, and then until all that they asked for is committed, or was given up
    /// with transports that are cut.
    private func serve(
        _ serving: Serving, committing queue: CommitQueue, to storage: StartedPlugin<any StoragePlugin>,
        patience: Patience
    ) async throws -> TransportEnd {
        // Storage has made its files by now, and no transport has emptied one yet.
        try SharedFile.refuse(in: plan.claims)
        let committing = OwnTask<Void> {
            await firstToEnd {
                await queue.run(storage: storage.plugin)
            } or: {
                try? await serving.isCut.wait()
            }
        }
        let end = await serving.run()
        queue.close()
        await patience.see(committing) { [storage.name] }
        return try end.get()
    }

    /// The queues of an exporter, which it outlives.
    /// - Throws: What no queue can do of what it demands.
    private func exportQueue(
        of exporter: StartedPlugin<any ExporterPlugin>, _ planned: PlannedPlugin<any ExporterPlugin>
    ) throws(PluginFault) -> Layer.Member {
        let demand = exporter.plugin.demand
        let mistakes = demand.mistakes
        guard mistakes.isEmpty else {
            let error = PluginError("demands what cannot be: \(mistakes.joined(separator: ", "))")
            throw PluginFault(plugin: exporter.name, error: error)
        }
        let pipeline = telemetry.attach(
            exporter.plugin, demanding: demand, name: planned.name, logger: log.logger("orderd", telemetry: nil))
        return Layer.Member(name: exporter.name, readiness: nil) { await pipeline.run() }
    }

    private func start<P: Sendable>(
        _ planned: PlannedPlugin<P>, _ kind: String, _ readiness: Readiness
    ) throws -> StartedPlugin<P> {
        let entry = readiness.add(kind: kind, name: planned.name)
        let name = "\(kind).\(planned.name)"
        // What an exporter says of its own work is not exported: it would never come to an end.
        let logger = log.logger(name, telemetry: kind == "exporter" ? nil : telemetry)
        let context = PluginContext(
            instance: planned.name, logger: logger, time: time, metrics: MetricSource(telemetry), readiness: entry,
            servesOn: plan.servesOn)
        do {
            return StartedPlugin(name: name, plugin: try planned.make(context), readiness: entry)
        } catch {
            throw PluginFault(plugin: name, error: error)
        }
    }
}

/// All plugins of a profile, made.
private struct StartedPlugins: Sendable {
    let exporters: [StartedPlugin<any ExporterPlugin>]
    let storage: StartedPlugin<any StoragePlugin>
    let middleware: [StartedPlugin<any MiddlewarePlugin>]
    let transports: [StartedPlugin<any TransportPlugin>]

    /// What each shows, in the order in which transports look for it.
    var documents: [(plugin: String, documents: [any ServiceDocument])] {
        exporters.map { ($0.name, $0.plugin.documents) } + [(storage.name, storage.plugin.documents)]
            + middleware.map { ($0.name, $0.plugin.documents) } + transports.map { ($0.name, $0.plugin.documents) }
    }
}

/// A plugin that was made, and its place in the list of plugins.
private struct StartedPlugin<P: Sendable>: Sendable {
    /// Kind and instance, such as `exporter.otlp`.
    let name: String
    let plugin: P
    let readiness: Readiness.Entry

    func member(_ run: @escaping @Sendable () async throws -> Void) -> Layer.Member {
        Layer.Member(name: name, readiness: readiness, run: run)
    }
}
