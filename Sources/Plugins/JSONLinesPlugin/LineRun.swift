import BlockingThreads
import Glibc
import Logging
import OrderKernel
import ServiceLifecycle
import Synchronization

/// One run of the transport over one input.
///
/// Three threads of its own: one reads, one writes, and one runs the workers, each of which takes the next line in
/// turn.
final class LineRun: Sendable {
    private struct Ends {
        var end = TransportEnd.complete
        var error: PluginError?
        /// The first line that the run has stopped before; `nil` where it did not.
        var unanswered: LineWorker.Unanswered?

        mutating func note(_ end: TransportEnd) { self.end = max(self.end, end) }
    }

    private let window: Int
    private let retryFor: Duration
    private let context: PluginContext
    private let input: LineInput
    private let output: LineOutput
    private let source: LineSource
    private let results: ResultStream
    private let executor: LineExecutor
    private let worker: LineWorker
    private let ends = Mutex(Ends())  // protects what ended the run

    init(
        _ configuration: JSONLinesTransport.Configuration, context: PluginContext, service: OrderService,
        input: LineInput, output: LineOutput
    ) throws {
        window = configuration.window
        retryFor = configuration.retryFor
        self.context = context
        self.input = input
        self.output = output
        source = try LineSource(longestLine: configuration.maxLine.bytes)
        results = try ResultStream()
        executor = try LineExecutor()
        worker = LineWorker(configuration, service: service, time: context.time, source: source, results: results)
    }

    /// Answers every line, until the input ends or the run is told to stop, closes the output, and says on standard
    /// error what it did.
    /// - Throws: ``PluginError`` when the input cannot be read, or the system has no threads.
    func run() async throws -> TransportEnd {
        let start = context.time.now
        defer { close() }
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                await work()
            } onGracefulShutdown: {
                self.source.stop()
            }
        } onCancel: {
            cut()
        }
        if source.isExhausted, results.tally.lines == 0 { output.empty() }
        // Whoever reads the results to their end may read what is said only then.
        endOutput()
        let tally = results.tally
        let ends = ends.withLock { $0 }
        if let error = ends.error, tally.lines == 0 { throw error }
        let notice = OperatorNotice(instance: context.instance)
        if let line = lastAnswered(ends) {
            notice.stopped(after: line, mayBeStored: ends.unanswered?.isUnknown ?? false)
        }
        notice.summary(tally, after: context.time.now - start)
        let end = max(ends.end, end(of: tally), trouble(ends))
        if let error = ends.error {
            if end <= .unavailable { throw error }
            context.logger.error("the run failed", metadata: ["reason": "\(error)"])
        }
        return end
    }

    private func trouble(_ ends: Ends) -> TransportEnd {
        // Lines of a run that is cut are given up for that reason alone.
        if Task.isCancelled { return .stoppedEarly }
        guard let unanswered = ends.unanswered, ends.end != .outputFailed else { return .complete }
        tell(unanswered)
        return .unavailable
    }

    private func tell(_ unanswered: LineWorker.Unanswered) {
        var facts: Logger.Metadata = [
            "before_line": "\(unanswered.line)", "reason": "\(unanswered.problem.detail)",
            "retry_for": "\(retryFor.settingText)",
        ]
        if unanswered.isUnknown {
            facts["retry_for"] = nil  // it was not waited for
            facts["advice"] = "this line and some behind it may be stored; only those with a key are safe to run again"
        }
        context.logger.error("gave up", metadata: facts)
    }

    private func work() async {
        var threads: [BlockingThread] = []
        do {
            threads.append(try BlockingThread { self.executor.run(whenIdle: self.results.flush) })
            threads.append(try BlockingThread { self.read() })
            threads.append(try BlockingThread { self.write() })
            await answerLines()
        } catch {
            fail(error)
        }
        executor.finish()
        source.stop()
        results.end()
        for thread in threads { await thread.join() }
    }

    private func answerLines() async {
        await withDiscardingTaskGroup { group in
            for _ in 0..<window {
                group.addTask(executorPreference: executor) {
                    guard case .gaveUp(let line) = await self.worker.answerLines() else { return }
                    self.ends.withLock { $0.unanswered = line.joined(with: $0.unanswered) }
                }
            }
        }
    }

    private func read() {
        do {
            try source.read(input)
        } catch {
            fail(error)
        }
    }

    private func write() {
        do {
            try results.write(to: output) { source.hold(-$0) }
        } catch {
            outputFailed(error, after: output.fault == nil ? results.lastWritten : 0)
            worker.stop()
        }
    }

    /// Ends the output. What a write has found already is not told again.
    private func endOutput() {
        let fault = output.isUntouched ? nil : output.fault
        let isKnown = ends.withLock { $0.end == .outputFailed }
        do throws(PluginError) {
            try output.close()
            if let fault { throw fault }
        } catch {
            if !isKnown { outputFailed(error, after: fault == nil ? results.lastWritten : 0) }
        }
    }

    /// - Parameter line: The last whose result can be read.
    private func outputFailed(_ error: any Error, after line: Int) {
        context.logger.error(
            "results cannot be written", metadata: ["reason": "\(error)", "after_line": "\(line)"])
        context.unavailable("output_failed")
        ends.withLock { $0.note(.outputFailed) }
    }

    private func fail(_ error: any Error) {
        ends.withLock { $0.error = error as? PluginError ?? PluginError("\(error)") }
        source.stop()
    }

    private func cut() {
        worker.stop()
        results.hurry()
        ends.withLock { $0.note(.stoppedEarly) }
    }

    private func end(of tally: Tally) -> TransportEnd {
        if tally.failed > 0 { return .internalError }
        if !source.isExhausted { return .stoppedEarly }
        return tally.refused > 0 ? .someRefused : .complete
    }

    /// The line behind which a signal stopped the run; `nil` where none did, or something else ended the run first.
    private func lastAnswered(_ ends: Ends) -> Int? {
        guard ends.error == nil, ends.end != .outputFailed, !source.isExhausted || Task.isCancelled else { return nil }
        guard let line = ends.unanswered?.line else { return source.lastLine }
        return Task.isCancelled ? line - 1 : nil
    }

    private func close() {
        source.close()
        results.close()
        executor.close()
    }
}
