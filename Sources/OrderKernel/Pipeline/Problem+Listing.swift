extension Problem {
    /// Most errors that are listed, so that a bad input has no huge answer.
    static let mostErrors = 1_000

    /// Refuses an input for all that is wrong with it; does nothing when that is nothing.
    ///
    /// Of more than ``mostErrors``, the first are listed, and a last one says that there are more.
    static func throwIfAny(_ errors: [MemberError], _ code: ProblemCode, _ detail: String) throws(Problem) {
        if errors.isEmpty { return }
        guard errors.count > mostErrors else { throw Problem(code, detail, errors: errors) }
        let rest = MemberError(pointer: "", detail: "has more errors than the \(mostErrors) that are listed")
        throw Problem(code, detail, errors: errors.prefix(mostErrors) + [rest])
    }
}
