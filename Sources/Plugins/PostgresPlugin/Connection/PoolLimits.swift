/// How many connections there are, and how long they live.
struct PoolLimits: Sendable {
    /// Connections to the primary: one writes, the others read.
    var connections = 5
    /// Longest wait for a connection.
    var acquireTimeout = Duration.seconds(5)
    /// How long a connection that reads may be idle.
    var idleTimeout = Duration.seconds(600)
    /// How long a connection may be used.
    var lifetime = Duration.seconds(3_600)
}
