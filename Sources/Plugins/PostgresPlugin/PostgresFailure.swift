internal import OrderKernel

/// What went wrong between this program and the server.
struct PostgresFailure: Error, Equatable {
    /// Where it went wrong.
    enum Kind: Equatable {
        /// The server refused a statement, and the connection lives on.
        case refused
        /// The connection ended or fell silent while an answer was waited for.
        case lost
        /// No connection could be made.
        case unreachable
        /// The server is there, but is nothing for this program: its encoding, its schema.
        case unfit
        /// A stored row that cannot be read.
        case unreadable
    }

    let kind: Kind
    /// The five characters of the server's own code, as "PostgreSQL Error Codes" lists them; empty where it sent none.
    let state: String
    /// Name of the constraint that was violated; empty where none was.
    let constraint: String
    /// The driver's own words, for the log and the operator. Without passwords.
    let detail: String

    init(_ kind: Kind, state: String = "", constraint: String = "", detail: String) {
        self.kind = kind
        self.state = state
        self.constraint = constraint
        self.detail = detail
    }

    static func unreadable(_ what: String) -> PostgresFailure {
        PostgresFailure(.unreadable, detail: what)
    }

    /// What is said where a batch's token was to be NULL, as there were fewer rows than orders.
    static let rowLeftOut =
        "the database has left out a row that was to be stored or changed, as a trigger may have it"

    /// The constraint that the next id of the sequence breaks where an order has it.
    static let idConstraint = "orders_pkey"

    /// What is wrong then, as after a restore.
    static let idTaken = "the sequence of ids is behind the orders"

    /// Nobody answered before `statement_timeout` and a while were over.
    static let silent = PostgresFailure(.lost, detail: "timeout: the server did not answer in time")

    /// Nobody answered an attempt to connect in time.
    static let unanswered = PostgresFailure(.unreachable, detail: silent.detail)

    /// The host's name was not looked up in time.
    static let nameless = PostgresFailure(
        .unreachable, detail: "timeout: the name of the host was not looked up in time")

    /// The failure of a connection that was lost, or refused to be set up, before anyone used it.
    var beforeUse: PostgresFailure {
        guard kind == .lost || kind == .refused else { return self }
        return PostgresFailure(.unreachable, state: state, constraint: constraint, detail: detail)
    }

    /// The server has no room for the connection that writes, which comes first.
    static let crowdedOut = PostgresFailure(
        .unreachable, state: "53300", detail: "too many connections, and the one that writes comes first")

    /// Whether the server has no room for a connection.
    var isCrowd: Bool { state == "53300" }

    /// Another process of ours is making the tables.
    static let locked = PostgresFailure(
        .unreachable, state: "55P03", detail: "another process is bringing the tables up to date")

    /// Whether somebody else has to be done first.
    var isLock: Bool { state == "55P03" }

    /// Whether the server did not answer in time, or not at all, so that more patience may help.
    var isSilence: Bool { ["connection_timeout", "connection_failed", "statement_timeout"].contains(code) }

    /// The end of the connection, where the server did not say why.
    static func lost(_ detail: String) -> PostgresFailure {
        PostgresFailure(.lost, detail: detail)
    }
}

extension PostgresFailure {
    /// What an operator is told whose service does not start.
    var told: String {
        "\(detail) (\(code))" + (state == "57014" ? "; another session may hold a table of the orders" : "")
    }

    /// What clients, `/readyz` and telemetry are told.
    var code: String {
        switch state {
        case "28P01", "28000": return "authentication"
        case "3D000": return "unknown_database"
        case "3F000", "42P01": return "schema_missing"
        case "42703": return "schema_outdated"
        case "42501": return "permission"
        case "53300": return "too_many_connections"
        case "53100": return "disk_full"
        case "53200": return "out_of_memory"
        case "25006": return "read_only"
        case "26000", "42P05": return "prepared_statements"
        case "57014": return "statement_timeout"
        case "57P01", "57P02": return "server_stopping"
        case "57P03": return detail.contains("shutting down") ? "server_stopping" : "server_starting"
        case "40001", "40P01": return "conflict"
        case "55P03": return "locked"
        case "22021", "22P05": return "text"
        case "2200H": return "ids_exhausted"
        case "23505" where constraint == Self.idConstraint: return "id_taken"
        default: break
        }
        if state.hasPrefix("23") { return "constraint" }
        if state.hasPrefix("XX") { return "corrupt" }
        return switch kind {
        case .lost: isStale ? "postgres" : "connection_lost"
        case .unreachable: isRefusal ? "postgres" : unreachableCode
        case .unfit: "unfit_server"
        case .unreadable: "corrupt"
        case .refused: isLostConnection ? "connection_lost" : "postgres"
        }
    }

    /// Whether the server is there and will not have what this program says, however often it is asked: what is wrong
    /// is in the database, or in a setting of the session.
    private var isRefusal: Bool {
        kind == .unreachable && ["0A", "22", "23", "42", "P0"].contains { state.hasPrefix($0) }
    }

    /// Whether the server itself, or what stands before it, has lost a connection on the way.
    var isLostConnection: Bool { kind == .refused && state.hasPrefix("08") }

    /// Whether a session was given up, as it has prepared statements that no longer fit the tables, or that it has no
    /// more: a new one will do.
    var isStale: Bool { kind == .lost && ["0A000", "26000"].contains(state) }

    /// libpq says in words alone why it could not connect.
    private var unreachableCode: String {
        let reasons = [
            ("certificate", "certificate"), ("SSL", "tls"), ("could not translate host name", "unknown_host"),
            ("not read-only", "connection_options"), ("read-only", "read_only"),
            ("not in hot standby", "no_replica"), ("timeout", "connection_timeout"),
            ("Connection refused", "connection_refused"), ("No such file", "connection_refused"),
            ("password", "authentication"),
            ("definition of service", "connection_options"), ("service file", "connection_options"),
            ("invalid ", "connection_options"),
        ]
        let words = detail.replacing(/"[^"]*"/, with: "")  // a name may hold any of them
        return reasons.first { words.contains($0.0) }?.1 ?? "connection_failed"
    }

    /// Whether a new connection may help, or trying again on this one.
    var isPassing: Bool {
        switch kind {
        case .lost: true
        case .unreachable: !isHopeless
        case .unfit, .unreadable: false
        case .refused:
            isLostConnection
                || ["40001", "40003", "40P01", "57P01", "57P02", "57P03", "25006", "55P03"].contains(state)
        }
    }

    /// Whether starting again would meet the same: what the operator has to mend first.
    var isHopeless: Bool {
        kind == .unfit || kind == .unreadable || isRefusal
            || [
                "authentication", "unknown_database", "schema_missing", "schema_outdated", "permission", "certificate",
                "prepared_statements", "connection_options",
            ].contains(code)
    }

    /// Whether the server is in a state in which the same statement with other rows would fail likewise: short of
    /// something, told to stop, at odds with its system or itself.
    private var fitsAll: Bool {
        ["disk_full", "out_of_memory", "statement_timeout"].contains(code) || state == "XX000"
            || ["53", "55", "57", "58"].contains { state.hasPrefix($0) }
    }

    /// The server's own code; `nil` where it sent none.
    var databaseCode: String? { state.isEmpty ? nil : state }

    /// The failure as the kernel knows it, where nothing was stored or read.
    var storageError: StorageError {
        let text = state.isEmpty ? detail : "\(detail) (\(state))"
        if kind == .refused, !isPassing, !fitsAll {
            let isOurs = [
                "schema_missing", "schema_outdated", "permission", "too_many_connections", "prepared_statements",
                "ids_exhausted", "id_taken",
            ].contains(code)
            return StorageError(
                isOurs ? .unavailable : .failed, code: code, detail: text, databaseCode: databaseCode)
        }
        return StorageError(
            kind == .unreadable ? .failed : .unavailable, code: code, detail: text, databaseCode: databaseCode)
    }
}
