internal import Logging

/// The line that one request leaves in the log.
struct RequestLine {
    private let id: String
    private let route: RequestRoute
    private let trace: TraceContext?
    /// What the request's metadata says.
    private let facts: TelemetryAttributes
    private let status: Int
    private let problem: String?
    private let nanoseconds: Int64

    private static let logger = "request"

    init(_ context: RequestContext, _ outcome: Outcome, _ facts: TelemetryAttributes, nanoseconds: Int64) {
        self.id = context.id.description
        self.route = context.route
        self.trace = context.trace
        self.facts = facts
        self.status = outcome.status
        self.problem = if case .problem(let problem) = outcome { problem.code.rawValue } else { nil }
        self.nanoseconds = nanoseconds
    }

    /// Writes straight into the line: this runs for every request.
    func write(to output: LogOutput) {
        var line = output.line(route.logLevel, logger: Self.logger, message: route.name)
        line.field("status") { $0.integer(status) }
        line.field("duration_ms") { $0.milliseconds(nanoseconds) }
        if let problem { line.field("problem", problem) }
        line.field("request_id", id)
        if let trace { line.field("trace_id", hexadecimal: trace.traceID) }
        line.fields(foreign: facts)
        output.write(line)
    }

    /// The same for exporters.
    func record(at time: TelemetryTime) -> LogRecord {
        var attributes = TelemetryAttributes(capacity: 384)
        attributes.append("status", .int(status))
        attributes.append("duration_ms", .double(Double(nanoseconds) / 1_000_000))
        attributes.append("request_id", .string(id))
        if let problem { attributes.append("problem", .string(problem)) }
        attributes.append(contentsOf: facts)
        return LogRecord(
            time: time, level: route.logLevel, body: route.name, logger: Self.logger,
            attributes: attributes, trace: trace)
    }
}
