import OrderKernel
import Testing

@Suite("Reading orders")
struct OrderDecodingTests {
    private func draft(_ text: String, rules: OrderRules = .standard) throws(Problem) -> OrderDraft {
        try withJSON(Array(text.utf8)) { bytes throws(Problem) in try OrderDraft.decode(bytes, rules: rules) }
    }

    private func change(_ text: String) throws(Problem) -> OrderChange {
        try withJSON(Array(text.utf8)) { bytes throws(Problem) in
            try OrderChange.decode(bytes, rules: .standard)
        }
    }

    private func pointers(_ body: () throws(Problem) -> some Any) -> [String] {
        do throws(Problem) {
            _ = try body()
            return []
        } catch {
            #expect(error.code == .invalidOrder)
            return error.errors.map(\.pointer)
        }
    }

    @Test(
        "a member that is not as it must be is named",
        arguments: [
            (#""customer_id":1"#, "/customer_id"), (#""customer_id":"""#, "/customer_id"),
            (#""customer_id":"a\u0000""#, "/customer_id"), ("\"customer_id\":\"\u{85}\"", "/customer_id"),
            (#""customer_id":null"#, "/customer_id"),
            (#""customer_id":"\#(String(repeating: "ü", count: 129))""#, "/customer_id"),
            (#""wood_type":"teak""#, "/wood_type"), (#""wood_type":"Oak""#, "/wood_type"),
            (#""wood_type":null"#, "/wood_type"),
            (#""quantity":0"#, "/quantity"), (#""quantity":1000001"#, "/quantity"), (#""quantity":-1"#, "/quantity"),
            (#""quantity":5.0"#, "/quantity"), (#""quantity":5e0"#, "/quantity"), (#""quantity":"5""#, "/quantity"),
            (#""quantity":99999999999999999999"#, "/quantity"), (#""quantity":true"#, "/quantity"),
            (#""status":"lost""#, "/status"), (#""status":null"#, "/status"), (#""status":1"#, "/status"),
        ])
    func badMember(member: String, pointer: String) {
        let name = member.prefix { $0 != ":" }
        let rest = [#""customer_id":"c""#, #""wood_type":"oak""#, #""quantity":5"#].filter { !$0.hasPrefix(name) }
        #expect(
            pointers { () throws(Problem) in try draft("{\(([member] + rest).joined(separator: ","))}") } == [pointer])
    }

    @Test("everything that is wrong is told at once, unknown members last, their names escaped")
    func allAtOnce() {
        let found = pointers { () throws(Problem) in try draft(#"{"a/b":1,"quantity":"x","~":{},"status":7}"#) }
        #expect(found == ["/customer_id", "/wood_type", "/quantity", "/status", "/a~1b", "/~0"])
    }

    @Test("what is no JSON is told alone, whatever the members before it")
    func syntaxWins() {
        #expect(throws: Problem(.invalidJSON, "The text ends where a value should be.", offset: 16, pointer: "/status"))
        {
            try draft(#"{"x":1,"status":"#)
        }
    }

    @Test("JSON that is no object is refused as an order", arguments: ["[]", "null", "5", #""oak""#])
    func noObject(text: String) {
        #expect(pointers { () throws(Problem) in try draft(text) } == [""])
        #expect(pointers { () throws(Problem) in try change(text) } == [""])
    }

    @Test("a huge name is cut in its pointer")
    func hugeName() {
        let name = String(repeating: "ü", count: 100_000)
        let order = #"{"customer_id":"c","wood_type":"oak","quantity":1,"\#(name)":1}"#
        let found = pointers { () throws(Problem) in try draft(order) }
        #expect(found == ["/" + String(repeating: "ü", count: 256) + "…"])
    }

    @Test(
        "a problem lists a thousand members that are wrong, and says whether there are more",
        arguments: [(1_000, 1_000, nil), (1_001, 1_000, ""), (50_000, 1_000, "")] as [(Int, Int, String?)])
    func manyErrors(count: Int, listed: Int, last: String?) {
        let members = (0..<count).map { "\"x\($0)\":0" }.joined(separator: ",")
        let order = #"{"customer_id":"c","wood_type":"oak","quantity":1,\#(members)}"#
        let expected = (0..<listed).map { "/x\($0)" } + [last].compactMap(\.self)
        #expect(pointers { () throws(Problem) in try draft(order) } == expected)
    }

    @Test("the longest customer, and none where the profile allows it")
    func customers() throws {
        let longest = String(repeating: "😀", count: 128)
        #expect(try draft(#"{"customer_id":"\#(longest)","wood_type":"elm","quantity":1}"#).customerID == longest)
        let optional = OrderRules(woodTypes: ["teak"], requiresCustomer: false, transitions: [:])
        #expect(try draft(#"{"wood_type":"teak","quantity":1000000}"#, rules: optional).customerID == nil)
        #expect(try draft(#"{"customer_id":null,"wood_type":"teak","quantity":1}"#, rules: optional).customerID == nil)
    }

    @Test("an update takes status, or its older name, but not both")
    func updates() throws {
        #expect(try change(#"{"status":"ready"}"#) == OrderChange(status: .ready))
        #expect(try change(#"{"order_status":"closed"}"#) == OrderChange(status: .closed))
        #expect(pointers { () throws(Problem) in try change(#"{"order_status":"x"}"#) } == ["/order_status"])
        #expect(pointers { () throws(Problem) in try change("{}") } == ["/status"])
        #expect(
            pointers { () throws(Problem) in try change(#"{"status":"ready","order_status":"ready"}"#) }
                == ["/order_status"])
        #expect(pointers { () throws(Problem) in try change(#"{"status":"ready","quantity":1}"#) } == ["/quantity"])
    }

    @Test("an order and an update are read from a span as well")
    func spans() throws {
        let text = #"{"customer_id":"c","wood_type":"oak","quantity":5}"#
        #expect(try OrderDraft.decode(text.utf8.span, rules: .standard) == draft(text))
        #expect(try OrderChange.decode(Array(#"{"status":"ready"}"#.utf8).span, rules: .standard).status == .ready)
        let problem = #expect(throws: Problem.self) { try OrderDraft.decode("{".utf8.span, rules: .standard) }
        #expect(problem?.code == .invalidJSON && problem?.offset == 1)
    }
}

@Suite("Reading queries")
struct OrderQueryDecodingTests {
    private func query(_ parameters: KeyValuePairs<String, String>) throws(Problem) -> OrderQuery {
        try OrderQuery.decode(parameters: parameters.map { (name: $0.key, value: $0.value) }, rules: .standard)
    }

    @Test("every parameter is read, from a URL and from JSON alike")
    func all() throws {
        let expected = OrderQuery(
            status: .ready, woodType: "oak", customerID: "c", limit: 7, after: 35, skip: 3, direction: .descending)
        let fromURL = try query([
            "after": "dz", "limit": "7", "skip": "3", "status": "ready", "wood_type": "oak", "customer_id": "c",
            "order": "desc",
        ])
        #expect(fromURL == expected)
        let json =
            #"{"after":"dz","limit":7,"skip":3,"status":"ready","wood_type":"oak","customer_id":"c","order":"desc"}"#
        let fromJSON = try withJSON(Array(json.utf8)) { bytes throws(Problem) in
            var object = JSONObject()
            _ = try object.read(bytes)
            return try OrderQuery.decode(&object, rules: .standard)
        }
        #expect(fromJSON == expected)
        let plain = try query([:])
        #expect(plain == OrderQuery())
    }

    @Test(
        "a parameter that is not as it must be is named",
        arguments: [
            (["limit": "0"], ["/limit"]), (["limit": "1001"], ["/limit"]), (["limit": "+5"], ["/limit"]),
            (["limit": "007"], ["/limit"]), (["skip": "100001"], ["/skip"]), (["skip": "-1"], ["/skip"]),
            (["after": "x"], ["/after"]), (["after": "dz"], ["/after"]), (["after": ""], ["/after"]),
            (["status": "lost"], ["/status"]), (["wood_type": "teak"], ["/wood_type"]), (["order": "up"], ["/order"]),
            (["customer_id": ""], ["/customer_id"]), (["limit": "5", "limit": "6"], ["/limit"]),
            (["page": "2", "limit": "x"], ["/page", "/limit"]),
        ] as [(KeyValuePairs<String, String>, [String])])
    func refused(parameters: KeyValuePairs<String, String>, pointers: [String]) {
        do throws(Problem) {
            _ = try query(parameters)
            Issue.record("accepted \(parameters)")
        } catch {
            #expect(error.code == .invalidQuery)
            #expect(error.errors.map(\.pointer) == pointers)
        }
    }
}
