import OrderKernel
import Synchronization

/// Takes line after line, has the service answer it, and hands the result on.
final class LineWorker: Sendable {
    /// How the work of one worker ended.
    enum End {
        /// No more lines.
        case done
        /// Before a line that could not be answered within `retry_for`, or whose input was stopped.
        case gaveUp
    }

    private let service: OrderService
    private let time: any TimeSource
    private let source: LineSource
    private let results: ResultStream
    private let input: OrderedInput
    private let routes: LineRoutes
    private let retryFor: Duration
    private let longestLine: Int
    private let principal: String
    private let firstID = RequestID.random()
    private let decoder: Mutex<LineDecoder>  // protects what reading a line keeps for the next; never contended

    init(
        _ configuration: JSONLinesTransport.Configuration, service: OrderService, time: any TimeSource,
        source: LineSource, results: ResultStream
    ) {
        self.service = service
        self.time = time
        self.source = source
        self.results = results
        input = OrderedInput(patience: configuration.retryFor)
        routes = LineRoutes(service.telemetry)
        retryFor = configuration.retryFor
        longestLine = configuration.maxLine.bytes
        principal = configuration.principal ?? ""
        decoder = Mutex(LineDecoder(rules: service.rules))
    }

    /// Works until there are no more lines, or the run is given up. Many may do so at once.
    func answerLines() async -> End {
        while let line = await source.next() {
            let decoded = decode(line.content)
            guard await answer(decoded, of: line) else {
                stop()
                return .gaveUp
            }
        }
        return .done
    }

    /// Abandons the run: takes no more lines, and lets none take effect that has not yet.
    func stop() {
        source.stop()
        input.stop()
    }

    private func decode(_ content: LineSplitter.Line) -> DecodedLine {
        switch content {
        case .complete(let bytes): return decoder.withLock { decoder in bytes.withUnsafeBytes { decoder.decode($0) } }
        case .tooLong:
            let problem = Problem(.lineTooLong, "The line is longer than \(longestLine) bytes.")
            return DecodedLine(operation: .undecodable(problem), ref: nil)
        }
    }

    /// - Returns: Whether the line has its result; else nothing more may be printed.
    private func answer(_ decoded: DecodedLine, of line: LineSource.Taken) async -> Bool {
        let turn = input.turn(line.request)
        let id = firstID.advanced(by: UInt64(line.request))
        let request = OrderRequest(
            decoded.operation,
            context: RequestContext(
                id: id, route: routes.route(of: decoded.operation), deadline: time.now + retryFor,
                principal: principal, turn: turn))
        var outcome = await service.respond(to: request)
        if outcome.isNoResult {
            guard let later = await retry(request, after: outcome) else { return false }
            outcome = later
        }
        write(LineResult(line: line.line, ref: decoded.ref, outcome: outcome, requestID: id), of: line)
        if case .reply(.page) = outcome { await source.waitForRoom() }
        try? await turn.end()
        return true
    }

    /// Has the service answer again and again, while the trouble passes.
    /// - Returns: `nil` when it lasted longer than `retry_for`, or the input was stopped meanwhile.
    private func retry(_ request: OrderRequest, after first: Outcome) async -> Outcome? {
        let end = time.now + retryFor
        var request = request
        request.context.deadline = end
        var outcome = first
        var wait = Duration.milliseconds(50)
        while outcome.isNoResult {
            guard !outcome.isUnknown, !input.isStopped, time.now < end else { return nil }
            do { try await time.sleep(for: min(wait, end - time.now)) } catch { return nil }
            wait = min(wait * 2, .seconds(1))
            outcome = await service.respond(to: request)
        }
        return outcome
    }

    private func write(_ result: LineResult, of line: LineSource.Taken) {
        withUnsafeTemporaryAllocation(byteCount: result.jsonCapacity + 1, alignment: 1) { memory in
            var json = JSONWriter(memory)
            result.write(to: &json)
            json.raw("\n")
            source.hold(json.count - line.size)
            results.add(
                line.request, UnsafeRawBufferPointer(rebasing: memory[..<json.count]), result.outcome)
        }
    }
}

extension Outcome {
    /// Whether it is never printed as a result: the trouble passes, or nobody knows what became of the line.
    fileprivate var isNoResult: Bool {
        guard case .problem(let problem) = self else { return false }
        return problem.code.isTransient || problem.code == .outcomeUnknown || problem.code.status == 429
    }

    /// Whether nobody knows what became of the line.
    fileprivate var isUnknown: Bool {
        guard case .problem(let problem) = self else { return false }
        return problem.code == .outcomeUnknown
    }
}
