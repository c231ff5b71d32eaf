internal import Logging
public import OrderKernel
internal import ServiceLifecycle
internal import Synchronization

/// Keeps orders in a PostgreSQL database, which other processes may use at the same time.
public final class PostgresStorage: StoragePlugin {
    public static let name = "postgres"
    public static let summary = "Keeps orders in a PostgreSQL database."

    private let configuration: Configuration
    private let context: PluginContext
    private let readsFail = Atomic(false)
    private let running = Mutex<Database?>(nil)  // protects what `run` opens and closes

    public init(_ configuration: Configuration, context: PluginContext) {
        self.configuration = configuration
        self.context = context
    }

    /// Connects and brings the tables up to date, waits until told to stop, and closes.
    ///
    /// Where the profile says so, a server that is away is waited for, and the storage is unavailable until it is
    /// there.
    /// - Throws: `PluginError` when the database cannot be had: server, role, schema, encoding.
    public func run() async throws {
        let health = Health(configuration, context)
        let opened = try Database(configuration)
        running.withLock { $0 = opened }
        do {
            try opened.open(report: health.note, readers: health.noteReaders, replicas: health.noteReplicas)
            async let _ = health.tellOfLongStart()
            try? await cancelWhenGracefulShutdown { try await health.hasGivenUp.wait() }
        } catch {
            await close(opened)
            throw error
        }
        await close(opened)
        try health.check()
    }

    public var database: DatabaseDescription {
        var description = Server(configuration).database(schema: configuration.schema)
        description.hasReplicas = configuration.replicas != nil
        description.pools = running.withLock { $0 }?.pools ?? []
        return description
    }

    public func commit(_ batch: WriteBatch) async throws(StorageError) -> [WriteOutcome] {
        try await opened().writer.commit(batch)
    }

    public func order(_ id: Order.ID, before deadline: Instant) async throws(StorageError) -> Order? {
        try await reading { () throws(StorageError) in try await opened().readers.order(id, before: deadline) }
    }

    public func orders(
        _ query: OrderQuery, before deadline: Instant
    ) async throws(StorageError) -> [Order] {
        // The server's texts hold no NUL, so nothing is equal to one that does.
        if [query.customerID, query.woodType].contains(where: { $0?.utf8.contains(0) == true }) { return [] }
        return try await reading { () throws(StorageError) in
            try await opened().lists.orders(query, before: deadline)
        }
    }

    public func schema(_ work: SchemaWork) async throws -> SchemaReport? {
        try await Maintenance(configuration, context.logger).perform(work)
    }

    private func opened() throws(StorageError) -> Database {
        guard let database = running.withLock({ $0 }) else { throw .closed }
        return database
    }

    private func close(_ opened: Database) async {
        running.withLock { $0 = nil }
        await opened.close()
    }

    /// Reads, and tells the operator when reading begins to fail while writing may go well, and when it does no more.
    private func reading<Value>(
        _ work: () async throws(StorageError) -> Value
    ) async throws(StorageError) -> Value {
        do throws(StorageError) {
            let value = try await work()
            if readsFail.load(ordering: .relaxed), readsFail.exchange(false, ordering: .relaxed) {
                context.logger.notice("reading succeeds again")
            }
            return value
        } catch {
            if error.code == "schema_missing", let obstacle = running.withLock({ $0 })?.writer.obstacle {
                throw obstacle
            }
            // One slow list says nothing of the others.
            let isTrouble =
                error.kind == .unavailable && !["closed", "overloaded", "statement_timeout"].contains(error.code)
            if isTrouble, !readsFail.exchange(true, ordering: .relaxed) {
                context.logger.error("reading fails", metadata: ["code": "\(error.code)", "reason": "\(error.detail)"])
            }
            throw error
        }
    }
}
