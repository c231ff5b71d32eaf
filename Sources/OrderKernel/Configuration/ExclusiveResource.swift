/// What one setting of a plugin instance needs for itself alone.
public enum ExclusiveResource: Sendable, Hashable {
    /// A TCP port on an address; port 0 is never taken.
    case port(Int, host: String)
    /// A file that is read, or standard input where the path is `-`.
    case input(String)
    /// A file that is written, or standard output where the path is `-`.
    case output(String)
    /// A document that transports show under a path, such as `/metrics`.
    case document(path: String)
    /// A path that a transport serves itself, with all below it: no document can be there, while several transports may
    /// serve the same. A transport that can serve documents has at least one.
    case endpoint(path: String)
    /// File descriptors, sockets among them, of which a process may have only so many.
    case descriptors(Int)
}
