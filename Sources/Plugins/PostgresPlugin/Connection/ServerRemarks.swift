internal import CPostgres

/// What the server says of its own accord on one connection, as far as it matters here.
final class ServerRemarks {
    /// Whether a commit was carried out that no synchronous standby has, though it should: somebody cancelled the wait,
    /// and the server calls that a success.
    private(set) var hasLoneCommit = false

    /// Takes what a connection is told, for as long as this object lives.
    func receive(from handle: OpaquePointer) {
        PQsetNoticeReceiver(
            handle,
            { remarks, result in
                // The text is in the server's language; the function that says it is the same in all.
                guard let remarks, let function = PQresultErrorField(result, Int32(UInt8(ascii: "R"))),
                    String(cString: function) == "SyncRepWaitForLSN"
                else { return }
                Unmanaged<ServerRemarks>.fromOpaque(remarks).takeUnretainedValue().hasLoneCommit = true
            }, Unmanaged.passUnretained(self).toOpaque())
    }
}
