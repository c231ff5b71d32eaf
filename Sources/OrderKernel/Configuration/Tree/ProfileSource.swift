/// One profile of those that make up a configuration.
package struct ProfileSource: Sendable {
    /// As the operator named it; stands in every problem.
    package var name: String
    /// The text; `nil` when it is to be read from the file of that name.
    package var bytes: [UInt8]?

    /// A profile in a file.
    package init(path: String) {
        self.name = path
    }

    /// A profile whose text is at hand: a plugin's settings alone, in tests.
    package init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }
}
