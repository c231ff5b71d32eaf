/// A column of an order, and what it is read as.
struct OrderColumn: Sendable {
    private enum Form {
        case number
        case text
        case time
    }

    let name: String
    private let form: Form
    private let mayBeNull: Bool

    private init(_ name: String, _ form: Form, mayBeNull: Bool = false) {
        self.name = name
        self.form = form
        self.mayBeNull = mayBeNull
    }

    static let all = [
        OrderColumn("id", .number), OrderColumn("customer_id", .text, mayBeNull: true), OrderColumn("wood_type", .text),
        OrderColumn("quantity", .number), OrderColumn("status", .text), OrderColumn("created_at", .time),
        OrderColumn("updated_at", .time), OrderColumn("revision", .number),
    ]

    /// Positions of those that are never NULL.
    static let needed = all.indices.filter { !all[$0].mayBeNull }

    /// Whether values of a type can be read: whole numbers of 2, 4 and 8 bytes, texts of whatever length, also of a
    /// type that users have made, and times with a time zone.
    /// - Parameter type: Its object id, as `pg_type.dat` of PostgreSQL fixes it for all versions.
    func fits(_ type: UInt32) -> Bool {
        switch form {
        case .number: [20, 21, 23].contains(type)
        case .text: [19, 25, 1_042, 1_043].contains(type) || type >= 16_384
        case .time: type == 1_184
        }
    }

    /// What the column was made as, and can be altered to.
    var type: String {
        switch form {
        case .number: name == "quantity" ? "integer" : "bigint"
        case .text: "text"
        case .time: "timestamptz"
        }
    }
}
