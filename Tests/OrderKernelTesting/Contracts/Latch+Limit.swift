internal import OrderKernel

extension Latch {
    /// Waits until it opens, but no longer than that.
    ///
    /// The time passes in steps: on a machine that lets nobody go on, it goes on as slowly as what it waits for.
    /// - Returns: Whether it did.
    func opens(within limit: Duration) async -> Bool {
        await withTaskGroup(of: Bool.self) { tasks in
            tasks.addTask { (try? await self.wait()) != nil }
            tasks.addTask {
                for _ in 0..<100 { try? await Task.sleep(for: limit / 100) }
                return false
            }
            defer { tasks.cancelAll() }
            return await tasks.next() ?? false
        }
    }
}
