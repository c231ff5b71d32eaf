import OrderKernel
import Synchronization

/// The results that wait to be written, put into the order of their lines.
final class ResultStream: Sendable {
    /// Bytes from which on results are written though more are on their way.
    private static let pieceSize = 64 << 10

    private struct Early {
        let bytes: [UInt8]
        let outcome: Tally.Kind
    }

    private struct State {
        var next = 0
        /// Results whose turn has not come, by request.
        var early: [Int: Early] = [:]
        var ready: [UInt8] = []
        var tally = Tally()
        var isFlushing = false
        var hasEnded = false
        var hasFailed = false
        var isWriterAsleep = false

        mutating func add(_ request: Int, _ bytes: UnsafeRawBufferPointer, _ outcome: Tally.Kind) -> Bool {
            guard !hasFailed else {
                tally.count(outcome)
                return false
            }
            guard request == next else {
                early[request] = Early(bytes: Array(bytes), outcome: outcome)
                return false
            }
            append(bytes, outcome)
            while !early.isEmpty, let result = early.removeValue(forKey: next) {
                result.bytes.withUnsafeBytes { append($0, result.outcome) }
            }
            return wakesWriter()
        }

        private mutating func append(_ bytes: UnsafeRawBufferPointer, _ outcome: Tally.Kind) {
            ready.append(contentsOf: bytes)
            tally.count(outcome)
            next += 1
        }

        /// Drops what cannot be written. What was done is counted all the same, and so is what will still be done.
        mutating func fail() {
            hasFailed = true
            for result in early.values { tally.count(result.outcome) }
            early = [:]
            ready = []
        }

        mutating func wakesWriter() -> Bool {
            guard isWriterAsleep, hasEnded || isWorthWriting else { return false }
            isWriterAsleep = false
            return true
        }

        private var isWorthWriting: Bool { ready.count >= (isFlushing ? 1 : ResultStream.pieceSize) }

        mutating func take(_ piece: inout [UInt8]) -> Step {
            if isWorthWriting || (hasEnded && !ready.isEmpty) {
                isFlushing = false
                swap(&ready, &piece)
                return .write
            }
            if hasEnded { return .end }
            isWriterAsleep = true
            return .sleep
        }
    }

    private enum Step { case write, sleep, end }

    private let state = Mutex(State())  // protects the results that wait, and what was counted
    private let wakeUp: WakeUp
    private let cut: WakeUp

    init() throws {
        wakeUp = try WakeUp()
        cut = try WakeUp()
    }

    /// What was counted so far.
    var tally: Tally { state.withLock { $0.tally } }

    /// Adds the result of a request, numbered from 0; it is written after those before it.
    func add(_ request: Int, _ bytes: UnsafeRawBufferPointer, _ outcome: Outcome) {
        let kind = Tally.Kind(outcome)
        if state.withLock({ $0.add(request, bytes, kind) }) { wakeUp.wake() }
    }

    /// Has everything written that is ready.
    func flush() {
        let wakes = state.withLock { state in
            state.isFlushing = true
            return state.wakesWriter()
        }
        if wakes { wakeUp.wake() }
    }

    /// Says that no more results come.
    func end() {
        let wakes = state.withLock { state in
            state.hasEnded = true
            return state.wakesWriter()
        }
        if wakes { wakeUp.wake() }
    }

    /// Ends the writing as soon as nobody takes what is written. Results that come are still written.
    func hurry() { cut.wake() }

    /// Writes results until ``end()``, or after ``hurry()`` as far as they are taken. Blocks its thread.
    /// - Parameter written: Called with the bytes of every piece that was written.
    /// - Throws: ``PluginError`` when the output cannot be written; results are dropped from then on.
    func write(to output: LineOutput, written: (Int) -> Void) throws {
        LineOutput.blockPipeSignal()
        do {
            try writeAll(to: output, written: written)
        } catch {
            state.withLock { $0.fail() }
            throw error
        }
    }

    private func writeAll(to output: LineOutput, written: (Int) -> Void) throws {
        var piece: [UInt8] = []
        while true {
            piece.removeAll(keepingCapacity: true)
            switch state.withLock({ $0.take(&piece) }) {
            case .write:
                guard try output.write(piece, unless: cut) else { return }
                written(piece.count)
            case .sleep: wakeUp.wait()
            case .end: return
            }
        }
    }

    func close() {
        wakeUp.close()
        cut.close()
    }
}
