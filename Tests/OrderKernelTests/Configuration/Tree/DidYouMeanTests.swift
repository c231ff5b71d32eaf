import OrderKernel
import Testing

@Suite("Did you mean")
struct DidYouMeanTests {
    static let keys = [
        "host", "port", "max_body", "header_timeout", "idle_timeout", "json_lines", "postgres", "allowed_hosts",
    ]

    @Test(
        "the nearest name is found",
        arguments: [
            ("prot", "port"), ("prt", "port"), ("hots", "host"), ("Port", "port"), ("max-body", "max_body"),
            ("maxbody", "max_body"), ("idle_timout", "idle_timeout"), ("json", "json_lines"),
            ("h\u{43E}st", "host"),
            ("postgresql", "postgres"), ("hosts", "allowed_hosts"), ("timeout", "header_timeout"),
            ("max_body_size", "max_body"), ("pg", nil), ("x", nil), ("", nil), ("warehouse", nil), ("port", nil),
        ])
    func nearest(name: String, expected: String?) {
        let others = Self.keys.filter { $0 != name }
        #expect(DidYouMean.closest(to: name, among: name == "port" ? ["port"] : others) == expected)
    }

    @Test("of two equally near names the first given is taken")
    func tie() {
        #expect(DidYouMean.closest(to: "bat", among: ["cat", "bad"]) == "cat")
        #expect(DidYouMean.closest(to: "bat", among: ["bad", "cat"]) == "bad")
    }

    @Test("a name of a megabyte is not compared")
    func longName() {
        #expect(DidYouMean.closest(to: String(repeating: "p", count: 1 << 20), among: Self.keys) == nil)
    }
}
