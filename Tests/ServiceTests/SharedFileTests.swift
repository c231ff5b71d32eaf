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

    @Test(
        "a commit that could not be written to the log keeps nobody from the next, though the other has written since")
    func failedCommit() async throws {
        // A write beyond the limit is an error then, and not the end of the process.
        let first = try folder.serve(wrapper: ["bash", "-c", #"trap '' XFSZ; exec "$@""#, "bash"])
        let (firstPort, second) = (try await first.port(), try folder.serve())
        let client = HTTPClient(folder: folder, port: firstPort)
        let other = HTTPClient(folder: folder, port: try await second.port())
        let order = EndpointCase.Request.create(LinesTroubleTests.order, key: nil)
        #expect(try await client.answer(order).status == 201)
        let log = try FileManager.default.attributesOfItem(atPath: folder.file("orders.db-wal").path)
        try await limitFiles(of: first, to: "\(try #require(log[.size] as? Int))")
        #expect(try await client.answer(order).status == 503)
        #expect(try await other.answer(order).status == 201)
        try await limitFiles(of: first, to: "unlimited")
        #expect(try await client.answer(order).status == 201)
        for service in [first, second] {
            service.send(signal: SIGTERM)
            #expect(await service.exitCode() == 0)
        }
        #expect(try await folder.count("orders") == 3)
    }

    private func limitFiles(of process: OrderdProcess, to bytes: String) async throws {
        let limit = try await folder.run("prlimit", ["--pid=\(process.processIdentifier)", "--fsize=\(bytes):"])
        #expect(limit.code == 0)
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
