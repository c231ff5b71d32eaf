/// Which values an excerpt may show.
package struct ExcerptSecrecy: Sendable {
    /// Whether the setting at a path is known and no secret.
    package var isRevealable: @Sendable ([ConfigurationPath.Step]) -> Bool
    /// Whether the keys of a map at a path are known to be names, and not a secret in braces.
    package var holdsNames: @Sendable ([ConfigurationPath.Step]) -> Bool
    /// Keys of secrets, of all plugins: they hide a line that cannot be read as YAML.
    package var secretKeys: Set<String>

    package init(
        isRevealable: @escaping @Sendable ([ConfigurationPath.Step]) -> Bool,
        holdsNames: @escaping @Sendable ([ConfigurationPath.Step]) -> Bool, secretKeys: Set<String>
    ) {
        self.isRevealable = isRevealable
        self.holdsNames = holdsNames
        self.secretKeys = secretKeys
    }

    /// Whether a key is, or sounds like, that of a secret, or looks like one that was mistyped.
    func isSecret(_ key: String) -> Bool {
        let name = key.lowercased().replacing("authoriz", with: "auth").replacing("author", with: "")
        if secretKeys.contains(key) || Self.words.contains(where: name.contains) { return true }
        return DidYouMean.closest(to: name, among: Self.longWords) != nil
    }

    private static let words = [
        "pass", "pwd", "secret", "token", "key", "auth", "bearer", "credential", "cookie", "jwt", "dsn",
        "connection_string",
    ]
    /// Those that may be mistyped and still be known.
    private static let longWords = ["password", "passphrase", "secret", "token", "credential"]
}
