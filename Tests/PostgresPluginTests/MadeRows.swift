import CPostgres
import OrderKernel

@testable import PostgresPlugin

extension ResultRows {
    /// Rows as a server would send them, made without one.
    /// - Parameter types: Of the columns, by their object ids; 0 for each that has none.
    static func made(_ rows: [[[UInt8]?]], types: [UInt32] = []) -> ResultRows {
        precondition(loadPostgresLibrary() == nil, "libpq is not there")
        guard let result = PQmakeEmptyPGresult(nil, PGRES_TUPLES_OK) else { preconditionFailure("no memory") }
        let width = rows.first?.count ?? 0
        var attributes = (0..<width).map { column in
            let type = column < types.count ? types[column] : 0
            return PGresAttDesc(name: nil, tableid: 0, columnid: 0, format: 1, typid: type, typlen: -1, atttypmod: -1)
        }
        _ = "column".withCString { name in
            for index in attributes.indices { attributes[index].name = UnsafeMutablePointer(mutating: name) }
            return PQsetResultAttrs(result, Int32(width), &attributes)
        }
        for (number, row) in rows.enumerated() {
            for (column, value) in row.enumerated() {
                var bytes = (value ?? []).map { CChar(bitPattern: $0) }
                PQsetvalue(result, Int32(number), Int32(column), &bytes, value.map { Int32($0.count) } ?? -1)
            }
        }
        return ResultRows(result)
    }

    /// The answer of a statement that gives no rows.
    static var none: ResultRows { made([]) }

    /// A row that begins with the first id of a batch, with all ids where they have gaps.
    static func ids(_ ids: [Int64], gaps: Bool = false) -> ResultRows {
        made([[ids[0].bigEndianBytes, gaps ? ids.arrayBytes : nil, nil]])
    }

    /// Rows of orders.
    static func orders(_ orders: Order...) -> ResultRows {
        made(orders.map(\.columns), types: orderTypes)
    }

    /// Types of the columns of ``orderColumns``.
    static let orderTypes: [UInt32] = [20, 25, 25, 23, 25, 1_184, 1_184, 20]
}

extension Order {
    /// The columns of ``ResultRows/orderColumns``.
    var columns: [[UInt8]?] {
        [
            id.bigEndianBytes, customerID.map { Array($0.utf8) }, Array(woodType.utf8), Int32(quantity).bigEndianBytes,
            Array(status.rawValue.utf8), createdAt.sincePostgresEpoch.bigEndianBytes,
            updatedAt.sincePostgresEpoch.bigEndianBytes, Int64(revision).bigEndianBytes,
        ]
    }
}

extension FixedWidthInteger {
    var bigEndianBytes: [UInt8] { withUnsafeBytes(of: bigEndian, Array.init) }
}

extension [Int64] {
    /// As a `bigint[]` is sent.
    var arrayBytes: [UInt8] {
        var parameters = Parameters()
        parameters.append(self)
        return parameters.values[0] ?? []
    }
}
