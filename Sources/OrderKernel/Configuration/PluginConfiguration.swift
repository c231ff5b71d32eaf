/// The settings of a plugin, each named once.
///
/// The initialiser only reads: no input or output, no branch on a value, no derived work. It runs twice, once to learn
/// which settings there are, once to read them. Rules across settings use ``Settings/check(_:holds:_:)``.
public protocol PluginConfiguration: Sendable {
    init(from settings: inout Settings)
}
