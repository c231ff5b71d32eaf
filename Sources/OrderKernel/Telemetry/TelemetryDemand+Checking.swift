extension TelemetryDemand {
    /// What of it no service can do, in words; empty where all is possible. A signal that it does not take has no
    /// mistakes.
    public var mistakes: [String] {
        (signals.contains(.spans) ? spans.mistakes.map { "\($0) for spans" } : [])
            + (signals.contains(.logs) ? logs.mistakes.map { "\($0) for log records" } : [])
            + (signals.contains(.metrics) && metricTimeout < .zero
                ? ["a timeout of \(metricTimeout) for metrics"] : [])
    }
}

extension TelemetryDemand.Queue {
    fileprivate var mistakes: [String] {
        let checks: [(isKept: Bool, mistake: String)] = [
            (delay >= .zero, "a delay of \(delay)"),
            (limit > 0, "a limit of \(limit)"),
            (bytes.bytes > 0, "\(bytes.bytes) bytes"),
            (batchLimit > 0, "batches of \(batchLimit)"),
            (timeout >= .zero, "a timeout of \(timeout)"),
        ]
        return checks.filter { !$0.isKept }.map(\.mistake)
    }
}
