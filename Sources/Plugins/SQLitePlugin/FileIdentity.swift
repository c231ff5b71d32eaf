internal import CSQLite
internal import Glibc

/// Which file a path leads to: a file that is moved away keeps its identity, and another in its place has its own.
///
/// Nothing here asks for a file's times. Linux gives a file whose times were asked for new ones at its next write
/// (multigrain timestamps, since 6.13), and `fdatasync` may then have to write those too: one more wait for the disk.
struct FileIdentity: Equatable {
    private let device: UInt64
    private let number: UInt64

    /// - Returns: `nil` where there is no file.
    init?(ofFileAt path: String) {
        guard let status = Self.status(ofFileAt: path, STATX_INO) else { return nil }
        (device, number) = (UInt64(status.stx_dev_major) << 32 | UInt64(status.stx_dev_minor), status.stx_ino)
    }

    /// Bytes of a file; `nil` where there is none.
    static func size(ofFileAt path: String) -> Int? { status(ofFileAt: path, STATX_SIZE).map { Int($0.stx_size) } }

    /// Bytes of an open file; `nil` where it is none.
    static func size(ofOpenFile file: Int32) -> Int? { status(ofOpenFile: file, STATX_SIZE).map { Int($0.stx_size) } }

    /// Whether no path leads to an open file any more.
    static func isRemoved(_ file: Int32) -> Bool { status(ofOpenFile: file, STATX_NLINK)?.stx_nlink == 0 }

    private static func status(ofFileAt path: String, _ wanted: UInt32) -> statx? {
        var status = statx()
        return system_statx(AT_FDCWD, path, 0, wanted, &status) == 0 ? status : nil
    }

    private static func status(ofOpenFile file: Int32, _ wanted: UInt32) -> statx? {
        var status = statx()
        let emptyPath: Int32 = 0x1000  // AT_EMPTY_PATH, which Swift's Glibc does not have either
        return system_statx(file, "", emptyPath, wanted, &status) == 0 ? status : nil
    }
}
