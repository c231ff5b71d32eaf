internal import OrderKernel

/// Values of a statement's parameters, in the binary format of PostgreSQL: numbers with their highest byte first.
struct Parameters: Sendable {
    /// One for each parameter; `nil` is NULL.
    private(set) var values: [[UInt8]?] = []

    mutating func append(_ value: Int64) {
        values.append(withUnsafeBytes(of: value.bigEndian, Array.init))
    }

    mutating func append(_ text: String) {
        values.append(Array(text.utf8))
    }

    mutating func append(_ bytes: [UInt8]?) {
        values.append(bytes)
    }

    mutating func append(_ time: Timestamp) {
        append(time.sincePostgresEpoch)
    }

    /// Adds an array with one element for each of `elements`.
    /// - Parameter size: Bytes of one element, roughly.
    mutating func append<Element>(
        _ type: ParameterType, _ elements: [Element], size: Int = 8,
        _ write: (Element, inout ArrayBytes) -> Void
    ) {
        var array = ArrayBytes(of: type, count: elements.count, size: size)
        for element in elements { write(element, &array) }
        values.append(array.bytes)
    }

    mutating func append(_ ids: [Order.ID]) {
        append(.bigint, ids) { $1.append($0) }
    }
}

/// The bytes of an array: a head, then the length and the bytes of each element (`array_recv` of PostgreSQL).
struct ArrayBytes {
    private(set) var bytes: [UInt8]

    init(of type: ParameterType, count: Int, size: Int) {
        bytes = []
        bytes.reserveCapacity(20 + count * (4 + size))
        add(Int32(count == 0 ? 0 : 1))  // dimensions
        add(Int32(1))  // may hold NULL
        add(type.id)
        guard count > 0 else { return }
        add(Int32(count))
        add(Int32(1))  // number of the first element
    }

    mutating func append(_ value: Int64) {
        add(Int32(8))
        add(value)
    }

    mutating func append(_ value: Int32) {
        add(Int32(4))
        add(value)
    }

    mutating func append(_ time: Timestamp) {
        append(time.sincePostgresEpoch)
    }

    mutating func append(_ text: String?) {
        guard var text else { return add(Int32(-1)) }
        text.withUTF8 {
            add(Int32($0.count))
            bytes.append(contentsOf: $0)
        }
    }

    mutating func append(_ element: [UInt8]) {
        add(Int32(element.count))
        bytes.append(contentsOf: element)
    }

    private mutating func add<Number: FixedWidthInteger>(_ number: Number) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }
}

extension Timestamp {
    /// Milliseconds from 1970 to 2000, where PostgreSQL's time begins.
    private static let postgresEpoch: Int64 = 946_684_800_000

    /// As `timestamptz` is sent: microseconds since 2000-01-01T00:00:00Z.
    var sincePostgresEpoch: Int64 { (milliseconds - Self.postgresEpoch) * 1_000 }

    /// - Parameter microseconds: Since 2000-01-01T00:00:00Z. What is finer than a millisecond is cut off.
    init(sincePostgresEpoch microseconds: Int64) {
        let (quotient, remainder) = microseconds.quotientAndRemainder(dividingBy: 1_000)
        self.init(milliseconds: Self.postgresEpoch + (remainder < 0 ? quotient - 1 : quotient))
    }
}
