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

/// The endpoints' requests as a person would send them with curl.
struct HTTPClient {
    let folder: ServiceFolder
    let port: Int

    func answer(_ request: EndpointCase.Request) async throws -> EndpointAnswer {
        let (output, code) = try await folder.run(
            "curl",
            ["--silent", "--show-error", "--max-time", "20", "--write-out", "\n%{http_code}"] + arguments(request))
        #expect(code == 0)
        let end = output.lastIndex(of: "\n") ?? output.startIndex
        return EndpointAnswer(status: Int(output[end...].dropFirst()) ?? 0, body: String(output[..<end]))
    }

    private func arguments(_ request: EndpointCase.Request) -> [String] {
        let orders = "http://127.0.0.1:\(port)/orders"
        let json = ["--header", "Content-Type: application/json"]
        switch request {
        case .create(let order, let key):
            return json + (key.map { ["--header", "Idempotency-Key: \($0)"] } ?? []) + ["--data-binary", order, orders]
        case .get(let id):
            return ["\(orders)/\(id)"]
        case .list(let query):
            return ["--get", orders] + query.flatMap { ["--data-urlencode", "\($0.0)=\($0.1)"] }
        case .update(let id, let change, let revision):
            let condition = revision.map { ["--header", "If-Match: \"\($0)\""] } ?? []
            return json + condition + ["--request", "PUT", "--data-binary", change, "\(orders)/\(id)"]
        }
    }
}
