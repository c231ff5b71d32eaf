internal import OrderKernel

/// All series of one name.
struct MetricFamily {
    struct Series {
        enum Value {
            /// As it is written.
            case number(String)
            case distribution(MetricRecord.Distribution)
        }

        let labels: LabelSet
        let value: Value
    }

    let name: String
    let kind: MetricName.Kind
    let unit: String
    let help: String
    private(set) var series: [Series] = []
    /// Texts of their labels.
    private var known: Set<String> = []

    /// The families in which metrics are shown: each name once. What would be a second kind of a name is left out, and
    /// so is what would be a series twice.
    /// - Parameter refuse: Hears the names of the former.
    static func families(
        of metrics: [MetricRecord], scope: [(String, String)], refuse: (String) -> Void
    ) -> [MetricFamily] {
        var families: [MetricFamily] = []
        var positions: [String: Int] = [:]
        for metric in metrics {
            guard let new = MetricFamily(metric, scope), !new.series.isEmpty else { continue }
            if let position = positions[new.name] {
                guard families[position].kind == new.kind else {
                    refuse(metric.name)
                    continue
                }
                families[position].add(new.series)
            } else {
                positions[new.name] = families.count
                families.append(new)
            }
        }
        return families
    }

    private init?(_ metric: MetricRecord, _ scope: [(String, String)]) {
        let all: [Series]
        switch metric.data {
        case .sum(let points, let isMonotonic):
            kind = isMonotonic ? .counter : .gauge
            all = points.map { Series(labels: LabelSet($0.attributes, scope), value: .number($0.value.text)) }
        case .gauge(let points):
            kind = .gauge
            all = points.map { Series(labels: LabelSet($0.attributes, scope), value: .number($0.value.text)) }
        case .histogram(let points):
            kind = .histogram
            all = points.map { Series(labels: LabelSet($0.attributes, scope), value: .distribution($0.value)) }
        @unknown default: return nil
        }
        name = MetricName.family(metric.name, unit: metric.unit, kind: kind)
        let word = MetricName.unit(metric.unit)
        unit = !word.isEmpty && name.hasSuffix("_" + word) ? word : ""
        help = metric.description.isEmpty ? metric.name : metric.description
        add(all)
    }

    private mutating func add(_ more: [Series]) {
        for new in more where known.insert(new.labels.text).inserted { series.append(new) }
    }
}

/// The labels of a series.
struct LabelSet {
    private var labels: [(name: String, value: String)] = []

    /// - Parameter scope: Labels besides the attributes; they count more than one of the same name.
    init(_ attributes: [TelemetryAttribute], _ scope: [(String, String)] = []) {
        for attribute in attributes.sorted(by: { $0.key < $1.key }) {
            let name = MetricName.label(attribute.key)
            let value = attribute.value.labelText
            if let index = labels.firstIndex(where: { $0.name == name }) {
                labels[index].value += ";" + value
            } else if name != "le", !scope.contains(where: { $0.0 == name }) {
                labels.append((name, value))
            }
        }
        labels += scope.map { (name: $0.0, value: $0.1) }
    }

    /// In braces; empty where there are none.
    var text: String { Self.text(labels) }

    func text(adding label: (name: String, value: String)) -> String { Self.text(labels + [label]) }

    private static func text(_ labels: [(name: String, value: String)]) -> String {
        guard !labels.isEmpty else { return "" }
        let pairs = labels.map { "\($0.name)=\"\(ExpositionText.escaped($0.value, quotes: true))\"" }
        return "{" + pairs.joined(separator: ",") + "}"
    }
}

extension MetricRecord.Number {
    fileprivate var text: String {
        switch self {
        case .int(let value): String(value)
        case .double(let value): ExpositionText.number(value)
        }
    }
}

extension TelemetryAttribute.Value {
    /// A text as it is, anything else as JSON.
    fileprivate var labelText: String {
        if case .string(let text) = self { text } else { jsonText }
    }

    private var jsonText: String {
        switch self {
        case .string(let text): "\"" + ExpositionText.escaped(text, quotes: true) + "\""
        case .bool(let value): String(value)
        case .int(let value): String(value)
        case .double(let value): value.isFinite ? String(value) : "\"\(ExpositionText.number(value))\""
        case .array(let values): "[" + values.map(\.jsonText).joined(separator: ",") + "]"
        case .map(let entries):
            "{"
                + entries.map { "\"\(ExpositionText.escaped($0.key, quotes: true))\":\($0.value.jsonText)" }
                .joined(separator: ",") + "}"
        @unknown default: "null"
        }
    }
}
