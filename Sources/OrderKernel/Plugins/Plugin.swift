/// Something that the profile can pick by name: a storage, a transport, an exporter or a middleware.
///
/// A plugin is one type. Its ``Configuration`` names its settings, its initialiser is cheap, and all of its work is in
/// the `run` of its kind, which opens what it needs, says ``PluginContext/ready()``, lives until it is told to stop,
/// and closes what it opened.
public protocol Plugin: Sendable {
    /// Its settings; ``NoSettings`` unless the plugin names a type of its own.
    associatedtype Configuration: PluginConfiguration = NoSettings

    /// Name in the profile, in `lower_snake_case`; unique within its kind.
    static var name: String { get }
    /// One sentence for operators.
    static var summary: String { get }
    /// Which of the four kinds this is. The kind's protocol gives it.
    static var kind: PluginKind { get }
    /// How far operators may rely on its settings. ``PluginStability/stable`` unless the plugin says otherwise.
    static var stability: PluginStability { get }

    /// What the plugin has to show: transports that can serve documents do. None unless the plugin says otherwise.
    var documents: [any ServiceDocument] { get }

    /// Makes the plugin; opens nothing and does not wait.
    init(_ configuration: Configuration, context: PluginContext) throws
}

extension Plugin {
    public static var stability: PluginStability { .stable }
    public var documents: [any ServiceDocument] { [] }
}

/// How far operators may rely on a plugin's settings.
@nonexhaustive
public enum PluginStability: String, Sendable {
    case stable
    case experimental
}

/// A plugin type of one of the four kinds.
public enum PluginKind: Sendable {
    case storage(any StoragePlugin.Type)
    case transport(any TransportPlugin.Type)
    case exporter(any ExporterPlugin.Type)
    case middleware(any MiddlewarePlugin.Type)
}
