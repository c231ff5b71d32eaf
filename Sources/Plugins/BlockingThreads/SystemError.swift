internal import Glibc

/// What the system says of its error codes.
public enum SystemError {
    /// The text of a value of `errno`.
    public static func text(_ code: Int32) -> String { String(cString: strerror(code)) }
}
