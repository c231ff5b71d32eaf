internal import OrderKernel

/// A form in which metrics are shown.
enum ExpositionFormat: Sendable {
    /// Prometheus' own text format, version 0.0.4.
    case text
    /// OpenMetrics 1.0.0.
    case openMetrics

    var contentType: String {
        switch self {
        case .text: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }

    /// The form that the values of an `Accept` field like best (RFC 9110, section 12.5.1); text where they name none.
    static func negotiated(_ accept: [String]) -> ExpositionFormat {
        var best: (format: ExpositionFormat, quality: Double) = (.text, 0)
        for range in AcceptedValue.list(accept) {
            guard let format = ExpositionFormat(range.value, range.parameters) else { continue }
            if range.quality > best.quality { best = (format, range.quality) }
        }
        return best.format
    }

    private init?(_ type: String, _ parameters: [String]) {
        let version = parameters.first { $0.hasPrefix("version=") }?.dropFirst(8)
        switch (type, version) {
        case ("application/openmetrics-text", nil), ("application/openmetrics-text", "1.0.0"),
            ("application/openmetrics-text", "0.0.1"):
            self = .openMetrics
        case ("text/plain", nil), ("text/plain", "0.0.4"), ("text/*", _), ("*/*", _): self = .text
        default: return nil
        }
    }
}

/// What an operator may leave out.
struct ExpositionOptions: Sendable {
    var hasScopeLabels = true
    var hasTargetInfo = true
}
