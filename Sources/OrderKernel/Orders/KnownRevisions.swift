/// Revisions of an order that a client has already.
public enum KnownRevisions: Sendable, Equatable {
    /// Whatever there is.
    case any
    case listed([Int])

    func contains(_ revision: Int) -> Bool {
        switch self {
        case .any: true
        case .listed(let revisions): revisions.contains(revision)
        }
    }
}
