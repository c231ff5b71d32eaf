/// One SQL statement, the same text each time it is sent.
struct Statement: Sendable {
    /// Under which a connection prepares it, unique within the plugin; empty for one that is sent once.
    let name: String
    let sql: String
    let types: [ParameterType]
}

/// The type of a parameter: its object id, as `pg_type.dat` of PostgreSQL fixes it for all versions.
struct ParameterType: Sendable {
    let id: UInt32

    static let text = ParameterType(id: 25)
    static let integer = ParameterType(id: 23)
    static let bigint = ParameterType(id: 20)
    static let timestamp = ParameterType(id: 1184)
    static let uuid = ParameterType(id: 2950)
    static let bytes = ParameterType(id: 17)
    static let texts = ParameterType(id: 1009)
    static let integers = ParameterType(id: 1007)
    static let bigints = ParameterType(id: 1016)
    static let timestamps = ParameterType(id: 1185)
    static let uuids = ParameterType(id: 2951)
    static let byteStrings = ParameterType(id: 1001)
}

/// A statement with its parameters.
struct Call: Sendable {
    let statement: Statement
    var parameters = Parameters()

    init(_ statement: Statement) {
        self.statement = statement
    }

    init(_ statement: Statement, _ fill: (inout Parameters) -> Void) {
        self.statement = statement
        fill(&parameters)
    }
}
