internal import OrderKernel

/// What the thread that writes does.
final class WriterWork {
    let link: Link
    private let statements: WriteStatements
    private let patience: Duration
    private let session: WriteSession
    private let isOver: () -> Bool
    private let lookAround: () -> Void
    /// Tokens of batches whose outcome is known, which the next batches remove.
    private var settled: [BatchToken] = []
    /// Whether the last batch could not be committed, or the connection is new, so that it has to be tried out whether
    /// all is well. The first one is tried out when it is made.
    private var isTroubled = false
    private var hasConnected = false
    private var nextSweep = Instant.now
    private var nextTrial = Instant.now
    /// What the next trial gets: little at first, as the batches wait meanwhile.
    private var trialLimit = shortestTrial
    private static let shortestTrial = Duration.milliseconds(250)
    /// How long nothing is tried out after something failed.
    private static let trialPause = Duration.milliseconds(500)
    /// When a batch was refused for the last time as there was no connection.
    private var refusedAt: Instant?

    /// - Parameters:
    ///   - patience: How long a batch waits for a connection.
    ///   - isOver: Whether a batch is given up before its deadline.
    ///   - lookAround: Is called ten times a second while the server works on something else than a batch.
    init(
        link: Link, statements: WriteStatements, patience: Duration, session: WriteSession,
        isOver: @escaping () -> Bool, lookAround: @escaping () -> Void
    ) {
        self.lookAround = lookAround
        self.link = link
        self.statements = statements
        self.patience = patience
        self.session = session
        self.isOver = isOver
    }

    /// Commits a batch, again and again until its fate is known or its deadline comes.
    /// - Parameter pause: Waits until a moment.
    func commit(
        _ batch: WriteBatch, _ report: (WriterReport) -> Void, pause: (Instant) -> Void
    ) -> Result<[WriteOutcome], StorageError> {
        let token = BatchToken()
        let removed = settled.count >= 64 ? settled : []
        let work = BatchWork(
            batch, token: token, settled: removed, session: session, statements: statements)
        // What was behind a batch that waited for a connection in vain has waited as long.
        let began = Instant.now
        let hasWaited = refusedAt.map { began < $0 + .milliseconds(100) } ?? false
        var commit = Commit(work, deadline: batch.deadline, patience: hasWaited ? .zero : patience)
        var step = commit.begin(at: began)
        var told = 1  // one order may be held, one server slow or about to change, one connection lost
        while true {
            switch step {
            case .send(let calls):
                step = commit.receive(send(calls, before: batch.deadline, report), at: .now)
            case .goOn(let calls):
                step = commit.receive(goOn(calls, before: batch.deadline), at: .now)
            case .pause where isOver():
                link.leaveTransaction()
                return .failure(commit.abandoned)
            case .pause(let duration):
                if let failure = commit.troubles.last, commit.troubles.count > told {
                    note(failure.storageError, report, isSure: true)
                }
                told = max(told, commit.troubles.count)
                pause(.now + duration)
                step = commit.resume(at: .now)
            case .done(let outcomes):
                settled.removeFirst(removed.count)
                // An attempt that was lost may still wait somewhere: its token stays, so that it will never be
                // committed.
                if !commit.mayBeStored { settled.append(token) }
                return .success(outcomes)
            case .failed(let error):
                link.leaveTransaction()
                if !link.isConnected, !hasWaited, .now >= began + patience { refusedAt = .now }
                note(error, report)
                return .failure(error)
            }
        }
    }

    /// While there is nothing to commit: makes the connection anew, tries out whether commits are possible again.
    /// - Returns: When to look again; `nil` where nothing will have changed by itself.
    func lookAfterConnection(_ report: (WriterReport) -> Void) -> Instant? {
        if link.look() { report(.unreachable(.lost("the server ended the connection"), isSure: false)) }
        guard link.isConnected, !isTroubled else {
            if link.isConnected, .now < nextTrial { return nextTrial }
            do throws(PostgresFailure) {
                guard try connect(before: .now + .milliseconds(50), report, meanwhile: lookAround) else { return .now }
                if isTroubled { try tryOut(report) } else { report(.available) }
            } catch {
                return .now + max(link.reconnection.pause, isTroubled ? Self.trialPause : .zero)
            }
            return .now
        }
        sweep(report)
        guard link.isConnected else { return .now }
        if let next = link.nextPing, .now >= next {
            do throws(PostgresFailure) {
                _ = try link.run([Call(.ping)], before: .now + .seconds(5), meanwhile: lookAround)
            } catch {
                note(error.beforeUse.storageError, report)
                return .now
            }
        }
        return min(nextSweep, link.nextPing ?? nextSweep)
    }

    /// After a batch: where the one before could not be committed, sees whether everything can be again. A batch that
    /// went well may have needed less than the other.
    func lookForRecovery(_ report: (WriterReport) -> Void) {
        guard isTroubled, link.isConnected, .now >= nextTrial else { return }
        try? tryOut(report)
    }

    /// Leaves nothing behind in the database.
    func end() {
        if link.isConnected, !settled.isEmpty { _ = try? link.run([statements.removal(of: settled)]) }
        link.close()
    }

    private func send(
        _ calls: [Call], before deadline: Instant, _ report: (WriterReport) -> Void
    ) -> Result<[ResultRows], PostgresFailure> {
        Result { () throws(PostgresFailure) in
            let wasConnected = link.isConnected
            guard try connect(before: deadline, report) else { throw .unanswered }
            // Where connecting took the time that there was, what is sent would be cut off, and its fate be unknown.
            guard wasConnected || .now < deadline - BatchWork.shortest / 2 else { throw .unanswered }
            return try link.run(calls, before: deadline)
        }
    }

    private func goOn(_ calls: [Call], before deadline: Instant) -> Result<[ResultRows], PostgresFailure> {
        Result { () throws(PostgresFailure) in try link.run(calls, before: deadline) }
    }

    /// - Returns: Whether there is a connection.
    private func connect(
        before pause: Instant, _ report: (WriterReport) -> Void, meanwhile: () -> Void = {}
    ) throws(PostgresFailure) -> Bool {
        let wasConnected = link.isConnected
        do throws(PostgresFailure) {
            guard try link.connect(before: pause, meanwhile: meanwhile) else { return false }
            if !wasConnected { (isTroubled, nextTrial) = (hasConnected, .now) }
            hasConnected = true
            return true
        } catch {
            let reconnection = link.reconnection
            if reconnection.hasTriedAll {
                report(.unreachable(error, isSure: !error.isSilence || reconnection.hasTriedAllLong))
            }
            throw error
        }
    }

    private func note(_ error: StorageError, _ report: (WriterReport) -> Void, isSure: Bool = false) {
        guard [.unavailable, .tooMuch, .outcomeUnknown].contains(error.kind) else { return }
        // One batch may have waited for a lock of somebody else's: the next batch or the trial will tell.
        let isReported = isSure || isTroubled || error.code != "statement_timeout"
        if isReported { report(.failed(error)) }
        // Not at once: on a disk that fills, little ones find room for a while.
        (isTroubled, nextTrial) = (true, isReported ? .now + Self.trialPause : .now)
    }

    /// Sees whether batches can be committed again, and says so.
    private func tryOut(_ report: (WriterReport) -> Void) throws(PostgresFailure) {
        var session = session
        session.limit = trialLimit
        do throws(PostgresFailure) {
            let end = Instant.now + .seconds(1) + trialLimit
            try Trial(statements, session).run { (calls) throws(PostgresFailure) in
                try link.run(calls, before: end, meanwhile: lookAround)
            }
            trialLimit = Self.shortestTrial
            isTroubled = false
            report(.available)
        } catch {
            trialLimit = min(trialLimit * 2, session.timeout)
            nextTrial = .now + Self.trialPause
            report(.failed(error.storageError))
            throw error
        }
    }

    /// Once an hour, removes what processes have left that were killed.
    private func sweep(_ report: (WriterReport) -> Void) {
        guard .now >= nextSweep else { return }
        nextSweep = .now + .seconds(3_600)
        do throws(PostgresFailure) {
            _ = try link.run([Call(statements.tokens.removeOld)], meanwhile: lookAround)
        } catch {
            report(.unswept(error))
        }
    }
}
