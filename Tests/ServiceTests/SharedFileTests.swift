import Foundation
import OrderKernelTesting
import Testing

/// A service and a batch job at work on one file.
@Suite("A shared file", .timeLimit(.minutes(5)))
struct SharedFileTests {
    let folder: ServiceFolder

    init() throws { folder = try ServiceFolder() }

    @Test("a job and the clients of a service write to one file, and none of them is refused or lost")
    func together() async throws {
        let lines = (1...20_000).map { #"{"customer_id":"job-\#($0)","wood_type":"oak","quantity":1}"# + "\n" }
        let input = try folder.write("orders.jsonl", lines.joined())
        let service = try folder.serve()
        let poster = try folder.startClient("poster.py", "\(try await service.port())", "8", "100000")
        while poster.output.isEmpty { await Task.yield() }
        let job = try folder.start(
            "run", "--set", "transport.http=false", "--set", "transport.json_lines=", input: input)
        #expect(await job.exitCode() == 0)
        let atTheEnd = poster.output.count
        while poster.output.count == atTheEnd { await Task.yield() }
        service.send(signal: SIGTERM)
        #expect(await service.exitCode() == 0)
        await poster.exitCode()

        #expect(job.errorLines.contains { $0.hasPrefix("orderd: 20000 lines, 20000 created") })
        let refused = service.errorLines.filter { $0.contains("POST /orders") && !$0.contains(#""status":201"#) }
        #expect(refused == [])
        try (poster.output + (try acknowledged(in: job.output))).write(to: folder.file("acknowledged"))
        let mistakes = try await folder.client("acknowledged.py", "orders.db", "acknowledged")
        #expect(mistakes.output == "")
        #expect(mistakes.code == 0)
    }

    /// The orders of a job's results, as the poster prints those that it was given.
    private func acknowledged(in results: Data) throws -> Data {
        struct Result: Decodable {
            struct Order: Decodable {
                let id: Int
                let customer_id: String
            }
            let order: Order
        }
        let lines = try results.split(separator: UInt8(ascii: "\n")).map { line in
            let order = try JSONDecoder().decode(Result.self, from: Data(line)).order
            return "\(order.id) \(order.customer_id)\n"
        }
        return Data(lines.joined().utf8)
    }
}
