/// What the requests of a transport are measured by: how long they took, in seconds, and whatever else is named.
public struct RequestMetric: Sendable, Equatable {
    /// How many requests are under way.
    public struct Active: Sendable, Equatable {
        public let name: String
        public let description: String
        /// Those of a route's attributes that the metric has.
        public let attributeKeys: [String]

        public init(name: String, description: String, attributeKeys: [String]) {
            self.name = name
            self.description = description
            self.attributeKeys = attributeKeys
        }

        func cell(in registry: MetricRegistry, _ attributes: [TelemetryAttribute]) -> CounterCell {
            registry.upDown(name, description, unit: "{request}", attributes)
        }
    }

    /// Name of the histogram of durations.
    public let name: String
    public let description: String
    /// Upper bounds of the buckets in seconds, strictly ascending, at most 31.
    public let bounds: [Double]
    /// Attribute that holds the status.
    public let statusKey: String
    /// `nil` where requests under way are not counted.
    public var active: Active?
    /// Names of the histograms that hold the sizes of bodies in bytes: of requests, and of answers.
    public var sizes: (request: String, response: String)? {
        get { sizeNames.map { ($0[0], $0[1]) } }
        set { sizeNames = newValue.map { [$0.request, $0.response] } }
    }
    private var sizeNames: [String]?

    public init(
        name: String, description: String = "Duration of requests.", bounds: [Double] = RequestMetric.standardBounds,
        statusKey: String
    ) {
        self.name = name
        self.description = description
        self.bounds = bounds
        self.statusKey = statusKey
    }

    /// What a transport has that no semantic convention covers.
    public static let requests = RequestMetric(name: "orderd.request.duration", statusKey: "orderd.status")

    /// Bounds of OpenTelemetry's semantic conventions for `http.server.request.duration`.
    public static let standardBounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

    private static let sizeBounds: [Double] = [0, 100, 200, 500, 1_000, 5_000, 20_000, 100_000, 1_000_000]

    func durations(in registry: MetricRegistry, _ attributes: [TelemetryAttribute]) -> Histogram {
        registry.histogram(name, description, unit: "s", bounds: bounds, attributes)
    }

    /// `nil` where bodies are not measured.
    func requestSizes(in registry: MetricRegistry, _ attributes: [TelemetryAttribute]) -> Histogram? {
        sizes.map {
            registry.histogram(
                $0.request, "Size of request bodies.", unit: "By", bounds: Self.sizeBounds, attributes)
        }
    }

    /// `nil` where bodies are not measured.
    func responseSizes(in registry: MetricRegistry, _ attributes: [TelemetryAttribute]) -> Histogram? {
        sizes.map {
            registry.histogram(
                $0.response, "Size of response bodies.", unit: "By", bounds: Self.sizeBounds, attributes)
        }
    }
}
