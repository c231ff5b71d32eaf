import NIOPosix
import OrderKernel
import Testing

@Suite("Documents over HTTP", .timeLimit(.minutes(5)))
struct DocumentTests {
    /// Shows where it is made.
    private struct Place: ServiceDocument {
        let path = "/place"

        func content(for request: DocumentRequest) async -> DocumentContent {
            let text = MultiThreadedEventLoopGroup.currentEventLoop == nil ? "elsewhere" : "on an event loop"
            return DocumentContent(type: "text/plain", bytes: Array(text.utf8))
        }
    }

    /// Has types that would end their field.
    private struct Forged: ServiceDocument {
        let path = "/forged"

        func content(for request: DocumentRequest) async -> DocumentContent {
            DocumentContent(type: "text/plain\r\nX-Evil: 1", encoding: "gzip\r\nX-Evil: 2", bytes: [65])
        }
    }

    private struct Shows: MiddlewarePlugin {
        static let name = "shows"
        static let summary = "Shows a document."

        init() {}
        init(_ configuration: NoSettings, context: PluginContext) {}

        var documents: [any ServiceDocument] { [Place(), Forged()] }

        func handle(_ request: OrderRequest, next: Next) async throws -> Reply { try await next(request) }
    }

    @Test("a document is made where it holds up no other connection, again and again")
    func place() async throws {
        _ = try await HTTPService.run(middleware: [Shows()]) { service in
            let client = try await service.connect()
            for _ in 0..<3 {
                try await client.send("GET /place HTTP/1.1\r\nHost: localhost\r\n\r\n")
                let answer = try await client.answer()
                #expect(answer.status == 200)
                #expect(answer.body == "elsewhere")
            }
            try await client.close()
        }
    }

    @Test("what a document says of itself is no field of its own")
    func forged() async throws {
        _ = try await HTTPService.run(middleware: [Shows()]) { service in
            let client = try await service.connect()
            try await client.send("GET /forged HTTP/1.1\r\nHost: localhost\r\n\r\n")
            let answer = try await client.answer()
            #expect(answer.status == 200 && answer.body == "A")
            #expect(answer["Content-Type"] == "application/octet-stream" && answer["Content-Encoding"] == nil)
            #expect(answer["X-Evil"] == nil)
            try await client.close()
        }
    }
}
