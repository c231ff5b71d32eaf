import OTLPFormat
import OrderKernel
import Testing

@testable import OTLPPlugin

@Suite("OTLPTarget")
struct OTLPTargetTests {
    private func target(
        _ signal: OTLPRequest.Signal, _ yaml: String = "", _ environment: [String: String] = [:]
    ) throws -> OTLPTarget {
        try OTLPExporter.Configuration(yaml: yaml, environment: environment).target(for: signal)
    }

    private func text(_ target: OTLPTarget) -> String {
        let scheme = target.security == nil ? "http" : "https"
        return "\(target.transfer.rawValue) \(scheme)://\(target.authority)\(target.path)"
    }

    @Test(
        "an endpoint for all signals is a base, one for a signal is taken as it is",
        arguments: [
            ("", "http/protobuf http://localhost:4318/v1/traces"),
            ("endpoint: http://c:4318", "http/protobuf http://c:4318/v1/traces"),
            ("endpoint: http://c:4318/", "http/protobuf http://c:4318/v1/traces"),
            ("endpoint: http://c:4318/otlp", "http/protobuf http://c:4318/otlp/v1/traces"),
            ("endpoint: http://c:4318/otlp/", "http/protobuf http://c:4318/otlp/v1/traces"),
            ("endpoint: http://c:4318/otlp//", "http/protobuf http://c:4318/otlp/v1/traces"),
            ("endpoint: http://c", "http/protobuf http://c:80/v1/traces"),
            ("endpoint: https://c", "http/protobuf https://c:443/v1/traces"),
            ("traces: {endpoint: \"http://t:4318\"}", "http/protobuf http://t:4318/"),
            ("traces: {endpoint: \"http://t:4318/v1/traces\"}", "http/protobuf http://t:4318/v1/traces"),
            ("traces: {endpoint: \"http://t/x/\"}", "http/protobuf http://t:80/x/"),
            ("traces: {endpoint: \"http://t/v1?k=v&l\"}", "http/protobuf http://t:80/v1?k=v&l"),
            ("traces: {endpoint: \"http://t?k=v\"}", "http/protobuf http://t:80/?k=v"),
            ("metrics: {endpoint: \"http://m:1\"}", "http/protobuf http://localhost:4318/v1/traces"),
            ("protocol: http/json", "http/json http://localhost:4318/v1/traces"),
            ("endpoint: \"http://[::1]:4318\"", "http/protobuf http://[::1]:4318/v1/traces"),
        ])
    func endpoints(yaml: String, expected: String) throws {
        #expect(text(try target(.traces, yaml)) == expected)
    }

    private static let method = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"

    @Test(
        "port 4317 means gRPC where no protocol is said, and TLS is as the scheme says",
        arguments: [
            ("endpoint: http://otel-collector:4317", "grpc http://otel-collector:4317"),
            ("endpoint: https://c:4317", "grpc https://c:4317"), ("protocol: grpc", "grpc http://localhost:4317"),
            ("{protocol: grpc, endpoint: \"c:4317\"}", "grpc https://c:4317"),
            ("{protocol: grpc, endpoint: \"c:4317\", insecure: true}", "grpc http://c:4317"),
            ("{protocol: grpc, endpoint: \"http://c:9\", insecure: false}", "grpc http://c:9"),
        ])
    func calls(yaml: String, expected: String) throws {
        #expect(text(try target(.traces, yaml)) == expected + Self.method)
    }

    @Test("the variable of the replaced service works as it stands")
    func replaced() throws {
        let environment = ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://otel-collector:4317"]
        #expect(text(try target(.traces, "", environment)) == "grpc http://otel-collector:4317" + Self.method)
    }

    @Test("a signal's variable counts more than the general one, setting by setting, and less than the profile")
    func variables() throws {
        let environment = [
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": "http://l:1/x",
            "OTEL_EXPORTER_OTLP_TIMEOUT": "3000", "OTEL_EXPORTER_OTLP_LOGS_TIMEOUT": "0",
            "OTEL_EXPORTER_OTLP_HEADERS": "a=1,b=2%2C", "OTEL_EXPORTER_OTLP_LOGS_HEADERS": "c=3",
            "OTEL_EXPORTER_OTLP_COMPRESSION": "GZIP", "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL": "http/json",
        ]
        let logs = try target(.logs, "", environment)
        #expect(text(logs) == "http/protobuf http://l:1/x" && logs.timeout == .seconds(3_600) && logs.compresses)
        #expect(logs.headers.map(\.name) == ["c"] && logs.headers.map(\.value) == ["3"])
        let metrics = try target(.metrics, "", environment)
        #expect(text(metrics) == "http/json http://c:4318/v1/metrics" && metrics.timeout == .seconds(3))
        #expect(metrics.headers.map(\.value) == ["1", "2,"])
        #expect(text(try target(.logs, "endpoint: http://p:2", environment)) == "http/protobuf http://p:2/v1/logs")
    }

    @Test(
        "what is no endpoint is refused",
        arguments: ["ftp://c", "http://", "c d", "http://me:secret@c", "http://c?x", "http://c:99999"])
    func faulty(text: String) {
        #expect(throws: InvalidConfiguration.self) {
            try OTLPExporter.Configuration(yaml: "endpoint: \"\(text)\"")
        }
        #expect((try? OTLPExporter.Configuration(yaml: "", environment: ["OTEL_EXPORTER_OTLP_ENDPOINT": text])) != nil)
    }

    @Test(
        "what is wrong with an endpoint is said, without its password",
        arguments: [
            (
                "http://me:hunter2@c",
                "the value is not the URL of a collector: it holds a user; keys belong in headers"
            ),
            ("me:hunter2@c:99999", "the value is not the URL of a collector: its port is outside 0...65535"),
            ("ftp://c", "'ftp://c' is not the URL of a collector: its scheme is not http or https"),
            (
                "https://h/?apikey=hunter2",
                "holds a query, which only the endpoint of a signal may: traces, metrics or logs"
            ),
            ("4317", "'4317' is not the URL of a collector: it is a port alone"),
            ("http//c:1", "'http//c:1' is not the URL of a collector: its scheme has no '://'"),
            ("https:c:1", "'https:c:1' is not the URL of a collector: its scheme has no '://'"),
            ("http://::1:4317", "'http://:…' is not the URL of a collector: an IPv6 address needs brackets"),
            ("c;4317", "'c;4317' is not the URL of a collector: its host is not a name"),
            (
                "http://c:4318/v1/traces/",
                "ends with the path of one signal, which is added for each; leave it out, or say it for that signal"
            ),
            ("c:99999", "'c:99999' is not the URL of a collector: its port is outside 0...65535"),
            ("http://c\"\ntraces: {endpoint: \"http://c:4317/?k=v\"}\n#", "holds a query, which gRPC has no place for"),
        ])
    func reason(text: String, message: String) throws {
        let error = #expect(throws: InvalidConfiguration.self) {
            try OTLPExporter.Configuration(yaml: "endpoint: \"\(text)\"")
        }
        #expect(error?.problems.map(\.message) == [message])
    }

    private static let token = "is not the name of a field: letters, digits and !#$%&'*+-.^_`|~ make one"
    private static let own = "is not a field that can be set: orderd says it itself"
    private static let hanging = "is a key that holds its value"
    private static let control =
        "the value is not the value of a field: it holds a control character, such as a line break"

    @Test(
        "a header that would break a request is refused where it stands, without its value",
        arguments: [
            ("'x key': s3cret", "12 headers.x key: 'x key' \(token)"), ("'': s3cret", "12 headers.\"\": '' \(token)"),
            ("\"x y\\r\\nz\": s3cret", "12 headers.x y\r\nz: 'x y\r\nz' \(token)"),
            ("authorization=s3cret: x", "12 headers.authorization: \(hanging); write 'authorization: …'"),
            ("x:s3cret: y", "12 headers.x: \(hanging); write a space after the colon of 'x:'"),
            ("schlüssel: s3cret", "12 headers.schlüssel: 'schlüssel' \(token)"),
            ("Content-Length: 3", "12 headers.Content-Length: 'Content-Length' \(own)"),
            ("TE: trailers", "12 headers.TE: 'TE' \(own)"),
            ("grpc-timeout: 1S", "12 headers.grpc-timeout: 'grpc-timeout' \(own)"),
            ("a: \"s3cret\\r\\nb: c\"", "15 headers.a: \(control)"), ("a: \"s3cret\\0\"", "15 headers.a: \(control)"),
            ("a: \"s3cret\\x7F\"", "15 headers.a: \(control)"),
        ])
    func faultyHeaders(header: String, expected: String) throws {
        let error = #expect(throws: InvalidConfiguration.self) {
            try OTLPExporter.Configuration(yaml: "headers: { \(header) }")
        }
        #expect(error?.problems.map { "\($0.column) \($0.path ?? ""): \($0.message)" } == [expected])
    }

    @Test(
        "a variable that holds such a header counts as unset", arguments: ["a=s3cret%0D%0Ab", "a=1,te=2", "a=1,b c=2"])
    func faultyHeaderVariable(text: String) throws {
        #expect(try target(.logs, "", ["OTEL_EXPORTER_OTLP_HEADERS": text]).headers.isEmpty)
    }

    @Test("a header's name is sent in lower case, and its value as it is")
    func headers() throws {
        let headers = try target(.logs, "headers: {X-Key: \"a\\tü\", Host: c, User-Agent: d}").headers
        #expect(headers.map { "\($0.name): \($0.value)" } == ["host: c", "user-agent: d", "x-key: a\tü"])
    }

    @Test(
        "a certificate without its key is a mistake of the one that is there, and the other way round",
        arguments: [
            ("client_key: a", "13 client_key: goes with client_certificate, which is not given"),
            ("client_certificate: a", "21 client_certificate: goes with client_key, which is not given"),
            ("traces: {client_key: a}", "22 traces.client_key: goes with client_certificate, which is not given"),
            ("logs: {client_certificate: a}", "28 logs.client_certificate: goes with client_key, which is not given"),
        ])
    func pair(yaml: String, expected: String) {
        let error = #expect(throws: InvalidConfiguration.self) { try OTLPExporter.Configuration(yaml: yaml) }
        #expect(error?.problems.map { "\($0.column) \($0.path ?? ""): \($0.message)" } == [expected])
    }

    @Test("half a pair for all is no pair with the same half for one signal, and a variable's half counts as unset")
    func halfPairs() throws {
        let yaml = "{client_key: a, logs: {client_key: b}}"
        let error = #expect(throws: InvalidConfiguration.self) { try OTLPExporter.Configuration(yaml: yaml) }
        #expect(error?.problems.map(\.path) == ["client_key"])
        let environment = ["OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY": "a"]
        #expect(try target(.traces, "endpoint: https://c", environment).security?.key == nil)
    }

    @Test("a certificate of one signal goes with a key for all, and the other way round")
    func sharedPair() throws {
        let environment = [
            "OTEL_EXPORTER_OTLP_ENDPOINT": "https://c", "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE": "all.pem",
            "OTEL_EXPORTER_OTLP_CLIENT_KEY": "all.key", "OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE": "own.pem",
        ]
        let security = try target(.traces, "", environment).security
        #expect(security?.certificate == "own.pem" && security?.key == "all.key")
        #expect(try target(.logs, "", environment).security?.certificate == "all.pem")
        let own = ["traces", "metrics", "logs"].map { "\($0): {client_key: \($0).key}" }.joined(separator: ", ")
        let yaml = "{endpoint: \"https://c\", client_certificate: all.pem, \(own)}"
        #expect(try target(.logs, yaml).security?.key == "logs.key")
    }

    @Test("it takes nothing where variables name no signal for it")
    func noSignals() throws {
        let names = ["OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER", "OTEL_LOGS_EXPORTER"]
        let environment = Dictionary(uniqueKeysWithValues: names.map { ($0, "none") })
        #expect(try OTLPExporter.Configuration(yaml: "", environment: environment).signals == [])
    }

    @Test("the fields of one signal replace those of all, though there are none")
    func ownHeaders() throws {
        let environment = ["OTEL_EXPORTER_OTLP_HEADERS": "key=s3cret"]
        #expect(try target(.traces, "traces: {headers: {}}", environment).headers.isEmpty)
        #expect(try target(.logs, "traces: {headers: {}}", environment).headers.map(\.name) == ["key"])
        #expect(try target(.traces, "headers: {}", environment).headers.isEmpty)
        #expect(try target(.traces, "{headers: {a: b}, traces: {headers: {}}}").headers.isEmpty)
        #expect(try target(.traces, "{headers: {a: b}, traces: {headers: {c: d}}}").headers.map(\.name) == ["c"])
        #expect(try target(.traces, "{headers: {a: b}, traces: {headers: null}}").headers.map(\.name) == ["a"])
    }
}
