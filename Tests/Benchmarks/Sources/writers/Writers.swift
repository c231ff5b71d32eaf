import OrderCommand
import OrderKernel
import PostgresPlugin
import SQLitePlugin

/// An orderd whose only transport is the benchmark: pipeline, commit queue and storage, without a socket or JSON.
///
///     writers run --set storage.sqlite.path=FILE --set transport.writers.orders=200000
@main
struct Writers: Distribution {
    static let plugins: [any Plugin.Type] = [SQLiteStorage.self, PostgresStorage.self, WritersTransport.self]
}
