internal import Tracing

extension SpanAttributes {
    /// At most that many attributes, by key, and how many were left out.
    func limited(to limit: Int) -> (kept: [TelemetryAttribute], dropped: Int) {
        var all: [TelemetryAttribute] = []
        forEach { key, value in
            if !key.isEmpty { all.append(TelemetryAttribute(key, TelemetryAttribute.Value(value))) }
        }
        all.sort { $0.key < $1.key }
        return (Array(all.prefix(limit)), max(0, all.count - limit))
    }
}

extension TelemetryAttribute.Value {
    init(_ attribute: SpanAttribute) {
        switch attribute {
        case .int32(let value): self = .int(Int(value))
        case .int64(let value): self = .int(Int(value))
        case .double(let value): self = .double(value)
        case .bool(let value): self = .bool(value)
        case .string(let value): self = .string(value)
        case .int32Array(let values): self = .array(values.map { .int(Int($0)) })
        case .int64Array(let values): self = .array(values.map { .int(Int($0)) })
        case .doubleArray(let values): self = .array(values.map { .double($0) })
        case .boolArray(let values): self = .array(values.map { .bool($0) })
        case .stringArray(let values): self = .array(values.map { .string($0) })
        case .stringConvertible(let value): self = .string(value.description)
        case .stringConvertibleArray(let values): self = .array(values.map { .string($0.description) })
        default: self = .string("\(attribute)")
        }
    }
}
