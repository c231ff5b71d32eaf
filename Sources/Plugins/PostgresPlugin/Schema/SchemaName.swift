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

    /// The sequence that ids of orders come from, as a text of SQL.
    var sequence: String { "'" + table("orders_id_seq").replacing("'", with: "''") + "'" }

    /// A statement of a step of the schema, with the schema's name in it.
    func text(of statement: String) -> String { statement.replacing("SCHEMA.", with: quoted + ".") }
}
