public import OrderKernel

extension PostgresStorage {
    /// What a profile says of the storage.
    public struct Configuration: PluginConfiguration {
        let url: Secret
        let password: Secret?
        let replicas: Secret?
        let schema: String
        let migrate: Migration
        let onStartFailure: StartFailure?
        let prepare: Bool
        let statementTimeout: Duration
        let applicationName: String
        let pool: Pool

        public init(from settings: inout Settings) {
            let given: Secret = settings.required(
                "url",
                """
                Where the server is, in any form that libpq has: `postgresql://user@host:5432/orders`, several hosts, \
                `host=/run/postgresql dbname=orders`, `service=orders`. `postgresql+psycopg2://`, as SQLAlchemy names \
                a driver, counts as `postgresql://`.
                """, environment: "DATABASE_URL", example: "postgresql://orderd@localhost:5432/orders")
            url = Server.withoutDriver(given)
            password = settings.optional("password", "Password of the role; it counts more than one that `url` holds.")
            let copies: Secret? = settings.optional(
                "replicas",
                """
                Where copies of the database are, in the form of `url`: lists are read there, and may be stale; at \
                `url` while no copy can be reached.
                """, example: "postgresql://orderd@replica-1,replica-2/orders")
            replicas = copies.map(Server.withoutDriver)
            schema = settings.value("schema", default: "public", "Schema that the tables are in; it has to be there.")
            migrate = settings.value(
                "migrate", default: .onStart,
                "When the tables are brought up to date: `on_start`, or `never` where `orderd storage migrate` does it."
            )
            onStartFailure = settings.optional(
                "on_start_failure",
                """
                What to do while the server is away at the start: `retry`, or `fail`. By default a service that \
                listens tries again, and one that ends with its input fails.
                """)
            prepare = settings.value(
                "prepare", default: true,
                "Whether statements are prepared; a pooler that pools transactions, as PgBouncer, needs `false`.")
            statementTimeout = settings.value(
                "statement_timeout", default: .seconds(3), "Longest time that the server works on one statement.",
                in: .milliseconds(100) ... .seconds(3_600))
            applicationName = settings.value(
                "application_name", default: "orderd",
                "What the server calls the connections, where `url` does not say.")
            pool = settings.section("pool", "How many connections there are, and how long they live.")
            settings.check("url", fault: Server.fault(in: url.revealed))
            settings.check("replicas", fault: replicas.flatMap { Server.fault(in: $0.revealed) })
            settings.check("password", fault: password.flatMap { Server.faultOfCharacters(in: $0.revealed) })
            settings.check("schema", holds: !schema.isEmpty && !schema.utf8.contains(0), "is not the name of a schema")
        }
    }

    /// How many connections there are, and how long they live.
    public struct Pool: PluginConfiguration {
        let limits: PoolLimits

        public init(from settings: inout Settings) {
            let standard = PoolLimits()
            let most = settings.value(
                "max", default: standard.connections,
                "Most connections to the server: one writes, and comes first where there is no room; the others read.",
                in: 2...64)
            let acquireTimeout = settings.value(
                "acquire_timeout", default: standard.acquireTimeout, "Longest wait of a request for a connection.",
                in: .milliseconds(100) ... .seconds(60))
            let idleTimeout = settings.value(
                "idle_timeout", default: standard.idleTimeout, "How long a connection that reads may be idle.",
                in: .seconds(1) ... .seconds(86_400))
            let lifetime = settings.value(
                "lifetime", default: standard.lifetime, "How long a connection may be used.",
                in: .seconds(1) ... .seconds(86_400))
            settings.needs(.descriptors(3 * most), for: "max")
            limits = PoolLimits(
                connections: most, acquireTimeout: acquireTimeout, idleTimeout: idleTimeout, lifetime: lifetime)
        }
    }

    /// When the tables are brought up to date.
    public enum Migration: String, ChoiceValue {
        /// At every start.
        case onStart = "on_start"
        /// By the operator.
        case never
    }

    /// What to do while the server is away at the start.
    public enum StartFailure: String, ChoiceValue {
        /// Try again, until it is there.
        case retry
        /// End the start.
        case fail
    }
}
