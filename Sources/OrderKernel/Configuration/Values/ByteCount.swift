/// A number of bytes.
public struct ByteCount: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let bytes: Int

    /// - Parameter bytes: Not below zero.
    public init(_ bytes: Int) { self.bytes = bytes }

    /// 1,024 bytes each.
    public static func kibibytes(_ count: Int) -> ByteCount { ByteCount(count << 10) }
    /// 1,048,576 bytes each.
    public static func mebibytes(_ count: Int) -> ByteCount { ByteCount(count << 20) }
    /// 1,073,741,824 bytes each.
    public static func gibibytes(_ count: Int) -> ByteCount { ByteCount(count << 30) }

    /// As a profile has it, such as `64KiB`.
    public var description: String { settingText }

    public static func < (left: ByteCount, right: ByteCount) -> Bool { left.bytes < right.bytes }
}
