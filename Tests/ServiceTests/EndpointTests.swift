import Foundation
import OrderKernelTesting
import Testing

/// The table of endpoints, over the transports of the real binary.
@Suite("The endpoints of the binary", .timeLimit(.minutes(5)))
struct EndpointTests {
    @Test("over HTTP", arguments: EndpointCase.all)
    func http(_ endpoint: EndpointCase) async throws {
        let folder = try ServiceFolder()
        let service = try folder.serve()
        let client = HTTPClient(folder: folder, port: try await service.port())
        for step in endpoint.steps {
            let answer = try await client.answer(step.request)
            #expect(answer.mistake(against: step) == nil)
        }
        service.send(signal: SIGTERM)
        #expect(await service.exitCode() == 0)
    }

    @Test("over JSON lines", arguments: EndpointCase.all)
    func lines(_ endpoint: EndpointCase) async throws {
        let folder = try ServiceFolder()
        let input = try folder.write("input", endpoint.steps.map { $0.request.jsonLine + "\n" }.joined())
        let job = try folder.start(
            "run", "--set", "transport.json_lines=", "--set", "transport.http=false", input: input)
        let refused = endpoint.steps.contains { $0.status >= 400 }
        #expect(await job.exitCode() == (refused ? 65 : 0))
        let results = String(decoding: job.output, as: UTF8.self).split(separator: "\n")
        #expect(results.count == endpoint.steps.count)
        for (step, result) in zip(endpoint.steps, results) {
            let answer = try #require(EndpointAnswer(jsonLine: String(result)))
            #expect(answer.mistake(against: step) == nil)
        }
    }
}
