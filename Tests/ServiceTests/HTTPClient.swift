import OrderKernelTesting
import Testing

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
