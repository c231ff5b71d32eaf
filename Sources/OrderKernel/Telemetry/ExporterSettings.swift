extension TelemetrySignals {
    /// Reads the setting `signals`, which every exporter should have: which signals it takes, all by default.
    /// - Parameter exporter: As OpenTelemetry's `OTEL_TRACES_EXPORTER` and so on call it.
    public static func read(from settings: inout Settings, exporter: String) -> TelemetrySignals {
        let names: [SignalName] = settings.list(
            "signals", default: SignalName.allCases, "What is exported.", environment: .signals(of: exporter))
        return names.reduce(into: []) { $0.insert($1.signal) }
    }
}

private enum SignalName: String, ChoiceValue {
    case traces
    case metrics
    case logs

    var signal: TelemetrySignals {
        switch self {
        case .traces: .spans
        case .metrics: .metrics
        case .logs: .logs
        }
    }
}
