/// The settings of a plugin, each named once.
///
/// The initialiser only reads: no input or output, no branch on a value, no derived work. It runs to learn which
/// settings there are, and to read them, again where a variable will not do. Rules across settings use
/// ``Settings/check(_:holds:_:)``.
public protocol PluginConfiguration: Sendable {
    init(from settings: inout Settings)
}
