/// What a span or a log record says, fact after fact.
///
/// The facts stand in one piece of memory, as OTLP has them: the path of a request has no time for more, and what most
/// exporters send is there already. Source: OTLP 1.11, `KeyValue` in `common.proto`; Protocol Buffers, Encoding.
public struct TelemetryAttributes: Sendable {
    /// `KeyValue` messages, each behind its length, in ``bounds``.
    private var bytes: [UInt8] = []
    private var bounds = 0..<0

    public init() {}

    /// The attributes of a sequence, in its order.
    public init(_ attributes: some Sequence<TelemetryAttribute>) {
        append(contentsOf: attributes)
    }

    /// - Parameter capacity: Bytes that they will need, roughly.
    init(capacity: Int) {
        bytes.reserveCapacity(capacity)
    }

    public var isEmpty: Bool { bounds.isEmpty }

    /// How many there are: they are counted each time.
    public var count: Int {
        var count = 0
        forEachKeyValue { _ in count += 1 }
        return count
    }

    /// Bytes that they take.
    var size: Int { bounds.count }

    /// Adds one. One without a key is left out: receivers refuse it.
    public mutating func append(_ attribute: TelemetryAttribute) { append(attribute.key, attribute.value) }

    /// Adds one, as ``append(_:)`` does.
    public mutating func append(_ key: String, _ value: TelemetryAttribute.Value) {
        guard !key.isEmpty else { return }
        makeOwn()
        let valueSize = KeyValueWriter.size(value)
        let size = KeyValueWriter.size(key, valueOf: valueSize)
        bytes.append(addingCapacity: size + KeyValueWriter.varintSize(size)) { output in
            output.withUnsafeMutableBufferPointer { memory, count in
                var writer = KeyValueWriter(memory)
                writer.varint(UInt64(size))
                writer.keyValue(key, value, of: valueSize)
                count = memory.count
            }
        }
        bounds = 0..<bytes.count
    }

    /// Adds those of a sequence, in its order.
    public mutating func append(contentsOf others: some Sequence<TelemetryAttribute>) {
        for other in others { append(other) }
    }

    /// Adds those of others as they stand.
    public mutating func append(contentsOf others: TelemetryAttributes) {
        makeOwn()
        others.copy(to: &bytes)
        bounds = 0..<bytes.count
    }

    /// Gives each as OTLP's protobuf has it: a `KeyValue` message behind its length.
    public func forEachKeyValue(_ body: (RawSpan) -> Void) {
        let bytes = bytes.span.bytes
        var reader = KeyValueReader(bounds)
        while !reader.isAtEnd {
            let start = reader.position
            reader.skip(Int(reader.varint(in: bytes)))
            body(bytes.extracting(start..<reader.position))
        }
    }

    /// Gives each, in their order; a key and a text as their UTF-8, so that who only copies them makes no strings.
    func forEach(
        text: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Void,
        other: (TelemetryAttribute) -> Void
    ) {
        let bytes = bytes.span.bytes
        var reader = KeyValueReader(bounds)
        while !reader.isAtEnd {
            _ = reader.varint(in: bytes)
            guard let places = reader.textPlaces(in: bytes) else {
                other(reader.keyValue(in: bytes))
                continue
            }
            bytes.extracting(places.key).withUnsafeBytes { key in
                bytes.extracting(places.text).withUnsafeBytes { text(key, $0) }
            }
        }
    }

    @inline(__always)
    private mutating func makeOwn() {
        if bounds.count != bytes.count { bytes = Array(bytes[bounds]) }
    }

    @inline(__always)
    private func copy(to others: inout [UInt8]) {
        bytes.span.extracting(bounds).withUnsafeBufferPointer { others.append(contentsOf: $0) }
    }
}

extension TelemetryAttributes: Sequence {
    public struct Iterator: IteratorProtocol {
        fileprivate let bytes: [UInt8]
        fileprivate var reader: KeyValueReader

        public mutating func next() -> TelemetryAttribute? {
            if reader.isAtEnd { return nil }
            let whole = bytes
            let bytes = whole.span.bytes
            _ = reader.varint(in: bytes)
            return reader.keyValue(in: bytes)
        }
    }

    public func makeIterator() -> Iterator { Iterator(bytes: bytes, reader: KeyValueReader(bounds)) }
}

extension TelemetryAttributes: Equatable {
    public static func == (left: TelemetryAttributes, right: TelemetryAttributes) -> Bool {
        left.bytes[left.bounds] == right.bytes[right.bounds]
    }
}

extension TelemetryAttributes: ExpressibleByArrayLiteral {
    public init(arrayLiteral attributes: TelemetryAttribute...) {
        self.init(attributes)
    }
}

extension TelemetryAttributes: CustomStringConvertible {
    public var description: String { TelemetryAttribute.Value.map(Array(self)).description }
}

extension TelemetryAttributes {
    /// Has them stand behind those of others; until ``find(in:)`` they cannot be read.
    mutating func move(to others: inout [UInt8]) {
        let start = others.count
        copy(to: &others)
        (bytes, bounds) = ([], start..<others.count)
    }

    /// Where they are, after ``move(to:)``.
    mutating func find(in others: [UInt8]) { bytes = others }

    /// Keeps the first of them, with texts cut to that many characters.
    /// - Returns: How many were left out.
    mutating func limit(to most: Int, text: Int?) -> Int {
        // None takes less than 8 bytes, so that few need not be counted.
        guard size > 8 * most || text != nil, count > most || text != nil else { return 0 }
        var kept = Array(self)
        let dropped = kept.limit(to: most, text: text)
        self = TelemetryAttributes(kept)
        return dropped
    }
}
