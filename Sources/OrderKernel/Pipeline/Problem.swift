/// What went wrong with a request, as RFC 9457 has it: one object for every transport.
public struct Problem: Error, Equatable {
    /// What the type of every problem begins with (RFC 9457, section 3.1.1); its code follows.
    static let typePath = "/problems/"

    /// One member of the input that is not as it must be.
    public struct MemberError: Sendable, Equatable {
        /// JSON Pointer (RFC 6901) to the member.
        public let pointer: String
        /// What it must be, without a subject and without a full stop: `must be at least 1`.
        public let detail: String

        public init(pointer: String, detail: String) {
            self.pointer = pointer
            self.detail = detail
        }
    }

    /// What kind of problem it is; its status and title follow from it.
    public var code: ProblemCode
    /// One sentence for the person who reads it; without text that the service must not tell.
    public var detail: String
    /// Every member of the input that is wrong.
    public var errors: [MemberError]
    /// Where the input cannot be read: bytes from its beginning, from 0.
    public var offset: Int?
    /// JSON Pointer to where the input cannot be read.
    public var pointer: String?
    /// After how many seconds it may be worth trying again.
    public var retryAfterSeconds: Int?
    /// How a client is to say who it is, as `WWW-Authenticate` has it (RFC 9110, section 11.6.1). An
    /// `unauthorized` has one: `Bearer` until a middleware says otherwise, or where it is not printable ASCII.
    public var challenge: String?

    /// One that asks to be tried again has ``retryAfterSeconds`` 1.
    public init(
        _ code: ProblemCode, _ detail: String, errors: [MemberError] = [], offset: Int? = nil, pointer: String? = nil
    ) {
        self.code = code
        self.detail = detail
        self.errors = errors
        self.offset = offset
        self.pointer = pointer
        self.retryAfterSeconds = code.status == 503 || code.status == 429 ? 1 : nil
        self.challenge = code == .unauthorized ? "Bearer" : nil
    }
}
