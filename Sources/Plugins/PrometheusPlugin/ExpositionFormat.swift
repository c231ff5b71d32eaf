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
    ///
    /// Of two that are as welcome the one is taken that is named more exactly, then the one that is named first.
    static func negotiated(_ accept: [String]) -> ExpositionFormat {
        let ranges = AcceptedValue.list(accept)
        guard let other = Self.openMetrics.welcome(in: ranges), other.quality > 0 else { return .text }
        guard let plain = Self.text.welcome(in: ranges) else { return .openMetrics }
        if plain.quality != other.quality { return plain.quality > other.quality ? .text : .openMetrics }
        if plain.exactness != other.exactness { return plain.exactness > other.exactness ? .text : .openMetrics }
        return plain.position <= other.position ? .text : .openMetrics
    }

    /// How a form is asked for.
    private struct Welcome {
        var exactness: Int
        var quality: Double
        var position: Int
    }

    /// What the most exact of the ranges that hold the form says of it; the kindest of several.
    private func welcome(in ranges: [AcceptedValue]) -> Welcome? {
        ranges.enumerated().reduce(nil) { best, range in
            guard let exactness = exactness(of: range.element) else { return best }
            let new = Welcome(exactness: exactness, quality: range.element.quality, position: range.offset)
            guard let best else { return new }
            return (exactness, new.quality) > (best.exactness, best.quality) ? new : best
        }
    }

    /// How exactly a range names the form: 3 with its version; `nil` where it does not hold it.
    private func exactness(of range: AcceptedValue) -> Int? {
        switch (self, range.value) {
        case (_, "*/*"): return 0
        case (.text, "text/*"), (.openMetrics, "application/*"): return 1
        case (.text, "text/plain"): return Self.exactness(of: range, among: ["0.0.4"])
        case (.openMetrics, "application/openmetrics-text"):
            return Self.exactness(of: range, among: ["1.0.0", "0.0.1"])
        default: return nil
        }
    }

    private static func exactness(of range: AcceptedValue, among versions: [String]) -> Int? {
        guard let version = range.parameters.first(where: { $0.hasPrefix("version=") }) else { return 2 }
        return versions.contains(String(version.dropFirst(8))) ? 3 : nil
    }
}

/// What an operator may leave out.
struct ExpositionOptions: Sendable {
    var hasScopeLabels = true
    var hasTargetInfo = true
}
