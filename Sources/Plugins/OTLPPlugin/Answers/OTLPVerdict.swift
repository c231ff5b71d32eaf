/// What a receiver makes of a request.
enum OTLPVerdict: Sendable, Equatable {
    /// Everything was taken; the text is a hint for the operator.
    case accepted(String?)
    /// That many records were not taken, and never will be.
    case partial(rejected: Int, String)
    /// Nothing was taken, and never will be: a short identifier, and words for the log.
    case refused(String, String)
    /// Nothing was taken, but may be a little later; the receiver may say when. What was sent may have been taken by
    /// somebody all the same, where nobody says that it was not.
    case busy(String, String, after: Duration?, wasSent: Bool = true)

    /// With the receiver's place before its words, where it has taken nothing.
    func naming(_ place: String) -> OTLPVerdict {
        switch self {
        case .accepted, .partial: self
        case .refused(let reason, let detail): .refused(reason, "\(place): \(detail)")
        case .busy(let reason, let detail, let delay, let wasSent):
            .busy(reason, "\(place): \(detail)", after: delay, wasSent: wasSent)
        }
    }
}
