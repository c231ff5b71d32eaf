extension ExporterPlugin {
    /// Hands over a batch.
    /// - Parameters:
    ///   - timeout: Zero for as long as it takes, up to an hour.
    ///   - overdue: Hears of that at once: an export that takes no notice of being cancelled is still waited for.
    /// - Returns: Why it was not taken, or not within that time; `nil` where it was.
    func export(
        _ batch: TelemetryBatch, within timeout: Duration, by time: any TimeSource,
        overdue: (ExportError) -> Void = { _ in }
    ) async -> ExportError? {
        let timeout = ExportTimeout.limit(timeout)
        return await withTaskGroup(of: ExportEvent.self) { tasks in
            // First, and at once: the exporter may hold a thread.
            tasks.addImmediateTask { (try? await time.sleep(for: timeout)) != nil ? .timeOver : .cancelled }
            tasks.addTask {
                do {
                    try await export(batch)
                    return .ended(nil)
                } catch {
                    return .ended(
                        error as? ExportError ?? ExportError(String(describing: type(of: error)), "\(error)"))
                }
            }
            defer { tasks.cancelAll() }
            for await event in tasks {
                switch event {
                case .ended(let error): return error
                case .timeOver:
                    let error = ExportError("timeout", "no answer within \(timeout.settingText)")
                    overdue(error)
                    return error
                case .cancelled: continue
                }
            }
            return nil
        }
    }
}

/// How long an export may take.
enum ExportTimeout {
    /// - Parameter timeout: As an exporter demands it; zero for none.
    static func limit(_ timeout: Duration) -> Duration { timeout == .zero ? .seconds(3_600) : timeout }
}

private enum ExportEvent: Sendable {
    case ended(ExportError?)
    case timeOver
    /// The wait was given up: the export ends by itself.
    case cancelled
}
