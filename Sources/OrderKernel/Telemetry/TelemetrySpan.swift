internal import Synchronization
package import Tracing

/// A span that a plugin began; recorded when it ends, once.
package final class TelemetrySpan: Span {
    private struct Recording {
        var record: SpanRecord
        var attributes = SpanAttributes()
    }

    package let context: ServiceContext
    private let recording: Mutex<Recording?>  // protects what the span says; nil where it is not recorded, or has ended
    private let telemetry: Telemetry

    init(_ context: ServiceContext, record: SpanRecord?, _ telemetry: Telemetry) {
        self.context = context
        self.recording = Mutex(record.map { Recording(record: $0) })
        self.telemetry = telemetry
    }

    package var isRecording: Bool { recording.withLock { $0 != nil } }

    package var operationName: String {
        get { recording.withLock { $0?.record.name } ?? "" }
        set { recording.withLock { $0?.record.name = newValue } }
    }

    package var attributes: SpanAttributes {
        get { recording.withLock { $0?.attributes } ?? [:] }
        set { recording.withLock { $0?.attributes = newValue } }
    }

    package func setStatus(_ status: SpanStatus) {
        recording.withLock {
            guard $0?.record.status != .ok else { return }  // the last word, as OpenTelemetry's specification has it
            $0?.record.status = status.code == .ok ? .ok : .error(status.message ?? "")
        }
    }

    package func addEvent(_ event: SpanEvent) {
        let event = SpanRecord.Event(
            name: event.name, time: TelemetryTime(nanoseconds: event.nanosecondsSinceEpoch),
            attributes: event.attributes.limited(to: telemetry.limits.eventAttributes).kept)
        recording.withLock { $0?.record.add(event, most: telemetry.limits.events) }
    }

    package func addLink(_ link: SpanLink) {
        guard let other = link.context.position?.context else { return }
        let link = SpanRecord.Link(
            context: other, attributes: link.attributes.limited(to: telemetry.limits.linkAttributes).kept)
        recording.withLock { $0?.record.add(link, most: telemetry.limits.links) }
    }

    package func recordError<Instant: TracerInstant>(
        _ error: any Error, attributes: SpanAttributes, at instant: @autoclosure () -> Instant
    ) {
        var attributes = attributes
        attributes["exception.type"] = String(reflecting: type(of: error))
        attributes["exception.message"] = String(describing: error)
        addEvent(SpanEvent(name: "exception", at: instant(), attributes: attributes))
    }

    package func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
        guard let recording = recording.withLock({ $0.take() }) else { return }
        var ended = recording.record
        let (kept, dropped) = recording.attributes.limited(to: telemetry.limits.spanAttributes)
        (ended.attributes, ended.dropped.attributes) = (TelemetryAttributes(kept), dropped)
        ended.end = max(ended.start, TelemetryTime(nanoseconds: instant().nanosecondsSinceEpoch))
        telemetry.record(ended)
    }
}

extension SpanRecord {
    fileprivate mutating func add(_ event: Event, most: Int) {
        if events.count < most { events.append(event) } else { dropped.events += 1 }
    }

    fileprivate mutating func add(_ link: Link, most: Int) {
        if links.count < most { links.append(link) } else { dropped.links += 1 }
    }
}

extension SpanRecord.Kind {
    init(_ kind: SpanKind) {
        self =
            switch kind {
            case .server: .server
            case .client: .client
            case .producer: .producer
            case .consumer: .consumer
            case .internal: .internal
            }
    }
}
