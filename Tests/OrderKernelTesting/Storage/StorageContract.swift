public import OrderKernel
public import Testing

/// What every storage has to do, as checks that a plugin's own tests run.
///
/// ```swift
/// @Test(arguments: StorageContract.rules)
/// func keeps(_ rule: StorageRule) async {
///     await StorageContract(.durable) { try MyStorage(.init(folder: $0.folder), context: $0.context) }.check(rule)
/// }
/// ```
public struct StorageContract: Sendable {
    /// Whether orders survive that the storage is closed and opened again.
    public enum Lifetime: Sendable {
        case durable
        case process
    }

    let lifetime: Lifetime
    let make: @Sendable (StoragePlace) throws -> any StoragePlugin

    /// - Parameter make: Makes a storage, opening nothing yet. Made twice with one folder, the second storage finds what
    ///   the first has kept; another folder is empty.
    public init(_ lifetime: Lifetime, make: @escaping @Sendable (StoragePlace) throws -> any StoragePlugin) {
        self.lifetime = lifetime
        self.make = make
    }

    /// Everything that is checked, each rule on a storage of its own.
    public static let rules: [StorageRule] =
        StorageRule.writing + StorageRule.keys + StorageRule.reading + StorageRule.texts + StorageRule.batches
        + StorageRule.running

    /// Checks one rule, and reports each violation as an issue of the test under way.
    public func check(_ rule: StorageRule, sourceLocation: SourceLocation = #_sourceLocation) async {
        for violation in await violations(of: rule) {
            Issue.record("\(rule): \(violation)", sourceLocation: sourceLocation)
        }
    }

    /// Checks one rule.
    /// - Returns: What was found wrong, in words; empty when the rule holds.
    public func violations(of rule: StorageRule) async -> [String] {
        if rule.lifetime == .durable && lifetime == .process { return [] }
        let trial = StorageTrial(self)
        do {
            try await rule.body(trial)
        } catch {
            trial.violate("failed with \(error)")
        }
        trial.removeFolder()
        return trial.violations
    }

    /// Checks every rule.
    /// - Returns: What was found wrong, in words; empty when the contract holds.
    public func violations() async -> [String] {
        var violations: [String] = []
        for rule in Self.rules { violations += await self.violations(of: rule).map { "\(rule): \($0)" } }
        return violations
    }
}

/// One thing that every storage has to do.
public struct StorageRule: Sendable, CustomTestStringConvertible, CustomStringConvertible {
    /// The rule, as a sentence.
    public let description: String
    public var testDescription: String { description }
    let lifetime: StorageContract.Lifetime
    let body: @Sendable (StorageTrial) async throws -> Void

    init(
        _ description: String, for lifetime: StorageContract.Lifetime = .process,
        _ body: @escaping @Sendable (StorageTrial) async throws -> Void
    ) {
        self.description = description
        self.lifetime = lifetime
        self.body = body
    }
}
