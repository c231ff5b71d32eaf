/// Why a key that no setting has may look like none that was meant.
enum KeyMistake {
    /// `logging:{level: info}`, `port=5000`, `port 5000`
    case noSpace(KeyWithoutSpace)
    /// `${NAME}: 5`
    case substitution
    /// `wood_types[0]`, which only `explain` can take.
    case element(list: String)
    /// `transport.http`, which only `--set` can take.
    case dotted(instead: String)
    case empty

    /// `nil` where the key is merely unknown.
    init?(_ key: String, among known: [String]) {
        if key.isEmpty {
            self = .empty
        } else if key.contains("${") {
            self = .substitution
        } else if let mistake = KeyWithoutSpace(key, among: known) {
            self = .noSpace(mistake)
        } else if let name = known.first(where: { key.hasPrefix($0 + "[") && key.hasSuffix("]") }) {
            self = .element(list: name)
        } else if known.contains(where: { key.hasPrefix($0 + ".") }) {
            // What stands behind a space may be a secret.
            self = .dotted(instead: KeyWithoutSpace.nested(key.prefix { !$0.isWhitespace }))
        } else {
            return nil
        }
    }

    var advice: String {
        switch self {
        case .noSpace(let mistake): mistake.advice
        case .substitution: "keys are taken as they are, without substitution"
        case .element(let list): "one element cannot be set alone; write the whole list, \(list): [a, b]"
        case .dotted(let instead): "keys are not split at their dots; write \(instead)"
        case .empty: "the key is empty"
        }
    }
}
