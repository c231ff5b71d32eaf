import OrderKernelTesting
import Testing

@Suite("Transport contract", .timeLimit(.minutes(5)))
struct TransportContractTests {
    @Test("the bare pipeline keeps it", arguments: TransportContract.rules)
    func pipeline(rule: TransportContract.Rule) async {
        await contract().check(rule)
    }

    @Test("a transport with a fault breaks it", arguments: DirectTransport.Fault.allCases)
    func faulty(fault: DirectTransport.Fault) async {
        // Descriptors are counted in the process: what leaks must not do so while others count.
        let rules = TransportContract.rules.filter { fault != .leaksADescriptor || $0.description.contains("closed") }
        var violations: [String] = []
        for rule in rules { violations += await contract(fault).violations(of: rule) }
        #expect(!violations.isEmpty)
    }

    private func contract(_ fault: DirectTransport.Fault? = nil) -> TransportContract {
        TransportContract { place in
            let transport = DirectTransport(fault, context: place.context)
            return TransportUnderTest(transport, end: transport.end) { requests in
                var answers: [EndpointAnswer] = []
                for request in requests { answers.append(try await transport.send(request)) }
                return answers
            }
        }
    }
}
