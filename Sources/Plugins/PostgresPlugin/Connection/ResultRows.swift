internal import CPostgres
internal import OrderKernel

/// The rows that a statement gave, in the binary format. It ends libpq's memory with itself, as a Swift array does.
final class ResultRows {
    /// The columns of an order, in the order that ``order(_:at:)`` reads them.
    static let orderColumns = OrderColumn.all.map(\.name).joined(separator: ", ")

    private let result: OpaquePointer
    /// The first column of the orders whose columns were looked at, and are what they should be.
    private var fitting: Int?

    init(_ result: OpaquePointer) {
        self.result = result
    }

    deinit { PQclear(result) }

    var count: Int { Int(PQntuples(result)) }

    func isNull(_ row: Int, _ column: Int) -> Bool {
        PQgetisnull(result, Int32(row), Int32(column)) != 0
    }

    /// A whole number of 2, 4 or 8 bytes.
    func integer(_ row: Int, _ column: Int) -> Int64 {
        var value: Int64 = 0
        let bytes = bytes(row, column)
        for byte in bytes { value = value << 8 | Int64(byte) }
        return switch bytes.count {
        case 2: Int64(Int16(truncatingIfNeeded: value))
        case 4: Int64(Int32(truncatingIfNeeded: value))
        default: value
        }
    }

    func time(_ row: Int, _ column: Int) -> Timestamp {
        Timestamp(sincePostgresEpoch: integer(row, column))
    }

    func text(_ row: Int, _ column: Int) -> String? {
        isNull(row, column) ? nil : String(decoding: bytes(row, column), as: UTF8.self)
    }

    /// The bytes of a value, for as long as the rows live; none of NULL.
    func bytes(_ row: Int, _ column: Int) -> UnsafeRawBufferPointer {
        let count = Int(PQgetlength(result, Int32(row), Int32(column)))
        return UnsafeRawBufferPointer(start: PQgetvalue(result, Int32(row), Int32(column)), count: count)
    }

    /// The elements of a `bigint[]` without NULL.
    func integers(_ row: Int, _ column: Int) -> [Int64] {
        let bytes = bytes(row, column)
        guard bytes.count > 20 else { return [] }
        return stride(from: 24, to: bytes.count, by: 12).map { start in
            Int64(bigEndian: bytes.loadUnaligned(fromByteOffset: start, as: Int64.self))
        }
    }

    /// The id of the order that a row of ``orderColumns`` holds.
    func orderID(_ row: Int) -> Order.ID { integer(row, 0) }

    /// The order whose columns, those of ``orderColumns``, begin at a column.
    /// - Throws: For a row that this program cannot read.
    func order(_ row: Int, at first: Int = 0) throws(PostgresFailure) -> Order {
        if fitting != first { try checkTypes(at: first) }
        let id = integer(row, first)
        guard !OrderColumn.needed.contains(where: { isNull(row, first + $0) }) else {
            throw .unreadable("order \(id) has NULL where it must not be")
        }
        guard let woodType = text(row, first + 2),
            let status = text(row, first + 4).flatMap(OrderStatus.init(rawValue:))
        else { throw .unreadable("order \(id) has a status that this program does not know") }
        let draft = OrderDraft(
            customerID: text(row, first + 1), woodType: woodType, quantity: Int(integer(row, first + 3)),
            status: status)
        return Order(
            id: id, draft: draft, status: status, createdAt: time(row, first + 5), updatedAt: time(row, first + 6),
            revision: Int(integer(row, first + 7)))
    }

    /// Somebody may have altered the table: a number of another type would be read as another number.
    private func checkTypes(at first: Int) throws(PostgresFailure) {
        for (index, column) in OrderColumn.all.enumerated()
        where !column.fits(PQftype(result, Int32(first + index))) {
            throw .unreadable("the column \(column.name) of orders is not of a type that this program reads")
        }
        fitting = first
    }
}
