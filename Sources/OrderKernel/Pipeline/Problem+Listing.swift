extension Problem {
    /// Refuses an input for all that is wrong with it; does nothing when that is nothing.
    ///
    /// All of it is listed: the list grows with the input, which the transport bounds.
    static func throwIfAny(_ errors: [MemberError], _ code: ProblemCode, _ detail: String) throws(Problem) {
        guard errors.isEmpty else { throw Problem(code, detail, errors: errors) }
    }
}
