internal import ConsolePlugin
internal import FilePlugin
internal import JSONLinesPlugin
internal import OrderCommand
internal import OrderKernel
internal import PostgresPlugin
internal import SQLitePlugin

#if HTTP
internal import HTTPPlugin
#endif
#if OTLP
internal import OTLPPlugin
#endif
#if Prometheus
internal import PrometheusPlugin
#endif

/// The orderd that this package builds: every plugin that it has.
@main
struct Orderd: Distribution {
    static let plugins: [any Plugin.Type] =
        [SQLiteStorage.self, PostgresStorage.self] + http + [JSONLinesTransport.self, ConsoleExporter.self] + otlp
        + prometheus + [FileExporter.self]

    #if HTTP
    private static let http: [any Plugin.Type] = [HTTPTransport.self]
    #else
    private static let http: [any Plugin.Type] = []
    #endif

    #if OTLP
    private static let otlp: [any Plugin.Type] = [OTLPExporter.self]
    #else
    private static let otlp: [any Plugin.Type] = []
    #endif

    #if Prometheus
    private static let prometheus: [any Plugin.Type] = [PrometheusExporter.self]
    #else
    private static let prometheus: [any Plugin.Type] = []
    #endif
}
