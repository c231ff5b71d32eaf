/// What a plugin threw, with its name, unless it says itself what the operator is to know.
package struct PluginFault: Error, CustomStringConvertible {
    /// Kind and instance, such as `transport.http/admin`.
    package let plugin: String
    package let error: any Error

    package init(plugin: String, error: any Error) {
        self.plugin = plugin
        self.error = error
    }

    package var description: String { "\(plugin): \(error)" }

    /// - Returns: The error itself where it is meant for the operator.
    static func named(_ error: any Error, of plugin: String) -> any Error {
        error is PluginError ? error : PluginFault(plugin: plugin, error: error)
    }
}
