public import OrderKernel

extension HTTPTransport {
    /// The settings of an HTTP transport.
    public struct Configuration: PluginConfiguration {
        let host: String
        let port: Int
        let limits: Limits
        let allowedHosts: [String]
        let allowedOrigins: [String]
        let serverTiming: Bool

        public init(from settings: inout Settings) {
            host = settings.value("host", default: "127.0.0.1", "Name or address to listen on.")
            settings.checkListening("host", on: host)
            port = settings.value("port", default: 5_000, "TCP port; 0 lets the system choose.", in: 0...65_535)
            limits = Limits(from: &settings)
            allowedHosts = settings.list(
                "allowed_hosts", default: [],
                "Host names that requests may name. Without any: loopback names on a loopback address, else all.")
            settings.check("allowed_hosts", each: allowedHosts) { host in
                Authority(host) == nil
                    ? "must be a host name or an address, with a port where only that one is meant" : nil
            }
            allowedOrigins = settings.list(
                "allowed_origins", default: [],
                """
                Origins beside its own from which a web page may change orders, such as `https://shop.example`; a \
                proxy has to answer CORS preflights.
                """)
            settings.check("allowed_origins", each: allowedOrigins) { origin in
                Origin(origin) == nil
                    ? "must be an origin: a scheme, `://`, a host, and a port where it is not the scheme's own" : nil
            }
            serverTiming = settings.value(
                "server_timing", default: false,
                "Whether answers name their trace, where there is one, in the field `Server-Timing`.")
            settings.needs(.port(port, host: host), for: "port")
            for path in RouteTemplate.roots { settings.needs(.endpoint(path: path)) }
            settings.needs(.descriptors(limits.connections + Connections.mostSurplus), for: "max_connections")
        }
    }

    /// How much a transport takes in, and for how long it waits.
    struct Limits: Sendable {
        let body: ByteCount
        let buffered: ByteCount
        let connections: Int
        let inFlight: Int
        let header: Duration
        let bodyPiece: Duration
        let idle: Duration
        let deadline: Duration

        init(from settings: inout Settings) {
            body = settings.value(
                "max_body", default: .mebibytes(1), "Largest body of a request.", in: ByteCount(1) ... .gibibytes(1))
            buffered = settings.value(
                "max_buffered", default: .mebibytes(64), "Most bytes of bodies held at a time, of all requests.",
                in: ByteCount(1) ... .gibibytes(64))
            settings.check(
                "max_body", "max_buffered", holds: body <= buffered,
                "is more than max_buffered, \(buffered.settingText)")
            connections = settings.value(
                "max_connections", default: 800,
                """
                Most connections served at a time; \(Connections.mostSurplus) more are answered 503, but for \
                `/livez`, and those beyond them closed.
                """, in: 1...100_000)
            inFlight = settings.value(
                "max_in_flight", default: 500, "Most requests worked on at a time; more are answered 503.",
                in: 1...100_000)
            let times = Duration.milliseconds(10) ... .seconds(3_600)
            header = settings.value(
                "header_timeout", default: .seconds(10), "Longest that the head of a request may take.", in: times)
            bodyPiece = settings.value(
                "body_timeout", default: .seconds(30), "Longest wait between two pieces of a body.", in: times)
            idle = settings.value(
                "idle_timeout", default: .seconds(60), "Longest wait for the next request of a connection.", in: times)
            deadline = settings.value(
                "deadline", default: .seconds(30), "Time in which a request is answered.", in: times)
        }
    }
}
