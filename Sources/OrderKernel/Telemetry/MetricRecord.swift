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

        /// How many values there are.
        public var count: UInt64 { counts.reduce(0, &+) }

        public init(bounds: [Double], counts: [UInt64], sum: Double) {
            self.bounds = bounds
            self.counts = counts
            self.sum = sum
        }
    }

    public var name: String
    public var description: String
    /// In UCUM: `s`, `By`, `{request}`; empty where it is not known.
    public var unit: String
    public var data: Data

    public init(name: String, description: String = "", unit: String = "", data: Data) {
        self.name = name
        self.description = description
        self.unit = unit
        self.data = data
    }
}
