import Testing

@testable import OrderKernel

/// Two spellings of one character are two texts for a storage, though `==` takes them for equal.
@Suite("Wood types by their bytes")
struct OrderRulesTests {
    private static let composed = "\u{E9}rable"
    private static let decomposed = "e\u{301}rable"

    private func rules(_ woodTypes: [String]) -> OrderRules {
        OrderRules(woodTypes: woodTypes, requiresCustomer: false, transitions: [:])
    }

    @Test(
        "only the spelling of the profile may be ordered and asked for",
        arguments: [(composed, decomposed), (decomposed, composed)])
    func spelling(known: String, other: String) throws {
        let rules = rules([known])
        for (text, isKnown) in [(known, true), (other, false)] {
            #expect(rules.allows(woodType: text) == isKnown)
            let draft = OrderDraft(customerID: nil, woodType: text, quantity: 1)
            #expect(((try? draft.check(rules)) != nil) == isKnown)
            let body = Array(#"{"wood_type":"\#(text)","quantity":1}"#.utf8)
            let decoded = try? body.withUnsafeBytes { bytes in try OrderDraft.decode(bytes, rules: rules) }
            #expect(decoded.map { Array($0.woodType.utf8) } == (isKnown ? Array(text.utf8) : nil))
            let query = try? OrderQuery.decode(parameters: [("wood_type", text)], rules: rules)
            #expect(query.map { Array(($0.woodType ?? "").utf8) } == (isKnown ? Array(text.utf8) : nil))
            var made = OrderQuery()
            made.woodType = text
            #expect(((try? made.check(rules)) != nil) == isKnown)
        }
    }

    @Test("a profile has one of them")
    func both() throws {
        let list = "orders: {wood_types: [\(Self.composed), \(Self.decomposed)]}"
        let expected = "0.yaml:1:31 check_failed orders.wood_types[1]: '\(Self.decomposed)' is there twice"
        #expect(try PlannedProfile(list).lines == [expected])
    }
}
