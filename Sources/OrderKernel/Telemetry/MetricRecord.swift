/// One metric with all of its points, as OpenTelemetry's data model has it. Everything is cumulative.
public struct MetricRecord: Sendable, Equatable {
    /// What kind of metric it is, with its points: no two of them have the same attributes.
    @nonexhaustive
    public enum Data: Sendable, Equatable {
        /// What has come together since ``Point/start``.
        case sum([Point<Number>], isMonotonic: Bool)
        /// What was last seen.
        case gauge([Point<Number>])
        case histogram([Point<Distribution>])
    }

    /// A value that is known for one set of attributes.
    public struct Point<Value: Sendable & Equatable>: Sendable, Equatable {
        /// Each key once.
        public var attributes: [TelemetryAttribute]
        /// Since when the value adds up; the same for every collection.
        public var start: TelemetryTime
        /// When the value was read.
        public var time: TelemetryTime
        public var value: Value

        public init(attributes: [TelemetryAttribute], start: TelemetryTime, time: TelemetryTime, value: Value) {
            self.attributes = attributes
            self.start = start
            self.time = time
            self.value = value
        }
    }

    /// A value as it is kept: counts are whole numbers.
    public enum Number: Sendable, Equatable {
        case int(Int64)
        case double(Double)
    }

    /// How measured values are spread.
    public struct Distribution: Sendable, Equatable {
        /// Strictly ascending. Bucket `i` holds what is greater than bound `i - 1` and at most bound `i`.
        public var bounds: [Double]
        /// How many values each bucket holds; one more than there are bounds.
        public var counts: [UInt64]
        /// All values together, in the unit of the metric.
        public var sum: Double
        /// Some of the values, with the spans they were measured in: at most one of each bucket.
        public var exemplars: [Exemplar] = []

        /// How many values there are.
        public var count: UInt64 { counts.reduce(0, &+) }

        public init(bounds: [Double], counts: [UInt64], sum: Double) {
            self.bounds = bounds
            self.counts = counts
            self.sum = sum
        }
    }

    /// One measured value, and the span that it was measured in.
    public struct Exemplar: Sendable, Equatable {
        /// In the unit of the metric.
        public var value: Double
        /// When it was measured.
        public var time: TelemetryTime
        /// 16 bytes, not all zero.
        public var traceID: UInt128
        /// 8 bytes, not all zero.
        public var spanID: UInt64

        public init(value: Double, time: TelemetryTime, traceID: UInt128, spanID: UInt64) {
            self.value = value
            self.time = time
            self.traceID = traceID
            self.spanID = spanID
        }
    }

    /// As OpenTelemetry's conventions have it: `http.server.request.duration`.
    public var name: String
    /// One sentence for people.
    public var description: String
    /// In UCUM: `s`, `By`, `{request}`; empty where it is not known.
    public var unit: String
    public var data: Data
    /// Whether what it holds adds up elsewhere, and is only read: an asynchronous instrument, as OpenTelemetry has it.
    public var isObserved = false

    public init(name: String, description: String = "", unit: String = "", data: Data) {
        self.name = name
        self.description = description
        self.unit = unit
        self.data = data
    }
}

extension MetricRecord {
    /// How many points there are.
    public var pointCount: Int {
        switch data {
        case .sum(let points, _), .gauge(let points): points.count
        case .histogram(let points): points.count
        }
    }

    /// Each metric once: points of the same metric from several sources come together.
    static func joined(_ records: [MetricRecord]) -> [MetricRecord] {
        records.reduce(into: []) { joined, record in
            guard let index = joined.firstIndex(where: { $0.name == record.name }) else { return joined.append(record) }
            switch (joined[index].data, record.data) {
            case (.sum(let known, let isMonotonic), .sum(let new, _)):
                joined[index].data = .sum(known + new, isMonotonic: isMonotonic)
            case (.gauge(let known), .gauge(let new)): joined[index].data = .gauge(known + new)
            case (.histogram(let known), .histogram(let new)): joined[index].data = .histogram(known + new)
            default: break
            }
        }
    }
}
