import OrderKernelTesting
import PostgresTesting
import Testing

/// The suites that start services and servers of their own, one test after another: each is a load by itself.
@Suite("The binary on PostgreSQL", .serialized, .needs("PostgreSQL", if: PostgresServer.programs != nil))
enum PostgresSuites {}
