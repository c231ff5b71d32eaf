/// What an operator asks of a storage's schema.
public enum SchemaWork: Sendable {
    /// To say how it is, changing nothing.
    case inspect
    /// To bring it up to date.
    case migrate
}

/// How the schema of a storage is: which steps were taken, and which are missing.
public struct SchemaReport: Sendable, Equatable {
    /// One step on the way to the schema of this program.
    public struct Step: Sendable, Equatable {
        /// From 1, without a gap.
        public let version: Int
        /// Whether it was taken.
        public let isTaken: Bool
        /// What it does, one statement each, without semicolons at their ends; empty for a step that this program does
        /// not know.
        public let statements: [String]

        public init(version: Int, isTaken: Bool, statements: [String]) {
            self.version = version
            self.isTaken = isTaken
            self.statements = statements
        }
    }

    /// Where the schema is, in words for the operator. Without secrets.
    public let place: String
    /// By version; steps of a newer program last.
    public let steps: [Step]

    public init(place: String, steps: [Step]) {
        self.place = place
        self.steps = steps
    }

    /// The steps that this program would take.
    public var missing: [Step] { steps.filter { !$0.isTaken } }
}
