/// Requests to an empty service, one after another, and what each must answer, whatever the transport.
public struct EndpointCase: Sendable, CustomStringConvertible {
    /// One request.
    public enum Request: Sendable {
        /// A create: the JSON of the order, and the idempotency key.
        case create(String, key: String? = nil)
        case get(String)
        /// The query's parameters.
        case list([(String, String)])
        /// An update: the order's id, the JSON of the change, and the revision that it is for.
        case update(String, String, ifRevision: Int? = nil)
    }

    /// A request and its answer.
    public struct Step: Sendable {
        public let request: Request
        public let status: Int
        /// The answer's body: an order, an array of orders, or the members that a problem must have, as JSON without
        /// times (each time is `"T"`).
        public let body: String

        public init(_ request: Request, _ status: Int, _ body: String) {
            self.request = request
            self.status = status
            self.body = body
        }
    }

    public let description: String
    public let steps: [Step]

    public init(_ description: String, _ steps: [Step]) {
        self.description = description
        self.steps = steps
    }
}

extension EndpointCase {
    private static let oak = #"{"customer_id":"cust_123","wood_type":"oak","quantity":5}"#

    private static func order(
        _ id: Int, _ status: String = "registered", revision: Int = 1, customer: String = #""cust_123""#,
        wood: String = "oak", quantity: Int = 5
    ) -> String {
        #"{"id":\#(id),"customer_id":\#(customer),"wood_type":"\#(wood)","quantity":\#(quantity),"#
            + #""status":"\#(status)","created_at":"T","updated_at":"T","revision":\#(revision)}"#
    }

    private static func problem(_ code: String, _ members: String = "") -> String {
        #"{"type":"/problems/\#(code)"\#(members)}"#
    }

    private static func errors(_ pointers: String...) -> String {
        #","errors":["# + pointers.map { #"{"pointer":"\#($0)"}"# }.joined(separator: ",") + "]"
    }

    /// Every endpoint with every outcome that all transports share.
    public static let all: [EndpointCase] = creates + updates + reads + lists + keys

    private static let creates: [EndpointCase] = [
        EndpointCase(
            "an order is created with the members that were given",
            [
                Step(.create(oak), 201, order(1)),
                Step(
                    .create(#"{"status":"ready","quantity":1000000,"wood_type":"pine","customer_id":"ö\u00e4😀"}"#), 201,
                    order(2, "ready", customer: #""öä😀""#, wood: "pine", quantity: 1_000_000)),
            ]),
        EndpointCase(
            "an order with several mistakes names all of them",
            [
                Step(
                    .create(#"{"wood_type":"plastic","quantity":0,"colour":"red","status":1}"#), 422,
                    problem("invalid_order", errors("/wood_type", "/quantity", "/colour", "/status", "/customer_id")))
            ]),
        EndpointCase(
            "what is no object is no order",
            [
                Step(
                    .create("[]"), 422,
                    problem("invalid_order", #","detail":"The JSON value must be an object.""# + errors("")))
            ]),
        EndpointCase(
            "what is almost a number is no quantity",
            [
                Step(
                    .create(#"{"customer_id":"c","wood_type":"oak","quantity":5.0}"#), 422,
                    problem("invalid_order", errors("/quantity"))),
                Step(
                    .create(#"{"customer_id":"c","wood_type":"oak","quantity":"5"}"#), 422,
                    problem("invalid_order", errors("/quantity"))),
                Step(
                    .create(#"{"customer_id":"c","wood_type":"oak","quantity":1000001}"#), 422,
                    problem("invalid_order", errors("/quantity"))),
            ]),
        EndpointCase(
            "a member that is given twice is no JSON for us",
            [
                Step(
                    .create(#"{"customer_id":"c","wood_type":"oak","quantity":5,"quantity":6}"#), 400,
                    problem("invalid_json"))
            ]),
        EndpointCase(
            "a customer has 1 to 128 characters, and no control characters",
            [
                Step(
                    .create(#"{"customer_id":"","wood_type":"oak","quantity":5}"#), 422,
                    problem("invalid_order", errors("/customer_id"))),
                Step(
                    .create(#"{"customer_id":"a\u0000","wood_type":"oak","quantity":5}"#), 422,
                    problem("invalid_order", errors("/customer_id"))),
                Step(
                    .create(
                        #"{"customer_id":"\#(String(repeating: "x", count: 129))","wood_type":"oak","quantity":5}"#),
                    422, problem("invalid_order", errors("/customer_id"))),
            ]),
    ]

    private static let updates: [EndpointCase] = [
        EndpointCase(
            "an update changes the status and the revision",
            [
                Step(.create(oak), 201, order(1)),
                Step(.update("1", #"{"status":"ready"}"#), 200, order(1, "ready", revision: 2)),
                Step(.update("1", #"{"order_status":"shipped"}"#), 200, order(1, "shipped", revision: 3)),
                Step(.get("1"), 200, order(1, "shipped", revision: 3)),
            ]),
        EndpointCase(
            "an update that changes nothing keeps the revision",
            [
                Step(.create(oak), 201, order(1)),
                Step(.update("1", #"{"status":"registered"}"#), 200, order(1)),
            ]),
        EndpointCase(
            "an update for another revision is refused",
            [
                Step(.create(oak), 201, order(1)),
                Step(.update("1", #"{"status":"ready"}"#, ifRevision: 2), 412, problem("revision_conflict")),
                Step(.update("1", #"{"status":"ready"}"#, ifRevision: 1), 200, order(1, "ready", revision: 2)),
            ]),
        EndpointCase(
            "an update that makes no sense is refused",
            [
                Step(.create(oak), 201, order(1)),
                Step(.update("1", #"{"status":"lost"}"#), 422, problem("invalid_order", errors("/status"))),
                Step(.update("1", "{}"), 422, problem("invalid_order", errors("/status"))),
                Step(
                    .update("1", #"{"quantity":7,"status":"ready"}"#), 422,
                    problem("invalid_order", errors("/quantity"))),
                Step(.update("2", #"{"status":"ready"}"#), 404, problem("unknown_order")),
            ]),
        EndpointCase(
            "an update is judged before it is asked whether there is such an order",
            [
                Step(.update("99", #"{"status":"lost"}"#), 422, problem("invalid_order", errors("/status"))),
                Step(.update("0", #"{"status":"lost"}"#), 422, problem("invalid_order", errors("/status"))),
                Step(
                    .update("0", #"{"status":"ready"}"#), 404,
                    problem("unknown_order", #","detail":"There is no order 0.""#)),
            ]),
    ]

    private static let reads: [EndpointCase] = [
        EndpointCase(
            "an order that is not there is not found",
            [
                Step(.get("1"), 404, problem("unknown_order")),
                Step(.get("0"), 404, problem("unknown_order")),
                Step(.get("9223372036854775807"), 404, problem("unknown_order")),
            ])
    ]

    private static let lists: [EndpointCase] = [
        EndpointCase("an empty service has an empty list", [Step(.list([]), 200, "[]")]),
        EndpointCase(
            "lists hold what was asked for, by id",
            [
                Step(.create(oak), 201, order(1)),
                Step(
                    .create(#"{"customer_id":"b","wood_type":"elm","quantity":1,"status":"ready"}"#), 201,
                    order(2, "ready", customer: #""b""#, wood: "elm", quantity: 1)),
                Step(.create(oak), 201, order(3)),
                Step(.list([("status", "registered")]), 200, "[" + order(1) + "," + order(3) + "]"),
                Step(
                    .list([("wood_type", "elm")]), 200,
                    "[" + order(2, "ready", customer: #""b""#, wood: "elm", quantity: 1) + "]"),
                Step(.list([("customer_id", "cust_123"), ("limit", "1")]), 200, "[" + order(1) + "]"),
                Step(.list([("skip", "2")]), 200, "[" + order(3) + "]"),
                Step(.list([("order", "desc"), ("limit", "1")]), 200, "[" + order(3) + "]"),
            ]),
        EndpointCase(
            "a query that makes no sense is refused",
            [
                Step(.list([("limit", "0")]), 400, problem("invalid_query", errors("/limit"))),
                Step(.list([("limit", "1001")]), 400, problem("invalid_query", errors("/limit"))),
                Step(.list([("status", "nonsense")]), 400, problem("invalid_query", errors("/status"))),
                Step(.list([("after", "nonsense")]), 400, problem("invalid_query", errors("/after"))),
                Step(.list([("colour", "red")]), 400, problem("invalid_query", errors("/colour"))),
            ]),
    ]

    private static let keys: [EndpointCase] = [
        EndpointCase(
            "a key creates one order, however often it is sent",
            [
                Step(.create(oak, key: "k1"), 201, order(1)),
                Step(.update("1", #"{"status":"ready"}"#), 200, order(1, "ready", revision: 2)),
                Step(.create(oak, key: "k1"), 201, order(1, "ready", revision: 2)),
                Step(.create(oak, key: "k2"), 201, order(2)),
            ]),
        EndpointCase(
            "a key that was used for another order is refused",
            [
                Step(.create(oak, key: "k1"), 201, order(1)),
                Step(
                    .create(#"{"customer_id":"cust_123","wood_type":"oak","quantity":6}"#, key: "k1"), 422,
                    problem("key_reused")),
            ]),
        EndpointCase(
            "a refused create does not take its key",
            [
                Step(
                    .create("{}", key: "k1"), 422,
                    problem("invalid_order", errors("/customer_id", "/wood_type", "/quantity"))),
                Step(.create(oak, key: "k1"), 201, order(1)),
            ]),
    ]
}
