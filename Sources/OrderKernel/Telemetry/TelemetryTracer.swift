package import Tracing

/// Brings spans that plugins begin through swift-distributed-tracing to the exporters.
package struct TelemetryTracer: Tracer {
    private let telemetry: Telemetry

    package init(_ telemetry: Telemetry) {
        self.telemetry = telemetry
    }

    package func startSpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> ServiceContext, ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant, function: String, file fileID: String, line: UInt
    ) -> TelemetrySpan {
        var context = context()
        guard telemetry.signals.contains(.spans) else { return TelemetrySpan(context, record: nil, telemetry) }
        let parent = context.position ?? TracePosition.ofRequest
        let trace = telemetry.sampler.context(childOf: parent?.context)
        context.position = TracePosition(context: trace, requestID: parent?.requestID)
        guard trace.isSampled else { return TelemetrySpan(context, record: nil, telemetry) }
        let start = TelemetryTime(nanoseconds: instant().nanosecondsSinceEpoch)
        let record = SpanRecord(
            name: operationName, kind: SpanRecord.Kind(kind), context: trace,
            parent: parent?.context?.begun.map { .init(spanID: $0.spanID, isRemote: parent?.isRemote == true) },
            start: start, end: start)
        return TelemetrySpan(context, record: record, telemetry)
    }

    package func forceFlush() {}

    package func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        func values(_ key: String) -> [String] { extractor.extract(key: key, from: carrier).map { [$0] } ?? [] }
        let baggage = telemetry.propagation.baggage(values)
        if !baggage.isEmpty { context.baggage = baggage }
        guard let trace = telemetry.propagation.trace(values) else { return }
        context.position = TracePosition(context: trace, isRemote: true, requestID: context.position?.requestID)
    }

    package func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        let trace = (context.position ?? TracePosition.ofRequest)?.context?.begun
        let baggage = context.baggage ?? RequestContext.current?.baggage ?? Baggage()
        for (name, value) in telemetry.propagation.headers(of: trace, baggage) {
            injector.inject(value, forKey: name, into: &carrier)
        }
    }
}
