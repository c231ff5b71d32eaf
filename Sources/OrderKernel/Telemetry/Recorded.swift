/// Something that was recorded. It becomes a record when an exporter takes it, as the path of a request has no time for
/// that.
struct Recorded<Record: Sendable>: Sendable {
    /// Bytes that it holds in memory, roughly.
    let size: Int
    let makeRecord: @Sendable () -> Record
}

extension Recorded<SpanRecord> {
    init(_ span: SpanRecord) {
        self.init(size: span.approximateSize) { span }
    }
}

extension Recorded<LogRecord> {
    init(_ log: LogRecord) {
        self.init(size: log.approximateSize) { log }
    }
}
