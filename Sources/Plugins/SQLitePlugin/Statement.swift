internal import CSQLite

/// A prepared statement. Its connection ends it when it closes.
struct Statement {
    private let handle: OpaquePointer
    private let database: OpaquePointer

    init(_ sql: String, on database: OpaquePointer) throws(SQLiteFailure) {
        var handle: OpaquePointer?
        let code = sqlite3_prepare_v3(database, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil)
        guard code == SQLITE_OK, let handle else { throw SQLiteFailure(code, on: database) }
        self.handle = handle
        self.database = database
    }

    /// Binds a parameter, numbered from 1. It keeps its value until it is bound again.
    func bind(_ value: Int64, at index: Int32) throws(SQLiteFailure) {
        try check(sqlite3_bind_int64(handle, index, value))
    }

    func bind(_ text: String?, at index: Int32) throws(SQLiteFailure) {
        guard var text else { return try check(sqlite3_bind_null(handle, index)) }
        let code = text.withUTF8 { bytes in
            // A bound null pointer would be NULL, so the empty text is bound from elsewhere.
            guard let start = bytes.baseAddress, !bytes.isEmpty else {
                return sqlite3_bind_text(handle, index, "", 0, nil)
            }
            return start.withMemoryRebound(to: CChar.self, capacity: bytes.count) {
                sqlite3_bind_text(handle, index, $0, Int32(bytes.count), copied)
            }
        }
        try check(code)
    }

    func bind(_ bytes: [UInt8], at index: Int32) throws(SQLiteFailure) {
        try check(bytes.withUnsafeBytes { sqlite3_bind_blob(handle, index, $0.baseAddress, Int32($0.count), copied) })
    }

    /// Goes to the next row. `false` when there is none.
    func step() throws(SQLiteFailure) -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw SQLiteFailure(code, on: database)
        }
    }

    /// Ends the reading of rows, and with it what the statement holds locked.
    func reset() {
        sqlite3_reset(handle)  // repeats the code of the last step, which has been thrown already
    }

    /// Runs a statement that gives no rows.
    func run() throws(SQLiteFailure) {
        defer { reset() }
        while try step() {}
    }

    /// Runs a statement that stores or changes one row.
    /// - Throws: Also where a trigger of the database's own has kept it from that.
    func changeRow() throws(SQLiteFailure) {
        try run()
        guard sqlite3_changes(database) == 1 else { throw .rowLeftOut }
    }

    /// A column of the row, numbered from 0.
    func integer(_ column: Int32) -> Int64 {
        sqlite3_column_int64(handle, column)
    }

    func text(_ column: Int32) -> String? {
        guard let start = sqlite3_column_text(handle, column) else { return nil }
        let bytes = UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column)))
        return String(decoding: bytes, as: UTF8.self)
    }

    func bytes(_ column: Int32) -> [UInt8] {
        let start = sqlite3_column_blob(handle, column)
        return Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
    }

    private func check(_ code: Int32) throws(SQLiteFailure) {
        guard code == SQLITE_OK else { throw SQLiteFailure(code, on: database) }
    }

    /// SQLite's `SQLITE_TRANSIENT`, a macro that is not imported: SQLite takes a copy of what is bound.
    private var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }
}
