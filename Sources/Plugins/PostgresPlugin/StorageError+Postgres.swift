internal import OrderKernel

extension StorageError {
    static let late = StorageError(.deadlineExceeded, code: "deadline", detail: "out of time")
    /// The storage has been told to stop.
    static let closed = StorageError(.unavailable, code: "closed", detail: "the storage is closed")
}
