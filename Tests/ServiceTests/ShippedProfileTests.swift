import Foundation
import OrderKernelTesting
import Testing

/// The profiles of `config` at work, as the README has them.
@Suite("The profiles that come with orderd", .timeLimit(.minutes(5)))
struct ShippedProfileTests {
    let folder: ServiceFolder

    init() throws { folder = try ServiceFolder() }

    @Test("batch.yaml takes the orders of examples, refuses ten, each for its reason, and repeats what has a key")
    func batch() async throws {
        let first = try await run()
        #expect(first.summary.hasPrefix("orderd: 1000 lines, 985 created, 5 replayed, 0 updated, 0 read, 10 refused, "))
        #expect(first.results.map { $0["line"] as? Int } == Array(1...1000))
        let refused = first.results.filter { $0["order"] == nil }
        let faults = refused.map { result -> String in
            let problem = result["problem"] as? [String: Any]
            let errors = problem?["errors"] as? [[String: Any]]
            return "\(result["line"] ?? "") \(result["status"] ?? "") "
                + "\(errors?.first?["pointer"] ?? problem?["detail"] ?? "")"
        }
        #expect(
            faults == [
                "17 400 The text ends where a value should be.", "101 422 /colour", "202 422 /wood_type",
                "298 422 /quantity", "377 422 /quantity", "450 422 /customer_id", "561 400 A member is given twice.",
                "640 422 /status", "733 400 The text is not UTF-8.", "912 422 /op",
            ])

        let lines = String(decoding: try Data(contentsOf: input), as: UTF8.self).split(separator: "\n")
        let second = try await run()
        let replayed = second.results.count { $0["replayed"] as? Bool == true }
        #expect(replayed == lines.count { $0.contains("\"key\"") } - refused.count { hasKey($0, in: lines) })
        #expect(replayed > 5, "orders of the first run")
        #expect(second.summary.contains(", \(990 - replayed) created, \(replayed) replayed, "))
    }

    private var input: URL { folder.root.appendingPathComponent("examples/orders.jsonl") }

    private func hasKey(_ result: [String: Any], in lines: [Substring]) -> Bool {
        (result["line"] as? Int).map { lines[$0 - 1].contains("\"key\"") } ?? false
    }

    private func run() async throws -> (results: [[String: Any]], summary: String) {
        let profile = folder.root.appendingPathComponent("config/batch.yaml").path
        let job = try folder.start("run", "--config", profile, input: input)
        #expect(await job.exitCode() == 65)
        #expect(job.errorLines.count == 1, "a batch that went well says its summary, and nothing else")
        let results = try String(decoding: job.output, as: UTF8.self).split(separator: "\n").map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        return (results, try #require(job.errorLines.first))
    }
}
