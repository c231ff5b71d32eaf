internal import OrderKernel

/// Writes metrics so that Prometheus can read them.
struct ExpositionWriter {
    private let format: ExpositionFormat
    private let options: ExpositionOptions
    private var text = ""

    init(_ format: ExpositionFormat, _ options: ExpositionOptions) {
        self.format = format
        self.options = options
    }

    /// The document for everything in a batch.
    /// - Parameter refuse: Hears the names of metrics that are left out, as others of another kind have their names.
    mutating func write(_ batch: TelemetryBatch, refuse: (String) -> Void) -> [UInt8] {
        text = ""
        if options.hasTargetInfo, !batch.resource.isEmpty { writeTarget(batch.resource) }
        let scope = options.hasScopeLabels ? labels(of: batch.scope) : []
        for family in MetricFamily.families(of: batch.metrics, scope: scope, refuse: refuse) { write(family) }
        if format == .openMetrics { text += "# EOF\n" }
        return Array(text.utf8)
    }

    private func labels(of scope: TelemetryScope) -> [(String, String)] {
        [
            ("otel_scope_name", scope.name), ("otel_scope_version", scope.version),
            ("otel_scope_schema_url", scope.schemaURL),
        ]
    }

    private mutating func writeTarget(_ resource: [TelemetryAttribute]) {
        let name = format == .openMetrics ? "target" : "target_info"
        text += "# TYPE \(name) \(format == .openMetrics ? "info" : "gauge")\n"
        text += "# HELP \(name) What the service is.\n"
        text += "target_info\(LabelSet(resource).text) 1\n"
    }

    private mutating func write(_ family: MetricFamily) {
        let isCounter = family.kind == .counter
        let described = format == .text && isCounter ? family.name + "_total" : family.name
        let help = family.help
        if format == .text { text += "# HELP \(described) \(ExpositionText.escaped(help, quotes: false))\n" }
        text += "# TYPE \(described) \(family.kind.typeName)\n"
        if format == .openMetrics {
            if !family.unit.isEmpty { text += "# UNIT \(described) \(family.unit)\n" }
            text += "# HELP \(described) \(ExpositionText.escaped(help, quotes: true))\n"
        }
        for series in family.series {
            switch series.value {
            case .number(let number):
                text += "\(family.name)\(isCounter ? "_total" : "")\(series.labels.text) \(number)\n"
            case .distribution(let distribution):
                write(distribution, series.labels, family.name)
            }
        }
    }

    private mutating func write(_ distribution: MetricRecord.Distribution, _ labels: LabelSet, _ name: String) {
        var total: UInt64 = 0
        for (index, count) in distribution.counts.enumerated() {
            total &+= count
            let bound = index < distribution.bounds.count ? distribution.bounds[index] : .infinity
            let lower = index == 0 ? -Double.infinity : distribution.bounds[index - 1]
            let le = ExpositionText.bound(bound)
            text += "\(name)_bucket\(labels.text(adding: ("le", le))) \(total)"
            if format == .openMetrics {
                let exemplar = distribution.exemplars.first { $0.value > lower && $0.value <= bound }
                if let exemplar { text += ExpositionText.exemplar(exemplar) }
            }
            text += "\n"
        }
        if (distribution.bounds.first ?? 0) >= 0 {
            text += "\(name)_sum\(labels.text) \(ExpositionText.number(distribution.sum))\n"
        }
        text += "\(name)_count\(labels.text) \(total)\n"
    }
}

extension MetricName.Kind {
    fileprivate var typeName: String {
        switch self {
        case .counter: "counter"
        case .gauge: "gauge"
        case .histogram: "histogram"
        }
    }
}
