/// Why a key that no setting has may look like none that was meant.
enum KeyMistake {
    /// `logging:{level: info}`
    case noSpace(key: String)
    /// `${NAME}: 5`
    case substitution
    /// `wood_types[0]`, which only `explain` can take.
    case element(list: String)
    case empty

    /// `nil` where the key is merely unknown.
    init?(_ key: String, among known: [String]) {
        if key.isEmpty {
            self = .empty
        } else if key.contains("${") {
            self = .substitution
        } else if let name = known.first(where: { key.hasPrefix($0 + ":") }) ?? KeyWithoutSpace.key(in: key) {
            self = .noSpace(key: name)
        } else if let name = known.first(where: { key.hasPrefix($0 + "[") && key.hasSuffix("]") }) {
            self = .element(list: name)
        } else {
            return nil
        }
    }

    var advice: String {
        switch self {
        case .noSpace(let key): KeyWithoutSpace.advice(key)
        case .substitution: "keys are taken as they are, without substitution"
        case .element(let list): "one element cannot be set alone; write the whole list, \(list): [a, b]"
        case .empty: "the key is empty"
        }
    }
}
