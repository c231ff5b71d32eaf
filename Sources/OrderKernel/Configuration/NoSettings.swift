/// The configuration of a plugin that has no settings: what ``Plugin/Configuration`` is where a plugin names none.
public struct NoSettings: PluginConfiguration {
    public init() {}
    public init(from settings: inout Settings) {}
}
