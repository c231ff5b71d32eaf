import Testing

@testable import SQLitePlugin

@Suite("Durable commits", .timeLimit(.minutes(5)))
struct DurableCommitsTests {
    let commits = DurableCommits()

    private func commit() {
        commits.begin()
        commits.end(isStored: true)
    }

    /// What somebody does next who needs all that can be seen, once something else has happened.
    private func next(after event: @Sendable () -> Void) async -> DurableCommits.Step {
        let commits = commits
        let begun = commits.begun
        async let step = commits.next(for: begun)
        for _ in 0..<50 { await Task.yield() }
        event()
        return await step
    }

    @Test("one synchronisation makes durable what was committed before it")
    func synchronises() async {
        #expect(await commits.next(for: 0) == .done)
        commit()
        commit()
        #expect(await commits.next(for: 1) == .synchronise(upTo: 2))
        commits.settle(upTo: 2)
        #expect(await commits.next(for: 2) == .done)
    }

    @Test("whoever finds a synchronisation under way waits for it, and then makes one where it was not enough")
    func waitsForAnother() async {
        let commits = commits
        commit()
        #expect(await commits.next(for: 1) == .synchronise(upTo: 1))
        #expect(await next { commits.settle(upTo: 1) } == .done)
        commit()
        #expect(await commits.next(for: 2) == .synchronise(upTo: 2))
        commit()
        #expect(await next { commits.settle(upTo: 2) } == .synchronise(upTo: 3))
    }

    @Test("a commit that may have been seen is waited for until it is over, well or not")
    func waitsForCommit() async {
        let commits = commits
        commits.begin()
        #expect(await next { commits.end(isStored: false) } == .done)
        commits.begin()
        #expect(await next { commits.end(isStored: true) } == .synchronise(upTo: 1))
    }

    @Test("when the disk is in doubt no later synchronisation counts, until all is put right")
    func doubt() async {
        commit()
        #expect(await commits.next(for: 1) == .synchronise(upTo: 1))
        commit()
        commits.doubt()
        #expect(await commits.next(for: 2) == .fail)
        commits.settle(upTo: 2)
        #expect(await commits.next(for: 2) == .fail)
        commits.settleAll()
        #expect(await commits.next(for: 2) == .done)
        #expect(!commits.isInDoubt)
    }
}
