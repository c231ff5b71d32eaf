/// What a storage keeps orders in, as OpenTelemetry's conventions for databases have it.
public struct DatabaseDescription: Sendable, Equatable {
    /// `db.system.name`: `postgresql`, `sqlite`.
    public var system: String
    /// `db.namespace`: name of the database, where there are several.
    public var namespace: String?
    /// Name or address of its server; `nil` where the database is in this process.
    public var address: String?
    /// Port of its server, where that is not the system's usual one.
    public var port: Int?
    /// Whether a call leaves this process.
    public var isRemote: Bool

    public init(
        system: String, namespace: String? = nil, address: String? = nil, port: Int? = nil, isRemote: Bool = false
    ) {
        self.system = system
        self.namespace = namespace
        self.address = address
        self.port = port
        self.isRemote = isRemote
    }
}

/// How many connections to its database a storage has.
public struct ConnectionCounts: Sendable, Equatable {
    /// Those that are at work.
    public var used: Int
    public var idle: Int
    /// Most that there may be.
    public var most: Int
    /// Requests that wait for one.
    public var waiting: Int

    public init(used: Int, idle: Int, most: Int, waiting: Int) {
        self.used = used
        self.idle = idle
        self.most = most
        self.waiting = waiting
    }
}
