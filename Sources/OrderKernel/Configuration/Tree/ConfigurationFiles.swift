internal import Glibc

/// Where profiles and `${file:}` are read from.
package protocol ConfigurationFiles: Sendable {
    /// Reads a file, but at most `limit` bytes of it.
    /// - Throws: ``ConfigurationFileError``.
    func read(_ path: String, limit: Int) throws(ConfigurationFileError) -> [UInt8]
}

/// Why a file could not be read, in the operator's words: `no such file or directory`.
package struct ConfigurationFileError: Error, Equatable {
    package let reason: String

    package init(reason: String) {
        self.reason = reason
    }
}

/// The machine's files.
package struct SystemFiles: ConfigurationFiles {
    package init() {}

    /// Waits for somebody to write to a named pipe, and then for the end of what is written.
    package func read(_ path: String, limit: Int) throws(ConfigurationFileError) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw .last }
        defer { close(file) }
        try Self.waitForContent(of: file)
        guard fcntl(file, F_SETFL, fcntl(file, F_GETFL) & ~O_NONBLOCK) == 0 else { throw .last }
        var bytes = [UInt8](repeating: 0, count: limit)
        var count = 0
        while count < limit {
            let room = limit - count
            let got = bytes.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress.map { $0 + count }, room) }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw .last }
            guard got > 0 else { break }
            count += got
        }
        bytes.removeLast(limit - count)
        return bytes
    }

    /// Waits until there is something to read, or its end.
    ///
    /// A named pipe that nobody has opened to write would read as empty. Opening it so that the system waits would
    /// wait for a second writer where the first has come and gone, though what it wrote is still there.
    private static func waitForContent(of file: Int32) throws(ConfigurationFileError) {
        var awaited = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
        while poll(&awaited, 1, -1) < 0 {
            guard errno == EINTR else { throw .last }
        }
    }
}

extension ConfigurationFileError {
    /// What the last failed call says.
    fileprivate static var last: ConfigurationFileError {
        let text = strerror(errno).map { String(cString: $0) } ?? "error \(errno)"
        return ConfigurationFileError(reason: text.prefix(1).lowercased() + text.dropFirst())
    }
}
