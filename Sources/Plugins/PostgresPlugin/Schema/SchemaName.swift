/// The schema's name, and names within it. No search path is needed, which a pooler would lose.
struct SchemaName: Sendable {
    /// The schema as SQL writes it.
    let quoted: String

    /// - Parameter name: As `pg_namespace` has it.
    init(_ name: String) {
        quoted = "\"" + name.replacing("\"", with: "\"\"") + "\""
    }

    /// A name of ours within the schema.
    func table(_ name: String) -> String { "\(quoted).\(name)" }

    /// The sequence that ids of orders come from, whatever its name, as SQL that the server works out once for each
    /// statement: another table may have had the usual name.
    var sequence: String {
        let (orders, usual) = (text("orders"), text("orders_id_seq"))
        return "(SELECT coalesce(pg_get_serial_sequence(\(orders), 'id'), \(usual))::regclass)"
    }

    /// A name of ours as a text of SQL.
    private func text(_ name: String) -> String { "'" + table(name).replacing("'", with: "''") + "'" }

    /// A statement of a step of the schema, with the schema's name in it.
    func text(of statement: String) -> String { statement.replacing("SCHEMA.", with: quoted + ".") }
}
