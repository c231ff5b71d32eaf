/// What one setting of a plugin instance needs for itself alone.
public enum ExclusiveResource: Sendable, Hashable {
    /// A TCP port on an address; port 0 is never taken.
    case port(Int, host: String)
    /// A file that is read, or standard input where the path is `-`.
    case input(String)
    /// A file that is written, or standard output where the path is `-`.
    case output(String)
    /// File descriptors, sockets among them, of which a process may have only so many.
    case descriptors(Int)
}
