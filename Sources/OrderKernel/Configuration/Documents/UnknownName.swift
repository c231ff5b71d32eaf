/// A path, plugin or code that this program does not have.
package struct UnknownName: Error, Equatable, CustomStringConvertible {
    package let name: String
    /// What was most likely meant.
    package let suggestion: String?
    /// What there is instead, in words; told where nothing can be suggested.
    private let instead: String?

    init(name: String, suggestion: String?) {
        self.name = name
        self.suggestion = suggestion
        instead = nil
    }

    /// - Parameters:
    ///   - wanted: The part of the name that is unknown.
    ///   - instead: Where to look for what there is; without it, all of `known` is listed.
    init(name: String, wanted: String, among known: [String], instead: String? = nil) {
        self.name = name
        suggestion = DidYouMean.closest(to: wanted, among: known)
        let verb = known.count == 1 ? "is" : "are"
        self.instead = instead ?? (known.isEmpty ? nil : "there \(verb) \(known.joined(separator: ", "))")
    }

    package var description: String {
        let reason = suggestion.map { "did you mean \($0)?" } ?? instead
        return ("there is no \(name)" + (reason.map { "; \($0)" } ?? "")).printable
    }
}
