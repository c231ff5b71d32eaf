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
    /// Whether other servers may answer lists, such as replicas: they are then told without an address.
    public var hasReplicas = false
    /// Its connections; none where it keeps none, or is not open.
    public var pools: [ConnectionPool] = []

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

/// Connections to a database that are kept and lent, as they are at a moment.
public struct ConnectionPool: Sendable, Equatable {
    /// Unique among those of the storage.
    public var name: String
    /// Those that are at work.
    public var used: Int
    /// Those that are open and not at work.
    public var idle: Int
    /// Most that there may be; `nil` where there is no limit.
    public var most: Int?
    /// Requests that wait for one.
    public var waiting: Int
    /// Requests that have waited in vain, since the storage was opened.
    public var timeouts: Int

    public init(name: String, used: Int, idle: Int, most: Int? = nil, waiting: Int = 0, timeouts: Int = 0) {
        self.name = name
        self.used = used
        self.idle = idle
        self.most = most
        self.waiting = waiting
        self.timeouts = timeouts
    }
}
