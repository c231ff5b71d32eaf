import Foundation
import OrderKernelTesting

/// A folder on a file system of its own that is quickly full. Only root can have one.
struct SmallDisk {
    private let folder: URL

    /// Tried once, as being root is not enough in every container.
    static let isPossible: Bool = {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("orderd-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        guard let disk = SmallDisk(folder, bytes: 64 << 10) else { return false }
        disk.remove()
        return true
    }()

    /// Makes the folder; `nil` where it cannot be mounted.
    init?(_ folder: URL, bytes: Int) {
        self.folder = folder
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        guard mount("tmpfs", folder.path, "tmpfs", 0, "size=\(bytes)") == 0 else { return nil }
    }

    func remove() {
        umount(folder.path)
    }
}
