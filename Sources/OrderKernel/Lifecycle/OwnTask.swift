/// Work in a task of its own: whoever waits for it can be cancelled without it, or wait no longer.
///
/// Nothing else of the kernel leaves the structure of its tasks. What a plugin has opened is closed though the start is
/// given up, and a plugin that takes no notice of anything does not keep the process.
struct OwnTask<Value: Sendable>: Sendable {
    private let task: Task<Value, Never>
    private let ended = Latch()

    init(_ body: @escaping @Sendable () async -> Value) {
        // Unstructured: a child would be cancelled with its parent, and always be waited for.
        task = Task { [ended] in
            defer { ended.open() }
            return await body()
        }
    }

    /// Waits until it has ended, also where the waiting task is cancelled.
    var value: Value { get async { await task.value } }

    /// Waits until it has ended.
    /// - Throws: `CancellationError` when the waiting task is cancelled before; the work goes on.
    func valueUnlessCancelled() async throws -> Value {
        try await ended.wait()
        return await task.value
    }

    func cancel() { task.cancel() }

    /// Waits for that long.
    /// - Returns: Whether it has ended by then.
    func ends(within limit: Duration, by time: any TimeSource) async -> Bool {
        await firstToEnd {
            (try? await ended.wait()) != nil
        } or: {
            try? await time.sleep(for: limit)
            return false
        }
    }
}
