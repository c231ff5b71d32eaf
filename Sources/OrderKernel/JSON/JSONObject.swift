/// The members of one JSON object, taken by name; what is wrong with them is gathered and told at once.
///
/// Points into the bytes that it read last, and must not outlive them. Reading again reuses its memory.
public struct JSONObject {
    private var members: [JSONMember] = []
    private var errors: [Problem.MemberError] = []
    private var prefix = ""

    public init() {}

    /// Reads a text that is one JSON value.
    /// - Parameter pointer: JSON Pointer to the value in the client's input, which every error's pointer begins with.
    /// - Returns: Whether the value is an object.
    /// - Throws: `invalid_json`, with the offset, for a text that is not strict JSON: also with duplicate members, lone
    ///   surrogates, invalid UTF-8 or nesting deeper than 32.
    public mutating func read(_ bytes: UnsafeRawBufferPointer, at pointer: String = "") throws(Problem) -> Bool {
        errors.removeAll(keepingCapacity: true)
        prefix = pointer
        var reader = JSONReader(bytes)
        return try reader.read(members: &members) == .object
    }

    /// The member with that name; `nil` where there is none. Afterwards it counts as known.
    public mutating func take(_ name: StaticString) -> JSONValue? {
        for index in members.indices where members[index].name == name {
            members[index].isTaken = true
            return members[index].value
        }
        return nil
    }

    /// Notes what is wrong with a member, or that it is missing.
    public mutating func refuse(_ name: StaticString, _ detail: String) {
        refuse([Problem.MemberError(pointer: JSONPointer.component("\(name)"), detail: detail)])
    }

    /// Ends the taking: members that nobody took are unknown.
    /// - Throws: A problem with that code and detail that lists what was refused, if anything was: the first 1,000, and
    ///   whether there is more.
    public mutating func finish(_ code: ProblemCode, _ detail: String) throws(Problem) {
        for member in members where !member.isTaken {
            if errors.count > Problem.mostErrors { break }
            refuse([Problem.MemberError(pointer: JSONPointer.component(member.name.string), detail: Self.unknown)])
        }
        try Problem.throwIfAny(errors, code, detail)
    }

    /// Takes all members that nobody took yet.
    mutating func takeRest() -> [(name: String, value: JSONValue)] {
        var rest: [(name: String, value: JSONValue)] = []
        for index in members.indices where !members[index].isTaken {
            members[index].isTaken = true
            rest.append((members[index].name.string, members[index].value))
        }
        return rest
    }

    /// Notes what is wrong inside a member; the pointers begin at this object.
    public mutating func refuse(_ errors: [Problem.MemberError]) {
        for error in errors {
            self.errors.append(Problem.MemberError(pointer: prefix + error.pointer, detail: error.detail))
        }
    }

    /// What is said of a member that has no meaning.
    static let unknown = "is not known here"
}
