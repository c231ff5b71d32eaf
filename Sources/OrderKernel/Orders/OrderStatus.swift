/// Where an order stands. The raw value is the text that clients, profiles and storage use.
@nonexhaustive
public enum OrderStatus: String, Sendable, CaseIterable {
    case registered
    case ready
    case shipped
    case blocked
    case closed
    case unknown
}
