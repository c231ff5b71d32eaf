/// Stands for one batch: 128 random bits, so that no two batches of any process share one.
struct BatchToken: Sendable, Hashable {
    let bytes: [UInt8]

    /// A new one, from the system's source of randomness.
    init() {
        var generator = SystemRandomNumberGenerator()
        let halves = [generator.next(), generator.next()]
        bytes = halves.flatMap { half in withUnsafeBytes(of: half, Array.init) }
    }
}
