import OrderKernel
import Synchronization

/// Takes line after line, has the service answer it, and hands the result on.
final class LineWorker: Sendable {
    /// How the work of one worker ended.
    enum End {
        /// No more lines.
        case done
        /// Before a line that could not be answered within `retry_for`, or whose input was stopped.
        case gaveUp(Unanswered)
    }

    /// A line that the run stopped before. An object, as a worker's frame has little room.
    final class Unanswered: Sendable {
        /// From 1.
        let line: Int
        /// What it was told last.
        let problem: Problem

        init(line: Int, problem: Problem) {
            self.line = line
            self.problem = problem
        }

        /// Whether nobody knows if it, or one behind it, was stored.
        var isUnknown: Bool { problem.code == .outcomeUnknown }

        /// The one that counts of two: the first, with a problem that leaves no doubt away.
        func joined(with other: Unanswered?) -> Unanswered {
            guard let other else { return self }
            let first = line < other.line ? self : other
            let telling = isUnknown == other.isUnknown ? first : isUnknown ? self : other
            return Unanswered(line: first.line, problem: telling.problem)
        }
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
        while let line = await nextRequest() {
            if let unanswered = await answer(line) {
                stop()
                return .gaveUp(unanswered)
            }
        }
        return .done
    }

    /// Abandons the run: takes no more lines, and lets none take effect that has not yet.
    func stop() {
        source.stop()
        input.stop()
        results.release()
    }

    private func nextRequest() async -> LineRequest? {
        await source.next().map(read)
    }

    @inline(never)  // keeps the frames of waiting requests small
    private func read(_ line: LineSource.Taken) -> LineRequest {
        let decoded = decode(line.content)
        let context = RequestContext(
            id: firstID.advanced(by: UInt64(line.request)), route: routes.route(of: decoded.meant),
            deadline: time.now + retryFor, principal: principal, metadata: decoded.trace,
            turn: input.turn(line.request))
        return LineRequest(line, ref: decoded.ref, request: OrderRequest(decoded.operation, context: context))
    }

    private func decode(_ content: LineSplitter.Line) -> DecodedLine {
        switch content {
        case .complete(let bytes): return decoder.withLock { decoder in bytes.withUnsafeBytes { decoder.decode($0) } }
        case .tooLong:
            let problem = Problem(.lineTooLong, "The line is longer than \(longestLine) bytes.")
            return DecodedLine(meant: nil, operation: .undecodable(problem), ref: nil)
        }
    }

    /// - Returns: The line, where it has no result, so that nothing more may be printed; `nil` where it has one.
    private func answer(_ line: LineRequest) async -> Unanswered? {
        if line.request.isRead { await beginRead(line.request) }
        let outcome = await service.respond(to: line.request)
        if outcome.isNoResult { return await answer(line, after: outcome) }
        await finish(line, outcome)
        return nil
    }

    /// Waits for the turn of a read where nothing of it is in the service yet, which would take far more memory. With
    /// middleware it is the service that waits: what that takes its time for goes on for many lines at once.
    ///
    /// Reads of single orders go on together; lists one after another, as each result may be large.
    @inline(never)  // keeps the frames of waiting requests small
    private func beginRead(_ request: OrderRequest) async {
        guard !service.hasMiddleware, let turn = request.context.turn else { return }
        source.pause()
        defer { source.resume() }
        // Where the input is stopped, the service says so.
        if case .get = request.operation { try? await turn.beginSharedRead() } else { try? await turn.beginRead() }
    }

    @inline(never)  // keeps the frames of waiting requests small
    private func answer(_ line: LineRequest, after first: Outcome) async -> Unanswered? {
        let outcome = await retry(line.request, after: first)
        if let problem = outcome.noResult { return Unanswered(line: line.line, problem: problem) }
        await finish(line, outcome)
        return nil
    }

    @inline(never)  // keeps the frames of waiting requests small
    private func finish(_ line: LineRequest, _ outcome: Outcome) async {
        write(outcome, of: line)
        if case .reply(.page) = outcome { await results.waitForRoom(behind: line.number) }
        try? await line.request.context.turn?.end()
    }

    /// Has the service answer again and again, while the trouble passes.
    /// - Returns: One that is no result when it lasted longer than `retry_for`, or the input was stopped meanwhile.
    private func retry(_ request: OrderRequest, after first: Outcome) async -> Outcome {
        // A line that had to wait for its turn has no less.
        let end = request.context.turn?.patienceEnd(from: time.now) ?? time.now + retryFor
        var request = request
        var outcome = first
        var wait = Duration.milliseconds(50)
        while let problem = outcome.noResult {
            guard problem.code != .outcomeUnknown, !input.isStopped, time.now < end else { break }
            do { try await time.sleep(for: min(wait, end - time.now)) } catch { break }
            wait = min(wait * 2, .seconds(1))
            request.context = request.context.again(before: end)
            outcome = await service.respond(to: request)
        }
        return outcome
    }

    @inline(never)  // keeps the frames of waiting requests small
    private func write(_ outcome: Outcome, of line: LineRequest) {
        let result = LineResult(
            line: line.line, ref: line.ref, outcome: outcome, requestID: line.request.context.id)
        withUnsafeTemporaryAllocation(byteCount: result.jsonCapacity + 1, alignment: 1) { memory in
            var json = JSONWriter(memory)
            result.write(to: &json)
            json.raw("\n")
            source.hold(json.count - line.size)
            results.add(
                line.number, of: line.line, UnsafeRawBufferPointer(rebasing: memory[..<json.count]), outcome)
        }
    }
}

/// A line that was read, and where its result belongs. An object, as a worker's frame has little room.
private final class LineRequest: Sendable {
    /// Place among the requests, from 0.
    let number: Int
    /// Place among the lines of the input, from 1.
    let line: Int
    /// Bytes that it is taken to hold until its result is there.
    let size: Int
    let ref: [UInt8]?
    let request: OrderRequest

    init(_ line: LineSource.Taken, ref: [UInt8]?, request: OrderRequest) {
        self.number = line.request
        self.line = line.line
        self.size = line.size
        self.ref = ref
        self.request = request
    }
}

extension OrderRequest {
    fileprivate var isRead: Bool {
        switch operation {
        case .get, .list: true
        default: false
        }
    }
}

extension Outcome {
    /// Whether it is never printed as a result: the trouble passes, or nobody knows what became of the line.
    ///
    /// Beside ``noResult``, as a problem has no room in the frames of waiting requests.
    fileprivate var isNoResult: Bool {
        guard case .problem(let problem) = self else { return false }
        return problem.code.isTransient || problem.code == .outcomeUnknown
    }

    /// The problem that is never printed as a result.
    fileprivate var noResult: Problem? {
        guard isNoResult, case .problem(let problem) = self else { return nil }
        return problem
    }
}
