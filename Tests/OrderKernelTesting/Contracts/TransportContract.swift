public import InMemoryLogging
internal import Logging
public import OrderKernel

/// What every transport has to do, as checks that a plugin's own tests run.
///
/// ```swift
/// @Test("it keeps the contract of every transport", arguments: TransportContract.rules)
/// func keeps(_ rule: TransportContract.Rule) async {
///     await TransportContract { place in
///         let transport = MyTransport(try .init(yaml: "port: 0"), context: place.context)
///         return TransportUnderTest(transport) { requests in try await MyClient(place.log).send(requests) }
///     }.check(rule)
/// }
/// ```
public struct TransportContract: Contract {
    private let make: @Sendable (TransportPlace) throws -> TransportUnderTest

    /// - Parameter make: Makes a transport, opening nothing yet, and the client that goes with it.
    public init(make: @escaping @Sendable (TransportPlace) throws -> TransportUnderTest) {
        self.make = make
    }

    public static let rules: [Rule] = endpoints + running

    private static let endpoints = EndpointCase.all.map { endpoint in
        Rule(endpoint.description) { contract, findings in
            _ = try await contract.serving { transport, _ in
                let answers = try await transport.send(endpoint.steps.map(\.request))
                findings.expectEqual(answers.count, endpoint.steps.count, "answers")
                for (answer, step) in zip(answers, endpoint.steps) {
                    if let mistake = answer.mistake(against: step) { findings.violate(mistake) }
                }
            }
        }
    }

    private static let running = [
        Rule("each page but the last says where the next begins, which is where `after` goes on") {
            contract, findings in
            _ = try await contract.serving { transport, _ in
                let queries: [[(String, String)]] = [[], [("after", "a1")], [("after", "a2")], [("order", "desc")]]
                let lists = queries.map { EndpointCase.Request.list($0 + [("limit", "1")]) }
                let answers = try await transport.send([.oak, .oak, .oak] + lists).dropFirst(3)
                findings.expectEqual(answers.map(\.next), ["a1", "a2", nil, "d3"], "next of the pages")
            }
        },
        Rule("an internal error is answered as one, whatever was asked") { contract, findings in
            let requests: [EndpointCase.Request] = [
                .oak, .get("1"), .list([]), .update("1", #"{"status":"ready"}"#),
            ]
            _ = try await contract.serving(behind: DefectiveMiddleware()) { transport, _ in
                let answers = try await transport.send(requests)
                findings.expectEqual(answers.count, requests.count, "answers")
                for (answer, request) in zip(answers, requests) {
                    let step = EndpointCase.Step(request, 500, #"{"type":"/problems/internal"}"#)
                    if let mistake = answer.mistake(against: step) { findings.violate(mistake) }
                }
            }
        },
        Rule("told to stop before any request came, it ends in order") { contract, findings in
            let end = try await contract.serving { _, _ in }
            findings.expect(end.isOrderly, "ended with \(end)")
        },
        Rule("told to stop, it answers what is in flight") { contract, findings in
            let held = HeldRequests()
            let end = try await contract.serving(behind: held) { transport, running in
                async let answers = transport.send([.oak])
                try await held.arrived.wait()
                running.stop()
                held.released.open()
                findings.expectEqual(try await answers.map(\.status), [201], "statuses")
            }
            findings.expect(end.isOrderly, "ended with \(end)")
        },
        Rule("cancelled, it ends though requests are in flight, and says so where it cut them") { contract, findings in
            let held = HeldRequests()
            let wasCut = Latch()
            let end = try await contract.serving(behind: held) { transport, running in
                async let answers = transport.send([.oak])
                try await held.arrived.wait()
                running.cancel()
                if (try? await answers)?.count != 1 { wasCut.open() }
            }
            findings.expect(wasCut.isOpen ? end == .stoppedEarly : end.isOrderly, "ended with \(end)")
        },
        Rule("its input at an end, and every request done, it is complete") { contract, findings in
            try await contract.expectEnd(.complete, after: [.oak], findings)
        },
        Rule("its input at an end, and a request refused, it says so") { contract, findings in
            try await contract.expectEnd(.someRefused, after: [.nothing, .oak], findings)
        },
        Rule("its input at an end, and an internal error among the results, it says so") { contract, findings in
            let defect = DefectiveMiddleware()
            try await contract.expectEnd(.internalError, after: [.nothing, .oak], behind: defect, findings)
        },
        Rule("what it opened is closed again") { contract, findings in
            try await findings.expectNothingLeftOpen {
                _ = try await contract.serving { transport, _ in _ = try await transport.send([.oak]) }
            }
        },
    ]

    /// Ends the input of a transport that ends with it.
    private func expectEnd(
        _ expected: TransportEnd, after requests: [EndpointCase.Request],
        behind middleware: (any MiddlewarePlugin)? = nil, _ findings: Findings
    ) async throws {
        let isInput = Latch()
        let end = try await serving(behind: middleware) { transport, running in
            guard let end = transport.end else { return }
            isInput.open()
            _ = try await transport.send(requests)
            try await end()
            try await running.hasEnded.wait()
        }
        if isInput.isOpen { findings.expectEqual(end, expected, "end") }
    }

    /// Has a transport serve an empty service while the body runs.
    private func serving(
        behind first: (any MiddlewarePlugin)? = nil,
        _ body: @Sendable (TransportUnderTest, RunningTransport) async throws -> Void
    ) async throws -> TransportEnd {
        try await withFolder("transport-contract") { folder in
            let middleware: [any MiddlewarePlugin] = first.map { [$0] } ?? []
            return try await OrderService.standalone(storage: InMemoryStorage(), middleware: middleware) { service in
                let log = InMemoryLogHandler()
                let context = PluginContext.standalone(
                    transport: "transport", serving: service, logger: Logger(label: "transport") { _ in log },
                    time: SystemTime())
                let subject = try make(TransportPlace(folder: folder, context: context, log: log))
                defer { subject.close() }
                return try await withRunning(subject.transport, context, serving: service) { running in
                    try await body(subject, running)
                }
            }
        }
    }
}

/// What a transport under test is made with.
public struct TransportPlace: Sendable {
    /// An empty folder, removed after the check.
    public let folder: String
    public let context: PluginContext
    /// What the transport logs at `info` and above, such as the address that the system chose.
    public let log: InMemoryLogHandler
}

/// A transport, and a client of it.
public struct TransportUnderTest: Sendable {
    let transport: any TransportPlugin
    let end: (@Sendable () async throws -> Void)?
    let close: @Sendable () -> Void
    let send: @Sendable ([EndpointCase.Request]) async throws -> [EndpointAnswer]

    /// - Parameters:
    ///   - end: Ends the input of a transport that ends with it, after `send`; `nil` for one that has no end.
    ///   - close: Closes what the client has opened, once the transport has ended.
    ///   - send: Sends requests to the transport, which is ready by then, one after another, and gives their answers.
    ///     Throws where the transport goes away. Called once at most.
    public init(
        _ transport: any TransportPlugin, end: (@Sendable () async throws -> Void)? = nil,
        close: @escaping @Sendable () -> Void = {},
        _ send: @escaping @Sendable ([EndpointCase.Request]) async throws -> [EndpointAnswer]
    ) {
        self.transport = transport
        self.end = end
        self.close = close
        self.send = send
    }
}

extension TransportEnd {
    /// How a transport may end that is told to stop: its input may go on.
    fileprivate var isOrderly: Bool { self == .complete || self == .stoppedEarly }
}

extension EndpointCase.Request {
    /// A create that is refused.
    fileprivate static let nothing = Self.create(#"{"customer_id":"cust_123","wood_type":"oak","quantity":0}"#)
    /// A create that succeeds.
    fileprivate static let oak = Self.create(#"{"customer_id":"cust_123","wood_type":"oak","quantity":5}"#)
}

/// Holds requests back until the test lets them go on, or until they are cancelled.
private final class HeldRequests: MiddlewarePlugin {
    static let name = "held_requests"
    static let summary = "Holds requests back."

    /// Opens when the first request has come.
    let arrived = Latch()
    let released = Latch()

    init(_ configuration: NoSettings, context: PluginContext) {}
    init() {}

    func handle(_ request: OrderRequest, next: Next) async throws -> Reply {
        arrived.open()
        try await released.wait()
        return try await next(request)
    }
}

/// Has every request that can be read end in an internal error.
private struct DefectiveMiddleware: MiddlewarePlugin {
    static let name = "defective"
    static let summary = "Fails."
    private struct Defect: Error {}

    init(_ configuration: NoSettings, context: PluginContext) {}
    init() {}

    func handle(_ request: OrderRequest, next: Next) async throws -> Reply {
        if case .undecodable = request.operation { return try await next(request) }
        throw Defect()
    }
}
