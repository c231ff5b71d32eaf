internal import Glibc

/// Which file a path leads to: a file that is moved away keeps its identity, and another in its place has its own.
struct FileIdentity: Equatable {
    private let device: dev_t
    private let number: ino_t

    /// - Returns: `nil` where there is no file.
    init?(ofFileAt path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        (device, number) = (status.st_dev, status.st_ino)
    }

    /// Bytes of a file; `nil` where there is none.
    static func size(ofFileAt path: String) -> Int? {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : nil
    }
}
