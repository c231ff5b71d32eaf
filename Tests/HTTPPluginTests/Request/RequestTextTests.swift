import NIOHTTP1
import OrderKernel
import Testing

@testable import HTTPPlugin

@Suite("Texts in requests")
struct RequestTextTests {
    @Test(
        "entity tags are read as the standard says",
        arguments: [
            (["*"], EntityTags.any), (["\"1\""], .listed([.init(isWeak: false, text: "1")])),
            (
                ["W/\"1\" , \"a,b\"", "\"\""],
                .listed([
                    .init(isWeak: true, text: "1"), .init(isWeak: false, text: "a,b"), .init(isWeak: false, text: ""),
                ])
            ), ([""], nil), (["1"], nil), (["\"1"], nil), (["\"1\" \"2\""], nil), (["*", "\"1\""], nil),
            (["w/\"1\""], nil), (["\"1 2\""], nil),
        ] as [([String], EntityTags?)])
    func entityTags(fields: [String], tags: EntityTags?) {
        #expect(EntityTags(fields) == tags)
    }

    @Test("only the revision as it is written is a strong tag of it")
    func revisions() {
        #expect(EntityTags(["\"1\", \"01\", W/\"2\", \"x\""])?.revisions == [1])
        #expect(EntityTags(["*"])?.revisions == nil)
        #expect(EntityTags(["\"1\", W/\"2\""])?.known == .listed([1, 2]))
        #expect(EntityTags(["*"])?.known == .any)
    }

    @Test(
        "a method that the conventions do not know is told as it came",
        arguments: [
            (.MSEARCH, "M-SEARCH"), (.PROPFIND, "PROPFIND"), (.RAW(value: "melt"), "melt"), (.GET, nil),
        ] as [(HTTPMethod, String?)])
    func originalMethod(method: HTTPMethod, text: String?) {
        let head = HTTPRequestHead(version: .http1_1, method: method, uri: "/")
        var attributes = TelemetryAttributes()
        HTTPMetadata(head: head, target: nil, from: Caller(nil)).addSpanAttributes(to: &attributes)
        let original = attributes.first { $0.key == "http.request.method_original" }
        #expect(original?.value == text.map { .string($0) })
    }

    @Test(
        "a key is raw or a quoted string",
        arguments: [
            ("abc", "abc"), ("\"abc\"", "abc"), (#""a\"\\b""#, #"a"\b"#), ("a b", "a b"), ("", nil), ("\"", nil),
            ("\"a\"b\"", nil), (#""a\b""#, nil), ("\"a", nil), ("ä", nil),
            (String(repeating: "k", count: 255), String(repeating: "k", count: 255)),
            (String(repeating: "k", count: 256), nil),
        ] as [(String, String?)])
    func keys(value: String, key: String?) {
        #expect((try? IdempotencyKeyField.key(in: value)) == key)
    }

    @Test(
        "a value ends with its last character that is no space",
        arguments: [("", ""), (" \t", ""), ("a", "a"), ("a b\t ", "a b"), ("é ", "é"), ("a\u{600} ", "a\u{600}")])
    func fieldValue(text: String, trimmed: String) {
        var value = text
        value.trimFieldValue()
        #expect(value == trimmed)
    }

    @Test(
        "telemetry gets a query without signatures",
        arguments: [
            ("/orders", ""), ("/orders?limit=1&status=ready", "limit=1&status=ready"),
            (
                "/orders?sig=a%3D&limit=1&X-Goog-Signature=b=c&&Signature",
                "sig=REDACTED&limit=1&X-Goog-Signature=REDACTED&&Signature"
            ),
        ])
    func publicQuery(target: String, query: String) {
        #expect(RequestTarget(target)?.publicQuery == query)
    }

    @Test(
        "nobody is told of a fragment, and a target that has one is refused",
        arguments: [
            ("/orders#x", "/orders", ""), ("/orders?a=b#x?y", "/orders", "a=b"), ("http://h#x/y", "/", ""),
            ("/#", "/", ""),
        ])
    func fragments(target: String, path: String, query: String) throws {
        let target = try #require(RequestTarget(target))
        #expect(target.path == path)
        #expect(target.query == query)
        #expect(target.segments == nil)
    }

    @Test(
        "loopback is what no name server decides",
        arguments: [
            ("localhost", true), ("LocalHost.:80", true), ("app.localhost", true), ("127.255.0.1", true),
            ("[::1]:5000", true), ("[0:0:0:0:0:0:0:1]", true), ("127.0.0.1.nip.io", false), ("128.0.0.1", false),
            ("localhost.example", false), ("[::2]", false), ("127.1", false),
        ])
    func loopback(text: String, isLoopback: Bool) {
        #expect(Authority(text)?.isLoopback == isLoopback)
    }

    @Test(
        "what is no host is none",
        arguments: ["", ":80", "a b", "a/b", "a:x", "a:70000", "::1", "[::1", "[x]", "u@h", "ä.example"])
    func noHost(text: String) {
        #expect(Authority(text) == nil)
    }

    @Test(
        "hosts: loopback names on a loopback address, those that the profile allows, else any",
        arguments: [
            (true, [], ["localhost:1", "127.0.0.2", "[::1]:5000"], ["orders.example", "10.0.0.1"]),
            (false, [], ["localhost", "orders.example", "10.0.0.1:80"], []),
            (
                false, ["orders.example", "a.example:80"], ["orders.example:1", "A.example:80"],
                ["localhost", "a.example:81"]
            ),
            (true, ["orders.example"], ["orders.example"], ["localhost"]),
        ] as [(Bool, [String], [String], [String])])
    func hosts(isLoopback: Bool, allowed: [String], welcome: [String], strange: [String]) throws {
        let guarding = HostGuard(isLoopback: isLoopback, allowedHosts: allowed, allowedOrigins: [])
        for host in welcome { #expect(guarding.allows(try #require(Authority(host))), "\(host)") }
        for host in strange { #expect(!guarding.allows(try #require(Authority(host))), "\(host)") }
    }

    @Test("a host without a port has that of the origin's scheme")
    func origins() {
        let guarding = HostGuard(isLoopback: true, allowedHosts: [], allowedOrigins: ["https://shop.example"])
        #expect(guarding.allows(origin: "https://orders.example", at: Authority("orders.example")))
        #expect(guarding.allows(origin: "http://localhost:5000", at: Authority("localhost:5000")))
        #expect(!guarding.allows(origin: "http://localhost", at: Authority("localhost:5000")))
        #expect(guarding.allows(origin: "https://shop.example:443", at: Authority("localhost:5000")))
        #expect(!guarding.allows(origin: "null", at: Authority("localhost")))
    }

    @Test("a date is written as the standard's example")
    func date() {
        #expect(DateField.text(of: 784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
    }

    @Test("a link keeps parameters, encoded, but for where the page begins")
    func link() {
        let link = PageLink(path: "/orders").with([("customer_id", "a>b ö"), ("skip", "3"), ("after", "a1")])
        #expect(link.field(next: "a2") == "</orders?customer_id=a%3Eb%20%C3%B6&after=a2>; rel=\"next\"")
    }
}
