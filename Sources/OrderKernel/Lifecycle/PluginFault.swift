/// What a plugin threw, with its name: of several instances the operator has to know which.
package struct PluginFault: Error, CustomStringConvertible {
    /// Kind and instance, such as `transport.http/admin`.
    package let plugin: String
    package let error: any Error
    /// How others had ended meanwhile; the graver of both counts.
    package var othersEnd = TransportEnd.complete

    package init(plugin: String, error: any Error) {
        self.plugin = plugin
        self.error = error
    }

    package var description: String { "\(plugin): \(error)" }

    /// Whether it is a defect, and not something that the plugin needs and cannot have.
    package var isInternal: Bool { !(error is PluginError || error is StorageError) }
}
