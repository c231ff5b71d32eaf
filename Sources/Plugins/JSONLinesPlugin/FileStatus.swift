import Glibc

/// What kind of file there is, and which: two paths may name one file.
struct FileStatus {
    private let device: dev_t
    private let number: ino_t
    private let mode: mode_t
    /// Bytes.
    let size: Int
    /// Whether a directory has it.
    let hasPlace: Bool

    /// - Returns: `nil` for a descriptor that is not open.
    init?(of descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        self.init(status)
    }

    /// - Returns: `nil` where there is no such file.
    init?(ofFileAt path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    /// Whether it is a plain file, with bytes on a disk.
    var isFile: Bool { mode & S_IFMT == S_IFREG }

    var isNamedPipe: Bool { mode & S_IFMT == S_IFIFO }

    private init(_ status: stat) {
        device = status.st_dev
        number = status.st_ino
        mode = status.st_mode
        size = status.st_size
        hasPlace = status.st_nlink > 0
    }
}

extension FileStatus: Equatable {
    /// Whether they are of the same file.
    static func == (one: FileStatus, other: FileStatus) -> Bool {
        (one.device, one.number, one.mode) == (other.device, other.number, other.mode)
    }
}
