internal import ConsolePlugin
internal import JSONLinesPlugin
internal import OrderCommand
internal import OrderKernel
internal import PostgresPlugin
internal import SQLitePlugin

#if HTTP
internal import HTTPPlugin
#endif

/// The orderd that this package builds: every plugin that it has.
@main
struct Orderd: Distribution {
    static let plugins: [any Plugin.Type] =
        [SQLiteStorage.self, PostgresStorage.self] + http + [JSONLinesTransport.self, ConsoleExporter.self]

    #if HTTP
    private static let http: [any Plugin.Type] = [HTTPTransport.self]
    #else
    private static let http: [any Plugin.Type] = []
    #endif
}
