import Foundation
import Logging
import OrderKernelTesting
import Synchronization
import Testing

@testable import OrderKernel

/// A contract of somebody else.
private struct OwnContract: Contract {
    static let rules = [
        Rule("it holds") { _, _ in },
        Rule("it is broken") { _, findings in findings.violate("is wrong") },
        Rule("it throws") { _, _ in throw Trouble(name: "own") },
        Rule("it never ends") { _, _ in
            let end = Latch()
            await Task { try? await end.wait() }.value
        },
    ]
}

@Suite("Contract", .timeLimit(.minutes(5)))
struct ContractTests {
    @Test("a contract of one's own says what is broken, and what does not end")
    func own() async {
        var violations: [[String]] = []
        for (rule, limit) in zip(OwnContract.rules, [60, 60, 60, 0.1]) {
            violations.append(await OwnContract().violations(of: rule, within: .seconds(limit)))
        }
        #expect(
            violations == [
                [], ["is wrong"], [#"failed with Trouble(name: "own")"#], ["has not ended within 0.1 seconds"],
            ])
    }

    @Test("a plugin that never says ready, or never stops, is told so in words")
    func silent() async {
        for (life, words) in [
            (Life.startsForEver, "never said ready"), (.drainsForEver, "goes on though it was told to stop"),
        ] {
            let contract = StorageContract(.process) { place in
                FakeStorage(work: FakeWork(name: "s", life: life, journal: Journal(), context: place.context))
            }
            let violations = await contract.violations(of: StorageContract.rules[0], within: .seconds(1))
            #expect(violations.contains("has not ended within 1.0 seconds: storage \(words)"), "\(violations)")
        }
    }

    @Test("a plugin that returns too early is told so in words")
    func early() async throws {
        let time = SystemTime()
        let context = PluginContext.standalone("early", logger: Logger(label: "early"), time: time)
        let end = Latch()
        end.open()
        let work = FakeWork(name: "early", life: .endsAfter(end, .complete), journal: Journal(), context: context)
        await #expect(throws: PluginError("early returned from run() before it was told to stop")) {
            try await withRunning(FakeMiddleware(work: work), context) { try await Task.sleep(for: .milliseconds(50)) }
        }
    }

    @Test("the folder of a storage is removed with all that is in it")
    func folders() async throws {
        let seen = Mutex("")
        let contract = StorageContract(.process) { place in
            seen.withLock { $0 = place.folder }
            try FileManager.default.createDirectory(
                atPath: place.folder + "/a/b", withIntermediateDirectories: true)
            try Data().write(to: URL(fileURLWithPath: place.folder + "/a/b/c"))
            return InMemoryStorage()
        }
        #expect(await contract.violations(of: StorageContract.rules[0]).isEmpty)
        #expect(!seen.withLock { $0 }.isEmpty && !FileManager.default.fileExists(atPath: seen.withLock { $0 }))
    }
}
