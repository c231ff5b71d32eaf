internal import OrderKernel
internal import Synchronization
public import Testing

/// What every plugin of a kind has to do, as rules that a plugin's own tests check.
///
/// ```swift
/// @Test("it keeps the contract of every plugin", arguments: PluginContract.rules)
/// func plugin(_ rule: PluginContract.Rule) async {
///     await PluginContract(MyStorage.self, settings: "path: orders.db").check(rule)
/// }
/// ```
public protocol Contract: Sendable {
    /// Everything that is checked, each rule apart from the others.
    static var rules: [ContractRule<Self>] { get }
}

extension Contract {
    public typealias Rule = ContractRule<Self>

    /// Checks one rule, and reports each violation as an issue of the test under way.
    /// - Parameter limit: How long the check may take, as of a plugin that never says ready.
    public func check(
        _ rule: Rule, within limit: Duration = .seconds(120), sourceLocation: SourceLocation = #_sourceLocation
    ) async {
        for violation in await violations(of: rule, within: limit) {
            Issue.record("\(rule): \(violation)", sourceLocation: sourceLocation)
        }
    }

    /// Checks one rule.
    /// - Parameter limit: How long the check may take; it is then cancelled, and waited for no longer.
    /// - Returns: What was found wrong first, in words; empty when the rule holds.
    public func violations(of rule: Rule, within limit: Duration = .seconds(120)) async -> [String] {
        let findings = Findings()
        let hasEnded = Latch()
        let awaited = Awaited()
        // Not structured: a plugin that never ends would never let its test end.
        let check = Awaited.$current.withValue(awaited) {
            Task {
                defer { hasEnded.open() }
                do {
                    try await rule.body(self, findings)
                } catch {
                    findings.violate("failed with \(error)")
                }
            }
        }
        if !(await hasEnded.opens(within: limit)) {
            findings.violate("has not ended within \(limit)" + (awaited.words.map { ": \($0)" } ?? ""))
        }
        check.cancel()
        return Array(findings.violations.prefix(10))
    }

    /// Checks every rule.
    /// - Returns: What was found wrong, in words; empty when the contract holds.
    public func violations() async -> [String] {
        var violations: [String] = []
        for rule in Self.rules { violations += await self.violations(of: rule).map { "\(rule): \($0)" } }
        return violations
    }
}

/// One thing that every plugin of a kind has to do.
public struct ContractRule<Subject: Sendable>: Sendable, CustomTestStringConvertible, CustomStringConvertible {
    /// The rule, as a sentence.
    public let description: String
    public var testDescription: String { description }
    let body: @Sendable (Subject, Findings) async throws -> Void

    /// - Parameters:
    ///   - description: The rule, as a sentence.
    ///   - body: Checks it; what it throws is a violation too.
    public init(_ description: String, _ body: @escaping @Sendable (Subject, Findings) async throws -> Void) {
        self.description = description
        self.body = body
    }
}

/// A check of a rule, which says what it finds wrong.
protocol Trial: Sendable {
    func violate(_ what: String)
}

extension Trial {
    func expect(_ holds: Bool, _ what: @autoclosure () -> String) {
        if !holds { violate(what()) }
    }

    func expectEqual<V: Equatable>(_ actual: V, _ expected: V, _ what: String) {
        if actual != expected { violate("\(what): \(actual) instead of \(expected)") }
    }

    /// Does something often, and looks for descriptors that stay open.
    func expectNothingLeftOpen(by work: () async throws -> Void) async throws {
        try await OneAtATime.descriptors.enter()
        defer { OneAtATime.descriptors.leave() }
        // Other tests open files meanwhile, but hardly as many of one kind, each time, for as long.
        var left: String?
        for _ in 0..<3 {
            left = try await OpenFile.left(byRepeating: work)
            if left == nil { return }
        }
        violate("leaves \(left ?? "") open, every time")
    }
}

/// What the check of one rule found wrong.
public final class Findings: Trial {
    private let found = Mutex<[String]>([])  // protects what was found by tasks that run at the same time

    var violations: [String] { found.withLock { $0 } }

    /// Notes what is wrong, in words.
    public func violate(_ what: String) {
        found.withLock { $0.append(what) }
    }
}
