/// A variable of the environment that will not do, and what becomes of it.
package struct VariableWarning: Sendable, Hashable, CustomStringConvertible {
    package enum Effect: String, Sendable {
        case countsAsUnset = "unset"
        case countsAsFalse = "false"
    }

    package let name: String
    /// What it holds; `…` for what must not be shown.
    package var text: String
    package let problem: String
    package var effect = Effect.countsAsUnset

    package var description: String { "\(name)=\(text.withoutPasswords) counts as \(effect.rawValue): \(problem)" }
}

extension [String: String] {
    /// The environment without the variables that count as unset.
    func without(_ warnings: some Sequence<VariableWarning>) -> [String: String] {
        let unset = Set(warnings.lazy.filter { $0.effect == .countsAsUnset }.map(\.name))
        return filter { !unset.contains($0.key) }
    }
}
