public import OrderKernel

/// One request of OTLP: the spans, or the metrics, or the log records of a batch, as bytes.
public struct OTLPRequest: Sendable {
    /// What a request carries.
    public enum Signal: String, Sendable, CaseIterable {
        case traces
        case metrics
        case logs
    }

    public enum Encoding: Sendable {
        case protobuf
        case json
    }

    /// Most bytes of a request: many receivers refuse more.
    public static let largest = 4 << 20

    public let signal: Signal
    public let bytes: [UInt8]
    /// How many spans, data points or log records it carries.
    public let count: Int

    /// The requests that a batch becomes: one for each signal that it holds, or several where one would be too large.
    /// - Returns: Also how many records had to be left out, as one of them alone is too large.
    public static func requests(
        for batch: TelemetryBatch, _ encoding: Encoding, temporality: Temporality = .cumulative,
        largest: Int = OTLPRequest.largest
    ) -> (requests: [OTLPRequest], tooLarge: Int) {
        var splitter = Splitter(encoding: encoding, temporality: temporality, largest: largest)
        splitter.split(Content(batch: batch, signal: .traces))
        splitter.split(Content(batch: batch, signal: .metrics))
        splitter.split(Content(batch: batch, signal: .logs))
        return (splitter.requests, splitter.tooLarge)
    }
}

/// Splits what is too large for one request in halves.
private struct Splitter {
    let encoding: OTLPRequest.Encoding
    let temporality: Temporality
    let largest: Int
    private(set) var requests: [OTLPRequest] = []
    private(set) var tooLarge = 0

    init(encoding: OTLPRequest.Encoding, temporality: Temporality, largest: Int) {
        self.encoding = encoding
        self.temporality = temporality
        self.largest = largest
    }

    mutating func split(_ content: Content) {
        let count = content.count
        guard count > 0 else { return }
        let bytes = bytes(of: content)
        if bytes.count <= largest {
            requests.append(OTLPRequest(signal: content.signal, bytes: bytes, count: count))
        } else if let halves = content.halves {
            split(halves.0)
            split(halves.1)
        } else {
            tooLarge += count
        }
    }

    private func bytes(of content: Content) -> [UInt8] {
        switch encoding {
        case .protobuf:
            var sink = ProtobufSink(capacity: 64 + content.count * 512)
            content.write(to: &sink, temporality)
            return sink.bytes
        case .json:
            var sink = JSONSink()
            content.write(to: &sink, temporality)
            return sink.finish()
        }
    }
}

/// One signal of a batch.
private struct Content {
    let batch: TelemetryBatch
    let signal: OTLPRequest.Signal

    /// Spans, data points or log records.
    var count: Int {
        switch signal {
        case .traces: batch.spans.count
        case .metrics: batch.metrics.reduce(0) { $0 + $1.pointCount }
        case .logs: batch.logs.count
        }
    }

    /// `nil` for one record, or one data point.
    var halves: (Content, Content)? {
        switch signal {
        case .traces: halves(batch.spans) { part(spans: Array($0)) }
        case .metrics:
            halves(batch.metrics) { part(metrics: Array($0)) } ?? batch.metrics.first.flatMap { halves(of: $0) }
        case .logs: halves(batch.logs) { part(logs: Array($0)) }
        }
    }

    private func halves<Item>(_ items: [Item], _ part: (ArraySlice<Item>) -> Content) -> (Content, Content)? {
        let middle = items.count / 2
        return middle == 0 ? nil : (part(items[..<middle]), part(items[middle...]))
    }

    private func halves(of metric: MetricRecord) -> (Content, Content)? {
        func parts<Value>(
            _ points: [MetricRecord.Point<Value>], _ data: ([MetricRecord.Point<Value>]) -> MetricRecord.Data
        ) -> (Content, Content)? {
            halves(points) { points in
                var half = metric
                half.data = data(Array(points))
                return part(metrics: [half])
            }
        }
        return switch metric.data {
        case .sum(let points, let isMonotonic): parts(points) { .sum($0, isMonotonic: isMonotonic) }
        case .gauge(let points): parts(points) { .gauge($0) }
        case .histogram(let points): parts(points) { .histogram($0) }
        @unknown default: nil
        }
    }

    private func part(
        spans: [SpanRecord] = [], metrics: [MetricRecord] = [], logs: [LogRecord] = []
    ) -> Content {
        let part = TelemetryBatch(resource: batch.resource, spans: spans, metrics: metrics, logs: logs)
        return Content(batch: part, signal: signal)
    }

    func write<Sink: MessageSink & ~Copyable>(to sink: inout Sink, _ temporality: Temporality) {
        switch signal {
        case .traces: sink.traces(batch.spans, of: batch)
        case .metrics: sink.metrics(batch.metrics.filter { $0.pointCount > 0 }, of: batch, temporality)
        case .logs: sink.logs(batch.logs, of: batch)
        }
    }
}
