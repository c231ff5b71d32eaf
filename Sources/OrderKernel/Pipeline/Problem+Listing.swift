extension Problem {
    /// Most errors that one problem lists; one with more says so in its detail.
    public static let mostErrors = 100

    /// Refuses an input for all that is wrong with it; does nothing when that is nothing.
    static func throwIfAny(_ errors: [MemberError], _ code: ProblemCode, _ detail: String) throws(Problem) {
        guard !errors.isEmpty else { return }
        guard errors.count > mostErrors else { throw Problem(code, detail, errors: errors) }
        let listed = Array(errors.prefix(mostErrors))
        throw Problem(code, detail + " Only the first \(mostErrors) are listed.", errors: listed)
    }
}
