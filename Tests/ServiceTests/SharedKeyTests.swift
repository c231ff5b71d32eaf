import Foundation
import OrderKernelTesting
import Testing

/// What several transports share.
@Suite("Idempotency keys over the transports of the binary", .timeLimit(.minutes(5)))
struct SharedKeyTests {
    let folder: ServiceFolder

    init() throws { folder = try ServiceFolder() }

    private static let order = #"{"customer_id":"c","wood_type":"oak","quantity":1}"#
    private static let line = #"{"customer_id":"c","wood_type":"oak","quantity":1,"key":"k"}"# + "\n"

    @Test("HTTP and JSON lines without a principal share theirs; a principal has its own")
    func keys() async throws {
        let service = try folder.serve("storage.sqlite.path=orders.db")
        let client = HTTPClient(folder: folder, port: try await service.port())
        #expect(try await client.answer(.create(Self.order, key: "k")).status == 201)
        #expect(try await results().hasPrefix(#"{"line":1,"status":201,"replayed":true,"order":{"id":1,"#))
        for replays in [false, true] {
            let own = try await results("--set", "transport.json_lines.principal=nightly")
            #expect(own.contains(#""id":2,"#) && own.contains("replayed") == replays)
        }
        let replay = try await client.answer(.create(Self.order, key: "k"))
        #expect(replay.status == 201 && replay.body.contains(#""id":1,"#))
        service.send(signal: SIGTERM)
        #expect(await service.exitCode() == 0)
    }

    /// Runs a job beside the service.
    private func results(_ settings: String...) async throws -> String {
        let input = try folder.write("input", Self.line)
        let job = try OrderdProcess(
            ["run", "--set", "transport.json_lines=", "--set", "storage.sqlite.path=orders.db"] + settings,
            in: folder.url, input: input)
        #expect(await job.exitCode() == 0)
        return String(decoding: job.output, as: UTF8.self)
    }
}
