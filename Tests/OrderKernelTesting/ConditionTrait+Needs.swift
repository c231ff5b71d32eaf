internal import Foundation
public import Testing

/// Whether a test fails, and is not skipped, where something is not installed that it needs: `ORDERD_ALL_TESTS` is set.
public let isEverythingWanted = ProcessInfo.processInfo.environment["ORDERD_ALL_TESTS"] != nil

extension Trait where Self == ConditionTrait {
    /// Skips a test where something is not installed that it needs; where everything is wanted it runs, and fails.
    public static func needs(_ what: String, if isThere: @autoclosure @escaping @Sendable () -> Bool) -> Self {
        .enabled(if: isThere() || isEverythingWanted, "\(what) is not installed")
    }
}
