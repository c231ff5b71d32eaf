/// Measures the calls of a storage, and makes spans of those that are made for a recorded request.
final class StorageMeter: Sendable {
    /// What is asked of a storage. The names are those of OpenTelemetry's conventions for databases.
    enum Operation: Int, CaseIterable {
        case order
        case orders
        case commit

        fileprivate var name: String { self == .commit ? "COMMIT" : "SELECT" }

        /// What is asked, which is the span's name too.
        fileprivate var summary: String {
            switch self {
            case .order: "SELECT orders by id"
            case .orders: "SELECT orders"
            case .commit: "COMMIT orders"
            }
        }

        /// Facts of low cardinality, for spans and metrics alike.
        fileprivate func attributes(of database: DatabaseDescription) -> [TelemetryAttribute] {
            let isAtAddress = self != .orders || !database.hasReplicas
            let facts: [TelemetryAttribute?] = [
                TelemetryAttribute("db.system.name", .string(database.system)),
                database.namespace.map { TelemetryAttribute("db.namespace", .string($0)) },
                isAtAddress ? database.address.map { TelemetryAttribute("server.address", .string($0)) } : nil,
                isAtAddress ? database.port.map { TelemetryAttribute("server.port", .int($0)) } : nil,
                TelemetryAttribute("db.collection.name", .string("orders")),
                TelemetryAttribute("db.operation.name", .string(name)),
            ]
            return facts.compactMap(\.self)
        }
    }

    private let database: DatabaseDescription
    private let durations: [Histogram]
    /// Attributes of each operation's spans.
    private let attributes: [TelemetryAttributes]
    private let telemetry: Telemetry

    init(_ database: DatabaseDescription, _ telemetry: Telemetry) {
        self.database = database
        self.telemetry = telemetry
        durations = Operation.allCases.map { operation in
            Self.histogram(operation.attributes(of: database), telemetry)
        }
        attributes = Operation.allCases.map {
            TelemetryAttributes(
                $0.attributes(of: database) + [TelemetryAttribute("db.query.summary", .string($0.summary))])
        }
    }

    /// When a call begins; `nil` where nobody wants to know.
    func begin() -> Instant? { telemetry.signals.isEmpty ? nil : telemetry.clock.time.now }

    /// A call has ended that was made for a request.
    func end(_ start: Instant?, _ operation: Operation, for context: RequestContext, _ error: StorageError? = nil) {
        guard let start else { return }
        let end = telemetry.clock.time.now
        let parent = telemetry.admitSpan(of: context) ? telemetry.parent(in: context) : nil
        let own = parent.map { telemetry.sampler.context(childOf: $0) }
        let example = telemetry.example(context).map { own ?? $0 }
        measure(operation, since: start, until: end, example, error)
        guard let own, let parent else { return }
        let interval = telemetry.interval(since: start, until: end)
        telemetry.record(span(operation, error, as: own, of: parent.spanID, interval))
    }

    /// Measures a call.
    /// - Parameter example: The span that the measurement names.
    func measure(
        _ operation: Operation, since start: Instant, until end: Instant, _ example: TraceContext?,
        _ error: StorageError?
    ) {
        let failures = error.map { error in
            Self.histogram(
                operation.attributes(of: database) + error.response + [
                    TelemetryAttribute("error.type", .string(error.code))
                ], telemetry)
        }
        let histogram = failures ?? durations[operation.rawValue]
        histogram.record((end - start).inSeconds, example: example, at: telemetry.clock.time(at: end))
    }

    /// A call as a span.
    /// - Parameter parent: `nil` for the first span of a trace.
    func span(
        _ operation: Operation, _ error: StorageError?, batch: Int = 1, as context: TraceContext, of parent: UInt64?,
        _ interval: TelemetryInterval
    ) -> SpanRecord {
        var span = SpanRecord(
            operation.summary, database.isRemote ? .client : .internal, as: context, of: parent, interval,
            attributes[operation.rawValue])
        if batch != 1 { span.attributes.append("db.operation.batch.size", .int(batch)) }
        if let error {
            span.attributes.append(contentsOf: error.response)
            span.attributes.append("error.type", .string(error.code))
            span.status = .error("")
        }
        return span
    }

    /// Bounds of OpenTelemetry's semantic conventions for all durations of `db.client`.
    static let bounds = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10]

    private static func histogram(_ attributes: [TelemetryAttribute], _ telemetry: Telemetry) -> Histogram {
        telemetry.registry.histogram(
            "db.client.operation.duration", "Duration of database client operations.", unit: "s",
            bounds: bounds, attributes)
    }
}

extension StorageError {
    /// What the database answered.
    fileprivate var response: [TelemetryAttribute] {
        databaseCode.map { [TelemetryAttribute("db.response.status_code", .string($0))] } ?? []
    }
}
