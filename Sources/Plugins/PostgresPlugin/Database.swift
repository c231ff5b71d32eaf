internal import OrderKernel

/// A database at work: the connection that writes, and those that read.
final class Database: Sendable {
    let writer: Writer
    let readers: Readers
    /// Where lists are read: from the replicas, if there are any, and from the primary while none can be reached.
    let lists: Readers
    private let server: Server
    private let limits: PoolLimits
    private let gauge = PoolGauge(PostgresStorage.name)
    private let replicaGauge = PoolGauge(PostgresStorage.name + "/replicas")
    private let schema: SchemaName
    private let migrates: Bool

    /// - Throws: `PluginError` when libpq is missing, or the system has nothing left to make it of.
    init(_ configuration: PostgresStorage.Configuration) throws(PluginError) {
        try Server.loadLibrary()
        server = Server(configuration)
        limits = configuration.pool.limits
        schema = SchemaName(configuration.schema)
        let statements = ReadStatements(schema)
        migrates = configuration.migrate == .onStart
        writer = try Writer()
        var reading = server
        reading.isForReading = true
        readers = try Readers(
            limits.connections - 1, reading, limits: limits, gauge: gauge, statements: statements,
            following: writer.primary)
        if let replicas = configuration.replicas {
            reading.url = replicas
            reading.sessionAttributes = "prefer-standby"
            lists = try Readers(
                limits.connections - 1, reading, limits: limits, gauge: replicaGauge, statements: statements,
                substitute: readers)
        } else {
            lists = readers
        }
    }

    /// Starts to connect.
    /// - Parameters:
    ///   - report: Is told of the connection that writes.
    ///   - readers: Is told why nothing can be read, and with `nil` that reads go on.
    ///   - replicas: Is told why the primary stands in for the replicas, and with `nil` that it does no more.
    func open(
        report: @escaping @Sendable (WriterReport) -> Void, readers: @escaping @Sendable (PostgresFailure?) -> Void,
        replicas: @escaping @Sendable (PostgresFailure?) -> Void
    ) throws(PluginError) {
        let statements = WriteStatements(schema)
        let isMigrated = Latch()
        var writing = limits
        writing.idleTimeout = writing.lifetime  // it also shows whether the server is there
        try writer.open(
            server, limits: writing, gauge: gauge, statements: statements,
            prepare: { [schema, migrates, server, writer] connection throws(PostgresFailure) in
                connection.isGivenUp = { writer.isOver }
                if !isMigrated.isOpen {
                    connection.isUnwanted = { writer.isClosed }
                    defer { connection.isUnwanted = nil }
                    let migrator = Migrator(schema, connection, timeout: server.statementTimeout)
                    try migrates ? migrator.migrate() : migrator.check()
                    let end = Instant.now + server.statementTimeout
                    do throws(PostgresFailure) {
                        try Trial(statements, server.session).run { (calls) throws(PostgresFailure) in
                            try connection.run(calls, until: end)
                        }
                    } catch {
                        throw error.namingRights(in: schema)
                    }
                    isMigrated.open()
                }
            }, report: report)
        try self.readers.open(report: readers)
        if lists !== self.readers { try lists.open(report: replicas) }
    }

    /// Lists that no replica can read go on to the primary: what waits for replicas ends first.
    func close() async {
        if lists !== readers { await lists.close() }
        await readers.close()
        await writer.close()
    }

    /// How many connections there are: to the primary, and to replicas.
    var pools: [ConnectionPool] {
        let primary = gauge.pool(most: limits.connections, waiting: writer.waiting + readers.waiting)
        guard lists !== readers else { return [primary] }
        return [
            primary, replicaGauge.pool(most: limits.connections - 1, waiting: lists.waiting),
        ]
    }
}

extension Server {
    /// The session that a batch is committed in.
    var session: WriteSession { WriteSession(isOurs: prepares, timeout: statementTimeout) }

    init(_ configuration: PostgresStorage.Configuration) {
        self.init(
            url: configuration.url, password: configuration.password,
            applicationName: configuration.applicationName, prepares: configuration.prepare,
            statementTimeout: configuration.statementTimeout)
    }
}
