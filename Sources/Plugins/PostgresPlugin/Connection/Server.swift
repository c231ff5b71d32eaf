internal import CPostgres
internal import Glibc
internal import OrderKernel

/// Where connections go, and how.
struct Server: Sendable {
    /// A connection string of libpq, with its password.
    var url: Secret
    /// Stands in for the password of ``url``.
    var password: Secret?
    var applicationName: String
    /// Whether statements are prepared.
    var prepares = true
    /// Whether the connections are for reading: the server then plans a statement for the values that it has, each
    /// time, as which index is best for a list depends on them.
    var isForReading = false
    /// Longest time that the server works on one statement.
    var statementTimeout = Duration.seconds(5)
    /// What a connection must be good for where ``url`` does not say, such as `prefer-standby`; empty for writing,
    /// where there is a choice.
    var sessionAttributes = ""

    /// Makes sure that libpq is there. Nothing can be connected to without it.
    static func loadLibrary() throws(PluginError) {
        guard let failure = loadPostgresLibrary() else { return }
        throw PluginError("libpq cannot be loaded: \(String(cString: failure)); install it (Debian: libpq5).")
    }

    /// The connection, once it is there and is good for what is wanted of it.
    func accept(_ handle: OpaquePointer, _ meanwhile: () -> Void) throws(PostgresFailure) -> Connection {
        PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
        let connection = Connection(handle, prepares: prepares)
        do throws(PostgresFailure) {
            try checkEncoding(of: connection)
            try setUp(connection, until: .now + .seconds(2), meanwhile)
        } catch {
            connection.close()
            throw error.beforeUse
        }
        return connection
    }

    func parameters(for place: Place) -> [(String, String)] {
        var parameters = [
            ("tcp_user_timeout", "2000"), ("keepalives_idle", "2"), ("keepalives_interval", "1"),
            ("keepalives_count", "2"),
        ]
        if place.keys.contains("port") {
            // One of several hosts: what it does not say must not be said of all of them.
            for (option, value) in options() where !["host", "hostaddr", "port"].contains(option) {
                // A name of a database is taken for a connection string where it looks like one.
                parameters.append((option, option == "dbname" ? "dbname='\(value.escaped)'" : value))
            }
        } else {
            parameters.append(("dbname", url.revealed))
        }
        parameters += place.map { ($0.key, $0.value) }
        if let password { parameters.append(("password", password.revealed)) }
        if !applicationName.isEmpty, options()["application_name"] == nil {
            parameters.append(("application_name", applicationName))
        }
        parameters.append(("client_encoding", "UTF8"))
        return parameters
    }

    func start(_ parameters: [(String, String)]) -> OpaquePointer? {
        let keywords = parameters.map { strdup($0.0) } + [nil]
        let values = parameters.map { strdup($0.1) } + [nil]
        defer { (keywords + values).forEach { free($0) } }
        return PQconnectStartParams(keywords.map { UnsafePointer($0) }, values.map { UnsafePointer($0) }, 1)
    }

    private func checkEncoding(of connection: Connection) throws(PostgresFailure) {
        let encoding = connection.parameter("server_encoding")
        guard encoding.isEmpty || encoding == "UTF8" else {
            throw PostgresFailure(.unfit, detail: "the database is encoded in \(encoding), and must be in UTF8")
        }
    }

    /// Settings of the session, where the session is ours alone.
    private func setUp(
        _ connection: Connection, until end: Instant, _ meanwhile: () -> Void
    ) throws(PostgresFailure) {
        guard prepares else { return }
        let settings = Call(.sessionSettings) { values in
            values.append(statementTimeout.millisecondsText)
            values.append(isForReading ? "force_custom_plan" : "auto")
            values.append(isForReading ? "off" : "on")
        }
        let rows = try connection.run([settings], until: end, meanwhile: meanwhile)[0]
        if rows.count == 1, !rows.isNull(0, 0) {
            connection.backend = Backend(processID: connection.processID, start: rows.integer(0, 0))
        }
    }
}

extension Connection {
    /// Ends what the server still has of a connection that was lost: it may hold locks, as it does not know yet that
    /// nobody is there.
    func end(_ backend: Backend, until end: Instant, meanwhile: () -> Void) throws(PostgresFailure) {
        let call = Call(.endBackend) { values in
            values.append(backend.processID)
            values.append(backend.start)
        }
        _ = try run([call], until: end, meanwhile: meanwhile)
    }
}

extension Statement {
    /// How long a statement may take and a lock be held when this program is cut off, that the server notices that, and
    /// that an answered order survives a loss of power, also where the role or the database has it otherwise; and when
    /// the session's process was started.
    fileprivate static let sessionSettings = Statement(
        name: "session_settings",
        sql: """
            SELECT backend_start, set_config('statement_timeout', $1, false), \
            set_config('idle_in_transaction_session_timeout', $1, false), \
            set_config('default_transaction_isolation', 'read committed', false), \
            set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' \
            ELSE current_setting('synchronous_commit') END, false), \
            set_config('plan_cache_mode', $2, false), set_config('enable_sort', $3, false), \
            set_config('tcp_keepalives_idle', '5', false), set_config('tcp_keepalives_interval', '2', false), \
            set_config('tcp_keepalives_count', '3', false), set_config('tcp_user_timeout', '10000', false), \
            (SELECT set_config(name, '2000', false) FROM pg_settings \
            WHERE name = 'client_connection_check_interval' AND version() LIKE '%linux%'), \
            (SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'idle_session_timeout') \
            FROM (SELECT 1) one LEFT JOIN pg_stat_activity ON pid = pg_backend_pid()
            """, types: [.text, .text, .text])

    /// Ends a process of the server that is this role's own, unless its number was given to another.
    fileprivate static let endBackend = Statement(
        name: "end_backend",
        sql: """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
            WHERE pid = $1::bigint AND backend_start = $2 AND usename = current_user
            """, types: [.bigint, .timestamp])
}

extension String {
    /// As a value between quotes of a connection string.
    fileprivate var escaped: String { replacing("\\", with: "\\\\").replacing("'", with: "\\'") }
}

extension Duration {
    /// The whole milliseconds, as the server takes durations without a unit.
    var millisecondsText: String { "\(Int64(self / .milliseconds(1)))" }
}
