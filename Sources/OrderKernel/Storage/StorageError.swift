/// Why storage could not do what it was asked.
public struct StorageError: Error, Sendable, Equatable {
    /// What the caller may conclude.
    @nonexhaustive
    public enum Kind: Sendable, Equatable {
        /// Nothing was stored or read, for a reason that may pass. Try again later.
        case unavailable
        /// Nothing was stored, as it took too long, for what may be the number of writes: the kernel hands over fewer
        /// at once. Of one write alone, the same as ``unavailable``.
        case tooMuch
        /// The deadline passed; nothing was stored or read.
        case deadlineExceeded
        /// The commit was sent and its fate could not be found out: it may be there, or not.
        case outcomeUnknown
        /// Nothing was stored or read, and trying again does not help: a stored row that cannot be read, or a defect.
        case failed
    }

    public let kind: Kind
    /// Short identifier in `snake_case` that clients and telemetry may see: `locked`, `disk_full`, `read_only`.
    public let code: String
    /// The driver's own words, for the log only. The kernel logs those of ``Kind/failed``; of what may pass, which
    /// fails many requests at once, a storage itself tells when it begins and ends.
    public let detail: String
    /// What the database itself answered, for telemetry: an SQLSTATE, a result code; `nil` where it said nothing.
    public let databaseCode: String?

    public init(_ kind: Kind, code: String, detail: String, databaseCode: String? = nil) {
        self.kind = kind
        self.code = code
        self.detail = detail
        self.databaseCode = databaseCode
    }

    /// The same, from which the caller may conclude something else.
    public func with(_ kind: Kind) -> StorageError {
        StorageError(kind, code: code, detail: detail, databaseCode: databaseCode)
    }
}
