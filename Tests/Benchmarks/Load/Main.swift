internal import ConsolePlugin
internal import OrderCommand
internal import OrderKernel
internal import SQLitePlugin

/// An `orderd` whose only transport is the load.
@main
struct LoadedOrderd: Distribution {
    static let plugins: [any Plugin.Type] = [SQLiteStorage.self, ConsoleExporter.self, LoadTransport.self]
}
