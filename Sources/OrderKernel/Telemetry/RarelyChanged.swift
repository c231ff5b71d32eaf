internal import Synchronization

/// A value that is read without a lock, on the path of every request, and changed a few times at most.
///
/// What it was before is kept as long as it is there, as somebody may be reading it.
final class RarelyChanged<Value: Sendable>: Sendable {
    private final class Version: Sendable {
        let value: Value
        private let before: Version?

        init(_ value: Value, before: Version?) {
            self.value = value
            self.before = before
        }
    }

    private let newest: Mutex<Version>  // protects that one change comes after another
    /// The same for who reads it.
    private let current: Atomic<Unmanaged<Version>>

    init(_ value: Value) {
        let first = Version(value, before: nil)
        newest = Mutex(first)
        current = Atomic(.passUnretained(first))
    }

    func read<Result>(_ body: (Value) -> Result) -> Result {
        // No version ends while this is there: each keeps the one before it. So no count is kept of this use.
        current.load(ordering: .acquiring)._withUnsafeGuaranteedRef { body($0.value) }
    }

    func change(_ body: (inout Value) -> Void) {
        newest.withLock { newest in
            var value = newest.value
            body(&value)
            newest = Version(value, before: newest)
            current.store(.passUnretained(newest), ordering: .releasing)
        }
    }
}
