import Foundation
import JSONLinesPlugin
import OrderKernel
import OrderKernelTesting
import Testing

@Suite("JSON lines contracts", .timeLimit(.minutes(5)))
struct LinesContractTests {
    @Test("it keeps the contract of every plugin", arguments: PluginContract.rules)
    func plugin(rule: PluginContract.Rule) async {
        await PluginContract(JSONLinesTransport.self).check(rule)
    }

    @Test("it keeps the contract of every transport", arguments: TransportContract.rules)
    func transport(rule: TransportContract.Rule) async {
        await TransportContract { place in
            let pipes = try LinePipes(folder: place.folder)
            let settings = "input: \(pipes.input)\noutput: \(pipes.output)"
            let transport = JSONLinesTransport(try .init(yaml: settings), context: place.context)
            // The input ends with the last line that is sent.
            return TransportUnderTest(transport, end: {}, close: pipes.close) { try await pipes.send($0) }
        }.check(rule)
    }
}

/// Named pipes to the transport and back, and what goes through them.
private final class LinePipes: Sendable {
    let input: String
    let output: String
    /// Open before the transport opens the other end, which would wait for that.
    private let results: Int32

    init(folder: String) throws {
        input = folder + "/input"
        output = folder + "/output"
        try #require(mkfifo(input, 0o600) == 0 && mkfifo(output, 0o600) == 0)
        results = open(output, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        try #require(results >= 0 && fcntl(results, F_SETFL, 0) == 0)
    }

    @Sendable
    func close() { Foundation.close(results) }

    /// Writes a line for each request, and reads a result for each.
    func send(_ requests: [EndpointCase.Request]) async throws -> [EndpointAnswer] {
        let lines = Array(requests.map { $0.jsonLine + "\n" }.joined().utf8)
        let input = input
        return await blocking { [results] in
            let writing = open(input, O_WRONLY | O_CLOEXEC)
            defer { Foundation.close(writing) }
            guard write(writing, lines, lines.count) == lines.count else { return [] }
            return requests.compactMap { _ in EndpointAnswer(jsonLine: readLine(from: results)) }
        }
    }
}
