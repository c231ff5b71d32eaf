import Foundation
import OrderKernelTesting
import PostgresTesting
import Testing

extension PostgresSuites {
    /// The same requests give the same bytes, whatever keeps the orders and whatever carries them.
    @Suite("Parity of SQLite and PostgreSQL", .timeLimit(.minutes(5)))
    struct PostgresParityTests {
        let folder: ServiceFolder

        init() throws { folder = try ServiceFolder() }

        @Test("every endpoint case has the same answers over HTTP", arguments: EndpointCase.all)
        func http(_ endpoint: EndpointCase) async throws {
            let requests = endpoint.steps.map(\.request)
            async let sqlite = play(requests, on: try folder.serve())
            let postgres = try await PostgresServer.shared.withDatabase {
                try await play(requests, on: try folder.serve(at: $0.url))
            }
            #expect(try await sqlite == postgres)
        }

        @Test("every endpoint case has the same answers as JSON lines", arguments: EndpointCase.all)
        func lines(_ endpoint: EndpointCase) async throws {
            let requests = endpoint.steps.map(\.request)
            async let sqlite = results(of: requests) { try folder.job(into: "orders.db", input: $0) }
            let postgres = try await PostgresServer.shared.withDatabase { database in
                try await results(of: requests) { try folder.job(at: database.url, input: $0) }
            }
            #expect(try await sqlite == postgres)
        }

        @Test("200 operations have the same answers, and leave the same orders, on four ways")
        func script() async throws {
            let requests = Self.operations + [.list([("limit", "1000")])]
            let sqlite = try await play(requests, on: try folder.serve())
            #expect(sqlite.count == 201)
            let linesIntoSQLite = try await results(of: requests) { try folder.job(into: "lines.db", input: $0) }
            #expect(linesIntoSQLite == sqlite)
            try await PostgresServer.shared.withDatabase { database in
                let postgres = try await play(requests, on: try folder.serve(at: database.url))
                #expect(postgres == sqlite)
            }
            try await PostgresServer.shared.withDatabase { database in
                let linesIntoPostgres = try await results(of: requests) { try folder.job(at: database.url, input: $0) }
                #expect(linesIntoPostgres == sqlite)
            }
        }

        private func play(_ requests: [EndpointCase.Request], on service: OrderdProcess) async throws -> [String] {
            let answers = try await folder.play(requests, on: try await service.port())
            #expect(await service.stop() == 0)
            return answers.map(\.comparable)
        }

        private func results(
            of requests: [EndpointCase.Request], from start: (URL) throws -> OrderdProcess
        ) async throws -> [String] {
            let name = "input-\(UUID().uuidString)"
            let input = try folder.write(name, requests.map { $0.jsonLine + "\n" }.joined())
            let job = try start(input)
            let code = await job.exitCode()
            try #require([0, 65].contains(code), "\(job.errorLines)")
            let lines = String(decoding: job.output, as: UTF8.self).split(separator: "\n")
            try #require(lines.count == requests.count)
            return try lines.map { try #require(EndpointAnswer(jsonLine: String($0))).comparable }
        }
    }
}

extension EndpointAnswer {
    /// Status and body without what differs from one run to the next: times, and the request's id.
    fileprivate var comparable: String {
        let body = body.replacing(/"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"/, with: #""T""#)
        return "\(status) " + body.replacing(/"request_id":"[^"]*"/, with: #""request_id":"R""#)
    }
}

extension ServiceFolder {
    fileprivate func job(into database: String, input: URL) throws -> OrderdProcess {
        try start(
            "run", "--set", "transport.http=false", "--set", "transport.json_lines=", "--set",
            "storage.sqlite.path=\(database)", input: input)
    }
}

extension PostgresSuites.PostgresParityTests {
    /// 200 operations of every kind on few orders, so that they meet: most succeed, some are refused.
    private static let operations: [EndpointCase.Request] = (0..<200).map { number in
        // Multiples of primes: much the same as random, and the same every time.
        let id = "\(1 + number * 7 % 60)"
        let status = ["registered", "ready", "shipped", "blocked", "closed", "unknown"][number * 5 % 6]
        switch number * 11 % 10 {
        case 0, 1: return .create(order(number), key: nil)
        case 2, 3: return .create(order(number % 40), key: "key \(number % 40)")
        case 4: return .create(order(number), key: "key \(number % 17)")
        case 5: return .update(id, #"{"status":"\#(status)"}"#, ifRevision: number % 3 == 0 ? 1 : nil)
        case 6: return .update(id, #"{"status":"\#(status)"}"#)
        case 7: return .get(id)
        case 8: return .list([("status", status), ("limit", "\(1 + number % 7)")])
        default: return .create(#"{"customer_id":"","wood_type":"plastic","quantity":\#(number)}"#)
        }
    }

    private static func order(_ number: Int) -> String {
        let wood = ["oak", "maple", "birch", "elm", "pine"][number % 5]
        return #"{"customer_id":"cüst \#(number % 9) 😀","wood_type":"\#(wood)","quantity":\#(number + 1)}"#
    }
}
