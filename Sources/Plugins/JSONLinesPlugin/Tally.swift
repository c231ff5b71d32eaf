import OrderKernel

/// How many results there were of each kind.
struct Tally {
    enum Kind {
        case created, replayed, updated, read, refused, failed

        init(_ outcome: Outcome) {
            switch outcome {
            case .reply(.created): self = .created
            case .reply(.replayed): self = .replayed
            case .reply(.updated), .reply(.unchanged): self = .updated
            case .reply: self = .read
            case .problem: self = TransportEnd(of: outcome) == .someRefused ? .refused : .failed
            }
        }
    }

    private(set) var created = 0
    private(set) var replayed = 0
    private(set) var updated = 0
    private(set) var read = 0
    private(set) var refused = 0
    /// Results that say that the service is at fault.
    private(set) var failed = 0

    var lines: Int { created + replayed + updated + read + refused + failed }

    mutating func count(_ kind: Kind) {
        switch kind {
        case .created: created += 1
        case .replayed: replayed += 1
        case .updated: updated += 1
        case .read: read += 1
        case .refused: refused += 1
        case .failed: failed += 1
        }
    }
}
