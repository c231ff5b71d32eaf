import BlockingThreads
import OrderKernel
import Synchronization

/// The results that wait to be written, put into the order of their lines.
final class ResultStream: Sendable {
    /// Bytes from which on results are written though more are on their way.
    private static let pieceSize = 64 << 10
    /// Bytes in order that may wait to be written before no more pages are made.
    private static let mostInOrder = 2 << 20

    private typealias Waiter = UnsafeContinuation<Void, Never>

    private struct Early {
        let line: Int
        let bytes: [UInt8]
        let outcome: Tally.Kind
    }

    /// Results that are written together.
    private struct Piece {
        var bytes: [UInt8] = []
        /// The line of each.
        var lines: [Int] = []

        var isFull: Bool { bytes.count >= ResultStream.pieceSize }

        mutating func clear() {
            bytes.removeAll(keepingCapacity: true)
            lines.removeAll(keepingCapacity: true)
        }

        /// The line of the last result that is whole within the first bytes; `nil` for none.
        func lastLine(within count: Int) -> Int? {
            let whole = bytes[..<count].count { $0 == UInt8(ascii: "\n") }
            return whole == 0 ? nil : lines[whole - 1]
        }
    }

    private struct State {
        var next = 0
        /// Results whose turn has not come, by request.
        var early: [Int: Early] = [:]
        /// Those before the last are full. Several, as one that grows would take twice the memory, and leave it to the
        /// next.
        var ready = [Piece()]
        /// Bytes that are ready, and of the piece that is being written.
        var unwritten = 0
        /// Who waits for room, behind which request.
        var waiters: [(request: Int, waiter: Waiter)] = []
        var isReleased = false
        /// The line of the last result that was written.
        var lastWritten = 0
        var tally = Tally()
        var isFlushing = false
        var hasEnded = false
        var hasFailed = false
        var isWriterAsleep = false

        mutating func add(
            _ request: Int, of line: Int, _ bytes: UnsafeRawBufferPointer, _ outcome: Tally.Kind
        ) -> Bool {
            guard !hasFailed else {
                tally.count(outcome)
                return false
            }
            guard request == next else {
                early[request] = Early(line: line, bytes: Array(bytes), outcome: outcome)
                return false
            }
            append(line, bytes, outcome)
            while !early.isEmpty, let result = early.removeValue(forKey: next) {
                result.bytes.withUnsafeBytes { append(result.line, $0, result.outcome) }
            }
            return wakesWriter()
        }

        private mutating func append(_ line: Int, _ bytes: UnsafeRawBufferPointer, _ outcome: Tally.Kind) {
            if ready[ready.count - 1].isFull { ready.append(Piece()) }
            ready[ready.count - 1].bytes.append(contentsOf: bytes)
            ready[ready.count - 1].lines.append(line)
            unwritten += bytes.count
            tally.count(outcome)
            next += 1
        }

        /// Drops what cannot be written. What was done is counted all the same, and so is what will still be done.
        mutating func fail() {
            hasFailed = true
            for result in early.values { tally.count(result.outcome) }
            early = [:]
            ready = [Piece()]
            unwritten = 0
        }

        /// Whether the result of a request is not in order yet, or too much waits that is.
        func isFull(behind request: Int) -> Bool {
            !isReleased && (request >= next || unwritten > ResultStream.mostInOrder)
        }

        /// Has somebody wait for room; `false` when there is room.
        mutating func park(_ waiter: Waiter, behind request: Int) -> Bool {
            guard isFull(behind: request) else { return false }
            waiters.append((request, waiter))
            return true
        }

        /// Takes those who need not wait any longer.
        mutating func takeWaiters() -> [Waiter] {
            guard !waiters.isEmpty else { return [] }
            let all = waiters
            waiters = all.filter { isFull(behind: $0.request) }
            return all.filter { !isFull(behind: $0.request) }.map(\.waiter)
        }

        mutating func wakesWriter() -> Bool {
            guard isWriterAsleep, hasEnded || isWorthWriting else { return false }
            isWriterAsleep = false
            return true
        }

        private var isWorthWriting: Bool { isFlushing ? !ready[0].lines.isEmpty : ready[0].isFull }

        mutating func take(_ piece: inout Piece) -> Step {
            if isWorthWriting || (hasEnded && !ready[0].lines.isEmpty) {
                swap(&ready[0], &piece)
                if ready.count > 1 { ready.removeFirst() } else { isFlushing = false }
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

    /// The line of the last result that was written whole; 0 before there is one.
    var lastWritten: Int { state.withLock { $0.lastWritten } }

    /// Adds the result of a request, numbered from 0, and of a line; it is written after those before it.
    func add(_ request: Int, of line: Int, _ bytes: UnsafeRawBufferPointer, _ outcome: Outcome) {
        let kind = Tally.Kind(outcome)
        let (wakes, waiters) = state.withLock { state in
            (state.add(request, of: line, bytes, kind), state.takeWaiters())
        }
        if wakes { wakeUp.wake() }
        waiters.forEach { $0.resume() }
    }

    /// Waits until the result of a request is in order, and not too much else is that is not written yet.
    ///
    /// Only for what stands before it: a result behind it may need this very request to be over.
    func waitForRoom(behind request: Int) async {
        await withUnsafeContinuation { waiter in
            if !state.withLock({ $0.park(waiter, behind: request) }) { waiter.resume() }
        }
    }

    /// Has nobody wait for room any more: some results will never be there, or never be written.
    func release() {
        change { $0.isReleased = true }
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
    /// - Throws: ``PluginError`` when the output cannot be written, or is not taken after ``hurry()``; results are
    ///   dropped from then on.
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
        var piece = Piece()
        var isEmpty = true
        while true {
            piece.clear()
            switch state.withLock({ $0.take(&piece) }) {
            case .write:
                if isEmpty { output.empty() }
                isEmpty = false
                try write(piece, to: output)
                written(piece.bytes.count)
            case .sleep: wakeUp.wait()
            case .end: return
            }
        }
    }

    private func write(_ piece: Piece, to output: LineOutput) throws {
        var count = 0
        do {
            try output.write(piece.bytes, unless: cut, written: &count)
        } catch {
            state.withLock { $0.lastWritten = piece.lastLine(within: count) ?? $0.lastWritten }
            throw error
        }
        change { state in
            state.unwritten -= piece.bytes.count
            state.lastWritten = piece.lines.last ?? state.lastWritten
        }
    }

    private func change(_ body: (inout State) -> Void) {
        let waiters = state.withLock { state in
            body(&state)
            return state.takeWaiters()
        }
        waiters.forEach { $0.resume() }
    }

    func close() {
        wakeUp.close()
        cut.close()
    }
}
