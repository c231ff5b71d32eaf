extension Settings {
    /// Checks that a socket could listen on what a setting was answered with: a name or an address, alone.
    public mutating func checkListening(_ key: String, on host: String) {
        let hint = "0.0.0.0 and :: listen on every address"
        check(key, holds: !host.isEmpty, "is empty; \(hint)")
        check(
            key, holds: HostText.isWritten(host),
            "must be a name or an address, without brackets and without a port; \(hint)")
    }
}
