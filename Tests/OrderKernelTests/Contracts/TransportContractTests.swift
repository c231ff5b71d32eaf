import OrderKernelTesting
import Testing

@Suite("Transport contract", .timeLimit(.minutes(2)))
struct TransportContractTests {
    @Test("the bare pipeline keeps it", arguments: TransportContract.rules)
    func pipeline(rule: TransportContract.Rule) async {
        await contract().check(rule)
    }

    @Test("a transport with a fault breaks it", arguments: DirectTransport.Fault.allCases)
    func faulty(fault: DirectTransport.Fault) async {
        let violations = await contract(fault).violations()
        #expect(!violations.isEmpty)
    }

    private func contract(_ fault: DirectTransport.Fault? = nil) -> TransportContract {
        TransportContract { place in
            let transport = DirectTransport(fault, context: place.context)
            return TransportUnderTest(transport) { requests in
                var answers: [EndpointAnswer] = []
                for request in requests { answers.append(try await transport.send(request)) }
                return answers
            }
        }
    }
}
