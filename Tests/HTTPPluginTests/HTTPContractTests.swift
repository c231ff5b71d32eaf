import HTTPPlugin
import OrderKernel
import OrderKernelTesting
import Testing

@Suite("HTTP contracts", .timeLimit(.minutes(5)))
struct HTTPContractTests {
    @Test("it keeps the contract of every plugin", arguments: PluginContract.rules)
    func plugin(rule: PluginContract.Rule) async {
        await PluginContract(HTTPTransport.self).check(rule)
    }

    @Test("it keeps the contract of every transport", arguments: TransportContract.rules)
    func transport(rule: TransportContract.Rule) async {
        await TransportContract { place in
            let transport = HTTPTransport(try .init(yaml: "port: 0"), context: place.context)
            return TransportUnderTest(transport) { requests in
                let client = try await HTTPClient.connect(to: place.log.port)
                var answers: [EndpointAnswer] = []
                for request in requests {
                    try await client.send(request.http)
                    let answer = try await client.answer()
                    answers.append(EndpointAnswer(status: answer.status, body: answer.body, next: answer.next))
                }
                try await client.close()
                return answers
            }
        }.check(rule)
    }
}

extension HTTPAnswer {
    /// The cursor of the link to the next page.
    fileprivate var next: String? {
        self["link"]?.firstMatch(of: /[?&]after=([a-z0-9]+)>; rel="next"/).map { String($0.1) }
    }
}
