/// Waits until the first of two ends, and cancels the other, which is waited for too.
/// - Returns: What the first said.
@discardableResult
func firstToEnd<Value: Sendable>(
    _ one: @escaping @Sendable () async -> Value, or other: @escaping @Sendable () async -> Value
) async -> Value {
    await withTaskGroup { tasks in
        tasks.addTask { await one() }
        tasks.addTask { await other() }
        defer { tasks.cancelAll() }
        guard let first = await tasks.next() else { preconditionFailure("two were begun") }
        return first
    }
}
