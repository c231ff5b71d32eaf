import Foundation
import OrderKernelTesting
import Testing

/// A request as `player.py` takes it.
struct PlayedRequest: Encodable {
    let method: String
    let path: String
    var headers: [String: String] = [:]
    var body: String?

    init(_ request: EndpointCase.Request) {
        switch request {
        case .create(let order, let key):
            (method, path, body) = ("POST", "/orders", order)
            headers = ["Content-Type": "application/json"]
            headers["Idempotency-Key"] = key
        case .get(let id):
            (method, path) = ("GET", "/orders/\(id)")
        case .list(let query):
            var components = URLComponents()
            components.queryItems = query.map { URLQueryItem(name: $0.0, value: $0.1) }
            (method, path) = ("GET", "/orders?" + (components.percentEncodedQuery ?? ""))
        case .update(let id, let change, let revision):
            (method, path, body) = ("PUT", "/orders/\(id)", change)
            headers = ["Content-Type": "application/json"]
            headers["If-Match"] = revision.map { "\"\($0)\"" }
        }
    }
}

extension ServiceFolder {
    /// Sends requests to a service, one after another.
    /// - Returns: An answer for each.
    func play(_ requests: [EndpointCase.Request], on port: Int) async throws -> [EndpointAnswer] {
        struct Answer: Decodable {
            let status: Int
            let body: String
        }
        let lines = try requests.map { String(decoding: try JSONEncoder().encode(PlayedRequest($0)), as: UTF8.self) }
        let script = try write("script-\(port)", lines.joined(separator: "\n"))
        let played = try await client("player.py", "\(port)", script.path)
        try #require(played.code == 0, "\(played.output)")
        let answers = try played.output.split(separator: "\n").map { line in
            let answer = try JSONDecoder().decode(Answer.self, from: Data(line.utf8))
            return EndpointAnswer(status: answer.status, body: answer.body)
        }
        try #require(answers.count == requests.count)
        return answers
    }
}
