internal import Glibc

/// A file that is there, whatever path leads to it.
struct SharedFile: Hashable {
    private let device: dev_t
    private let number: ino_t

    /// Makes sure that no two plugins use one file, and none a profile, by whichever links.
    ///
    /// Files that are not there are let pass.
    /// - Throws: `PluginError` that names the settings of both.
    static func refuse(in claims: [ResourceClaim]) throws(PluginError) {
        var taken: [SharedFile: ResourceClaim] = [:]
        for claim in claims {
            guard let file = SharedFile(claim.resource) else { continue }
            if let other = taken[file], other.instance != claim.instance {
                throw PluginError(
                    "\(claim.path) (\(claim.name)) and \(other.path) (\(other.name)) are one file, "
                        + "which both need for themselves.")
            }
            taken[file] = claim
        }
    }

    /// `nil` for what is no file, not there, or a device, which many may use.
    private init?(_ resource: ExclusiveResource) {
        var status = stat()
        let code: Int32
        switch resource {
        case .input("-"): code = fstat(STDIN_FILENO, &status)
        case .output("-"): code = fstat(STDOUT_FILENO, &status)
        case .input(let path), .output(let path): code = stat(path, &status)
        case .port, .document, .endpoint, .descriptors: return nil
        }
        guard code == 0, status.st_mode & S_IFMT == S_IFREG || status.st_mode & S_IFMT == S_IFIFO else { return nil }
        (device, number) = (status.st_dev, status.st_ino)
    }
}
