internal import Logging

/// The line that one request leaves in the log.
struct RequestLine {
    let request: OrderRequest
    let outcome: Outcome
    /// What the request's metadata says.
    private let facts: [TelemetryAttribute]
    private let nanoseconds: Int64

    private static let logger = "request"

    init(request: OrderRequest, outcome: Outcome, nanoseconds: Int64) {
        self.request = request
        self.outcome = outcome
        self.facts = request.context.metadata?.logAttributes ?? []
        self.nanoseconds = nanoseconds
    }

    private var problem: String? {
        if case .problem(let problem) = outcome { problem.code.rawValue } else { nil }
    }

    /// Writes straight into the line: this runs for every request.
    func write(to output: LogOutput) {
        let context = request.context
        var line = output.line(context.route.logLevel, logger: Self.logger, message: context.route.name)
        line.field("status") { $0.integer(outcome.status) }
        line.field("duration_ms") { $0.milliseconds(nanoseconds) }
        if let problem { line.field("problem", problem) }
        line.field("request_id", context.id.description)
        if let trace = context.trace { line.field("trace_id", hexadecimal: trace.traceID) }
        for fact in facts { line.field(foreign: fact) }
        output.write(line)
    }

    /// The same for exporters.
    func record(at time: TelemetryTime) -> LogRecord {
        let context = request.context
        var attributes = [
            TelemetryAttribute("status", .int(outcome.status)),
            TelemetryAttribute("duration_ms", .double(Double(nanoseconds) / 1_000_000)),
            TelemetryAttribute("request_id", .string(context.id.description)),
        ]
        if let problem { attributes.append(TelemetryAttribute("problem", .string(problem))) }
        return LogRecord(
            time: time, level: context.route.logLevel, body: context.route.name, logger: Self.logger,
            attributes: attributes + facts, trace: context.trace)
    }
}
