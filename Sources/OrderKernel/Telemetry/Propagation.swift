/// Reads and writes the headers that carry a trace from service to service.
struct Propagation: Sendable {
    private let propagators: [RecordingSettings.Propagator]

    init(_ propagators: [RecordingSettings.Propagator]) {
        let each = propagators.reduce(into: [RecordingSettings.Propagator]()) { if !$0.contains($1) { $0.append($1) } }
        self.propagators = each.contains(.none) ? [] : each
    }

    /// What the caller's trace is; of several forms that are there, the one that is listed last, though a decision
    /// alone takes no trace away.
    /// - Parameter values: Every value of a header, whatever its name's case.
    func trace(_ values: (String) -> [String]) -> TraceContext? {
        var trace: TraceContext?
        for propagator in propagators {
            switch propagator {
            case .traceContext:
                trace =
                    TraceContext(traceparent: values("traceparent"), tracestate: values("tracestate")) ?? trace
            case .b3, .b3Multiple:
                let new = B3.trace(values)
                trace = new?.begun ?? trace ?? new
            case .baggage, .none: break
            }
        }
        return trace
    }

    /// What belongs to the caller's trace.
    func baggage(_ values: (String) -> [String]) -> Baggage {
        propagators.contains(.baggage) ? Baggage(headers: values("baggage")) : Baggage()
    }

    /// The headers that carry a trace on.
    func headers(of trace: TraceContext?, _ baggage: Baggage) -> [(name: String, value: String)] {
        propagators.reduce(into: []) { headers, propagator in
            switch propagator {
            case .traceContext:
                guard let trace else { break }
                headers.append(("traceparent", trace.traceparent))
                if !trace.state.isEmpty { headers.append(("tracestate", trace.state)) }
            case .b3: trace.map { headers.append(("b3", B3.single($0))) }
            case .b3Multiple: trace.map { headers += B3.multiple($0) }
            case .baggage:
                if !baggage.isEmpty { headers.append(("baggage", baggage.header)) }
            case .none: break
            }
        }
    }
}
