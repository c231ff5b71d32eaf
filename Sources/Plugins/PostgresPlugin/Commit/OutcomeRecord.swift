internal import OrderKernel

/// What a batch gave, as bytes that are stored with its token.
///
/// A version byte, then for each write the number of its kind and what the batch itself does not say. Integers have
/// eight bytes, the highest first; texts have their length before them.
enum OutcomeRecord {
    private static let version: UInt8 = 1

    static func bytes(_ outcomes: [WriteOutcome]) -> [UInt8] {
        var bytes = RecordBytes()
        bytes.add(version)
        for outcome in outcomes { bytes.add(outcome) }
        return bytes.bytes
    }

    /// - Returns: `nil` where the bytes are not those of an outcome for each write of the batch.
    static func outcomes(_ bytes: UnsafeRawBufferPointer, of batch: WriteBatch) -> [WriteOutcome]? {
        var reader = RecordReader(bytes: bytes)
        guard reader.byte() == version else { return nil }
        var outcomes: [WriteOutcome] = []
        for write in batch.writes {
            guard let outcome = reader.outcome(of: write, at: batch.time) else { return nil }
            outcomes.append(outcome)
        }
        return reader.isAtEnd ? outcomes : nil
    }
}

/// Numbers of the kinds of outcomes. One that was released keeps its number.
private enum Kind: UInt8 {
    case created, replayed, updated, unchanged, unknownOrder, keyReused, revisionConflict, transitionRefused,
        postponed
}

private struct RecordBytes {
    private(set) var bytes: [UInt8] = []

    mutating func add(_ byte: UInt8) { bytes.append(byte) }

    mutating func add(_ outcome: WriteOutcome) {
        switch outcome {
        case .created(let order): add(.created, order.id)  // the rest is in the batch
        case .replayed(let order): add(.replayed, order)
        case .updated(let order): add(.updated, order)
        case .unchanged(let order): add(.unchanged, order)
        case .refused(.unknownOrder(let id)): add(.unknownOrder, id)
        case .refused(.keyReused): add(Kind.keyReused.rawValue)
        case .refused(.revisionConflict(let current)): add(.revisionConflict, Int64(current))
        case .refused(.transitionRefused(let from, let to)):
            add(Kind.transitionRefused.rawValue)
            add(from.rawValue)
            add(to.rawValue)
        case .postponed: add(Kind.postponed.rawValue)
        default: preconditionFailure("a batch gives an outcome that its record does not know")
        }
    }

    private mutating func add(_ kind: Kind, _ number: Int64) {
        add(kind.rawValue)
        add(number)
    }

    private mutating func add(_ kind: Kind, _ order: Order) {
        add(kind, order.id)
        add(order.customerID == nil ? 0 as UInt8 : 1)
        add(order.customerID ?? "")
        add(order.woodType)
        add(Int64(order.quantity))
        add(order.status.rawValue)
        add(order.createdAt.milliseconds)
        add(order.updatedAt.milliseconds)
        add(Int64(order.revision))
    }

    private mutating func add(_ number: Int64) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }

    private mutating func add(_ text: String) {
        add(Int64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }
}

private struct RecordReader {
    let bytes: UnsafeRawBufferPointer
    private var position = 0

    init(bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { position == bytes.count }

    mutating func byte() -> UInt8? {
        guard position < bytes.count else { return nil }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func outcome(of write: Write, at time: Timestamp) -> WriteOutcome? {
        switch byte().flatMap(Kind.init) {
        case .created:
            guard case .create(let draft, _) = write, let id = number() else { return nil }
            return .created(
                Order(id: id, draft: draft, status: draft.status, createdAt: time, updatedAt: time, revision: 1))
        case .replayed: return order().map(WriteOutcome.replayed)
        case .updated: return order().map(WriteOutcome.updated)
        case .unchanged: return order().map(WriteOutcome.unchanged)
        case .unknownOrder: return number().map { .refused(.unknownOrder($0)) }
        case .keyReused: return .refused(.keyReused)
        case .revisionConflict: return number().map { .refused(.revisionConflict(current: Int($0))) }
        case .transitionRefused:
            guard let from = status(), let to = status() else { return nil }
            return .refused(.transitionRefused(from: from, to: to))
        case .postponed: return .postponed
        case nil: return nil
        }
    }

    private mutating func order() -> Order? {
        guard let id = number(), let hasCustomer = byte(), let customer = text(), let woodType = text(),
            let quantity = number(), let status = status(), let created = number(), let updated = number(),
            let revision = number()
        else { return nil }
        let draft = OrderDraft(
            customerID: hasCustomer == 1 ? customer : nil, woodType: woodType, quantity: Int(quantity), status: status)
        return Order(
            id: id, draft: draft, status: status, createdAt: Timestamp(milliseconds: created),
            updatedAt: Timestamp(milliseconds: updated), revision: Int(revision))
    }

    private mutating func number() -> Int64? {
        guard bytes.count - position >= 8 else { return nil }
        defer { position += 8 }
        return Int64(bigEndian: bytes.loadUnaligned(fromByteOffset: position, as: Int64.self))
    }

    private mutating func text() -> String? {
        guard let count = number(), count >= 0, count <= bytes.count - position else { return nil }
        defer { position += Int(count) }
        return String(decoding: bytes[position..<position + Int(count)], as: UTF8.self)
    }

    private mutating func status() -> OrderStatus? { text().flatMap(OrderStatus.init(rawValue:)) }
}
