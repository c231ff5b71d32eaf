/// What waits for an exporter, and becomes a record when one takes it: the path of a request has no time for that.
///
/// It holds nothing of the request itself: what a thread has taken for a request, it gives back itself, while it is
/// still in the processor's caches.
protocol Recorded: Sendable {
    /// Bytes that it holds in memory, roughly.
    var size: Int { get }
}

/// A span that has ended.
enum RecordedSpan: Recorded {
    indirect case request(EndedRequest)
    indirect case part(ChildSpan, TraceContext, parent: UInt64?, TelemetryInterval)
    /// One that a plugin began.
    indirect case whole(SpanRecord)

    var record: SpanRecord {
        switch self {
        case .request(let request): request.span
        case .part(let child, let context, let parent, let interval): child.span(context, parent: parent, interval)
        case .whole(let record): record
        }
    }

    var size: Int {
        switch self {
        case .request(let request): 768 + request.size
        case .part(let child, _, _, _): 768 + 128 * child.links.count
        case .whole(let record): record.approximateSize
        }
    }
}

/// A line of the log.
enum RecordedLog: Recorded {
    indirect case request(RequestLine, TelemetryTime)
    indirect case whole(LogRecord)

    var record: LogRecord {
        switch self {
        case .request(let line, let time): line.record(at: time)
        case .whole(let record): record
        }
    }

    var size: Int {
        switch self {
        case .request(let line, _): 768 + line.size
        case .whole(let record): record.approximateSize
        }
    }
}

/// From when until when something was done.
struct TelemetryInterval: Sendable {
    let start: TelemetryTime
    let end: TelemetryTime
}
