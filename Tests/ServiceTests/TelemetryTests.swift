import Foundation
import OrderKernelTesting
import Testing

extension ServiceFolder {
    /// Sends a request with `curl`.
    /// - Returns: The answer's head and body.
    fileprivate func curl(_ port: Int, _ path: String, _ arguments: String...) async throws -> String {
        try await run("curl", ["-s", "-i"] + arguments + ["http://127.0.0.1:\(port)\(path)"]).output
    }

    fileprivate func create(_ port: Int, _ order: String, _ arguments: String...) async throws -> String {
        let body = ["-H", "content-type: application/json", "-d", order]
        return try await run("curl", ["-s", "-i"] + body + arguments + ["http://127.0.0.1:\(port)/orders"]).output
    }
}

@Suite("Telemetry of the real binary", .serialized, .timeLimit(.minutes(5)))
struct TelemetryTests {
    let folder: ServiceFolder

    init() throws { folder = try ServiceFolder() }

    private static let order = #"{"customer_id":"c","wood_type":"oak","quantity":1}"#
    private static let traceID = "4bf92f3577b34da6a3ce929d0e0e4736"

    private func serve(_ environment: [String: String], _ settings: String...) throws -> OrderdProcess {
        let overrides = ["transport.http.port=0", "logging.format=json"] + settings
        return try OrderdProcess(
            ["run"] + overrides.flatMap { ["--set", $0] }, in: folder.url, environment: environment)
    }

    private func end(_ service: OrderdProcess) async -> Int32 {
        service.send(signal: SIGTERM)
        return await service.exitCode()
    }

    @Test(
        "with variables alone a collector gets one request as one trace, its log line and the metrics",
        arguments: [
            "grpc", "http/protobuf", "http/json",
        ])
    func variables(transfer: String) async throws {
        let collector = try await Collector(in: folder)
        let port = try #require(collector.ports[transfer == "grpc" ? "grpc" : "http"])
        let service = try serve([
            "OTEL_TRACES_EXPORTER": "otlp", "OTEL_SERVICE_NAME": "shop",
            "OTEL_RESOURCE_ATTRIBUTES": "team=wood", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:\(port)",
            "OTEL_EXPORTER_OTLP_PROTOCOL": transfer,
        ])
        let answer = try await folder.create(
            service.port(), Self.order, "-H", "traceparent: 00-\(Self.traceID)-00f067aa0ba902b7-01")
        #expect(answer.hasPrefix("HTTP/1.1 201"))
        #expect(await end(service) == 0)
        #expect(await collector.stop() == 0, "\(collector.process.errorLines)")

        let spans = try collector.lines("span")
        let own = spans.filter { "\($0["span"] ?? "")".contains(Self.traceID) && !"\($0)".contains("COMMIT orders") }
        #expect(own.count == 2)
        #expect(spans.count == 3, "an exporter does not trace its own requests")
        let text = "\(spans)"
        #expect(text.contains("POST /orders") && text.contains("commit queue") && text.contains("COMMIT orders"))
        #expect(text.contains("shop") && text.contains("wood") && text.contains("http.response.status_code"))
        #expect(try collector.lines("log").contains { "\($0["log"] ?? "")".contains(Self.traceID) })
        let metrics = "\(try collector.lines("metric"))"
        for name in [
            "http.server.request.duration", "http.server.active_requests", "http.server.request.body.size",
            "db.client.operation.duration", "orderd.orders.created", "orderd.commit.batch.size",
            "process.memory.usage", "otel.sdk.processor.span.queue.size", "orderd.build",
        ] { #expect(metrics.contains(name), "\(name)") }
    }

    @Test("a collector that refuses, goes away and comes back gets every request once")
    func once() async throws {
        let first = try await Collector(in: folder, as: "first", faults: ["--grpc-fail", "UNAVAILABLE:3"])
        let address = "127.0.0.1:\(first.ports["grpc"] ?? 0)"
        let service = try serve(
            [:], "telemetry.otlp.endpoint=http://\(address)", "telemetry.otlp.protocol=grpc",
            "telemetry.otlp.span_queue={delay: 50ms}", "telemetry.otlp.log_queue={delay: 50ms}")
        let port = try await service.port()
        try await read(port, "[1-200]")
        while try first.lines("span").count < 400 || first.lines("log").count < 200 {
            try await Task.sleep(for: .milliseconds(50))
        }
        #expect(await first.stop() == 0, "\(first.process.errorLines)")
        try await read(port, "[201-400]")
        let second = try await Collector(in: folder, as: "second", grpc: address)
        #expect(await end(service) == 0)
        #expect(await second.stop() == 0, "\(second.process.errorLines)")

        let queries = try (first.lines("span") + second.lines("span")).compactMap { query(in: $0, "span") }
        #expect(queries.count == 400 && Set(queries).count == 400)
        let logged = try (first.lines("log") + second.lines("log")).compactMap { query(in: $0, "log") }
        #expect(logged.count == 400 && Set(logged).count == 400)
    }

    /// Asks for lists, each of another length, many at once.
    private func read(_ port: Int, _ numbers: String) async throws {
        let result = try await folder.run(
            "curl", ["-sf", "--parallel", "http://127.0.0.1:\(port)/orders?limit=\(numbers)"])
        #expect(result.code == 0)
    }

    private func query(in line: [String: Any], _ kind: String) -> String? {
        let record = line[kind] as? [String: Any]
        return (record?["attributes"] as? [String: Any])?["url.query"] as? String
    }

    @Test("a collector that is away has no effect on requests, nor on the end")
    func away() async throws {
        let service = try serve([:], "telemetry.otlp.endpoint=http://127.0.0.1:9", "telemetry.console=false")
        let port = try await service.port()
        for _ in 0..<20 {
            #expect(try await folder.create(port, Self.order).hasPrefix("HTTP/1.1 201"))
        }
        #expect(await end(service) == 0)
        let failures = service.errorLines.filter { $0.contains("could not be exported") }
        #expect(failures.count == 3, "each signal says so once")
        #expect(failures.allSatisfy { !$0.contains("trace_id") })
    }

    @Test("the metrics are a document over HTTP, and each answer names its trace where the profile asks")
    func document() async throws {
        let service = try serve(
            [:], "telemetry.prometheus.target_info=true", "telemetry.otlp.endpoint=http://127.0.0.1:9",
            "telemetry.otlp.timeout=100ms", "transport.http.server_timing=true")
        let port = try await service.port()
        let answer = try await folder.create(
            port, Self.order, "-H", "traceparent: 00-\(Self.traceID)-00f067aa0ba902b7-01")
        let field = try #require(answer.split(separator: "\r\n").first { $0.hasPrefix("Server-Timing:") })
        #expect(field.hasPrefix("Server-Timing: trace;desc=\"00-\(Self.traceID)-") && field.hasSuffix("-01\""))
        let metrics = try await folder.curl(port, "/metrics")
        #expect(metrics.hasPrefix("HTTP/1.1 200") && metrics.contains("text/plain; version=0.0.4"))
        #expect(
            metrics.contains(#"orderd_orders_created_total{orderd_order_status="registered",orderd_wood_type="oak""#))
        #expect(try await folder.curl(port, "/metrics", "-d", "x").hasPrefix("HTTP/1.1 405"))
        #expect(try await folder.curl(port, "/metrics/").hasPrefix("HTTP/1.1 200"))
        #expect(try await folder.curl(port, "/metrics/more").hasPrefix("HTTP/1.1 404"))
        #expect(await end(service) == 0)
    }

    @Test("the time that it takes to read a body is a part of its request's")
    func reading() async throws {
        let members = (0..<90_000).map { "\"\($0)\":0" }.joined(separator: ",")
        let body = try folder.write("body", "{\(members)}").path
        let service = try serve([:])
        #expect(try await folder.create(service.port(), "@\(body)").contains("HTTP/1.1 422"))
        let line = try await service.errorLine(containing: "POST /orders")
        let json = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        #expect(try #require(json?["duration_ms"] as? Double) >= 1)
        #expect(await end(service) == 0)
    }

    @Test("a head is measured as an answer without a body")
    func head() async throws {
        let service = try serve([:], "telemetry.prometheus.path=/metrics")
        let port = try await service.port()
        #expect(try await folder.curl(port, "/orders", "-I").contains("Content-Length:"))
        let lines = try await folder.curl(port, "/metrics").split(separator: "\n")
        let size = lines.first { $0.contains("response_body_size_bytes_sum") && $0.contains(#""HEAD""#) }
        #expect(try #require(size).hasSuffix(" 0.0"))
        #expect(await end(service) == 0)
    }

    @Test("requests are measured by the version of HTTP that they come in")
    func version() async throws {
        let service = try serve([:], "telemetry.prometheus.path=/metrics")
        let port = try await service.port()
        #expect(try await folder.curl(port, "/orders").hasPrefix("HTTP/1.1 200"))
        for _ in 1...2 { #expect(try await folder.curl(port, "/orders", "--http1.0").hasPrefix("HTTP/1.1 200")) }
        let lines = try await folder.curl(port, "/metrics").split(separator: "\n")
        let counts = lines.filter { $0.hasPrefix("http_server_request_duration_seconds_count{") }
        for (version, count) in [("1.1", 1), ("1.0", 2)] {
            let label = "network_protocol_version=\"\(version)\""
            #expect(counts.first { $0.contains(label) }?.hasSuffix(" \(count)") == true, "\(counts)")
        }
        #expect(await end(service) == 0)
    }

    @Test("orders that are refused are counted, whatever the reason, and no reads")
    func refused() async throws {
        let service = try serve([:], "telemetry.prometheus.path=/metrics")
        let port = try await service.port()
        _ = try await folder.create(port, Self.order, "-H", "Content-Type: text/plain")
        _ = try await folder.create(port, Self.order, "-H", "Origin: http://elsewhere.example")
        _ = try await folder.create(port, Self.order, "-H", "Idempotency-Key: \"")
        for path in ["/orders/x", "/orders?limit=0", "/nothing"] { _ = try await folder.curl(port, path) }
        let lines = try await folder.curl(port, "/metrics").split(separator: "\n")
        let refused = lines.filter { $0.hasPrefix("orderd_orders_refused_total{") }
        #expect(refused.count == 3 && refused.allSatisfy { $0.hasSuffix(" 1") }, "\(refused)")
        for code in ["unsupported_media_type", "foreign_origin", "bad_request"] {
            #expect(refused.contains { $0.contains("orderd_problem=\"\(code)\"") }, "\(code)")
        }
        #expect(await end(service) == 0)
    }

    @Test("an order that the client has already is logged and measured as one that was not sent")
    func notModified() async throws {
        let service = try serve([:], "telemetry.prometheus.path=/metrics", "telemetry.file.path=telemetry.jsonl")
        let port = try await service.port()
        _ = try await folder.create(port, Self.order)
        let answer = try await folder.curl(port, "/orders/1", "-H", "If-None-Match: \"1\"")
        #expect(answer.hasPrefix("HTTP/1.1 304") && answer.hasSuffix("\r\n\r\n"))
        let line = try await service.errorLine(containing: "GET /orders/{id}")
        #expect(line.contains(#""status":304"#))
        let lines = try await folder.curl(port, "/metrics").split(separator: "\n")
        let measured = lines.filter { $0.contains(#"http_route="/orders/{id}""#) && $0.contains("_count") }
        #expect(measured.count == 3)
        #expect(measured.allSatisfy { $0.contains(#"http_response_status_code="304""#) })
        #expect(await end(service) == 0)
        let spans = try String(contentsOf: folder.file("telemetry.jsonl"), encoding: .utf8)
        #expect(spans.contains(#"{"key":"http.response.status_code","value":{"intValue":"304"}}"#))
    }

    @Test("Prometheus scrapes a service at work, with examples")
    func prometheus() async throws {
        let service = try serve([:], "telemetry.prometheus.port=0", "telemetry.file.path=telemetry.jsonl")
        let port = try await service.port()
        _ = try await folder.create(port, Self.order)
        let line = try await service.errorLine(containing: "/metrics")
        let address = try #require(line.firstRange(of: "http://").map { line[$0.upperBound...].prefix { $0 != "/" } })
        let result = try await folder.client("scrape.py", String(address), folder.file("prometheus").path)
        #expect(result.code == 0, "\(result.output)")
        #expect(result.output == "up exemplars target_info\n")
        #expect(await end(service) == 0)
    }

    @Test("every metric of the dashboard is one that the service has")
    func dashboard() async throws {
        let service = try serve(
            [:], "telemetry.prometheus.path=/metrics", "telemetry.otlp.endpoint=http://127.0.0.1:9",
            "telemetry.file.path=telemetry.jsonl", "telemetry.otlp.timeout=50ms", "telemetry.otlp.metric_interval=50ms",
            "telemetry.otlp.span_queue={queue: 1, batch: 1, delay: 10ms}",
            "telemetry.otlp.log_queue={queue: 1, batch: 1, delay: 10ms}")
        let port = try await service.port()
        let result = try await folder.client(
            "dashboard.py", "127.0.0.1:\(port)", folder.root.appendingPathComponent("docs/grafana/orderd.json").path)
        #expect(result.code == 0, "\(result.output)")
        #expect(await end(service) == 0)
    }

    @Test("telemetry test says what every exporter answered")
    func trial() async throws {
        let collector = try await Collector(in: folder)
        let profile = """
            telemetry:
              otlp: {endpoint: "http://127.0.0.1:\(collector.ports["grpc"] ?? 0)", protocol: grpc}
              otlp/away: {endpoint: "http://127.0.0.1:9", timeout: 3s, signals: [traces]}
              otlp/endless: {endpoint: "http://127.0.0.1:9", timeout: 0s, log_queue: {export_timeout: 3s}, \
            signals: [logs]}
              file: {path: telemetry.jsonl}
              prometheus: {port: \(collector.ports["grpc"] ?? 0)}
            """
        try folder.write("orderd.yaml", profile)
        let result = try await folder.run(OrderdProcess.binary(named: "orderd").path, ["telemetry", "test"])
        #expect(result.code == 69)
        let lines = result.output.split(separator: "\n")
        #expect(lines.count == 16)
        #expect(lines.count { $0.contains("taken in") } == 6 && lines.count { $0.contains("not exported") } == 6)
        let failed = lines.filter { $0.contains("FAILED") }
        #expect(failed.count == 2)
        #expect(failed.first?.hasPrefix("otlp/away     traces   FAILED: connection: 127.0.0.1:9: ") == true)
        #expect(failed.last?.hasPrefix("otlp/endless  logs     FAILED: connection: 127.0.0.1:9: ") == true)
        #expect(
            lines.contains("prometheus    metrics  shown when somebody asks, or when a run ends, so nothing was sent"))
        let trace = try #require(lines.last { $0.hasPrefix("trace id: ") }).dropFirst("trace id: ".count)
        #expect(await collector.stop() == 0)
        #expect("\(try collector.lines("span"))".contains(trace))
        #expect(try collector.lines("metric").count == 1 && collector.lines("log").count == 1)
        try folder.write("orderd.yaml", "telemetry: {file: {path: telemetry.jsonl}}")
        #expect(try await folder.run(OrderdProcess.binary(named: "orderd").path, ["telemetry", "test"]).code == 0)
    }

    @Test("a process without privileges reaches its collector")
    func unprivileged() async throws {
        let collector = try await Collector(in: folder)
        try folder.write(
            "orderd.yaml",
            """
            telemetry:
              otlp: {endpoint: "http://127.0.0.1:\(collector.ports["grpc"] ?? 0)", protocol: grpc}
              otlp/web: {endpoint: "http://127.0.0.1:\(collector.ports["http"] ?? 0)"}
            """)
        let none = geteuid() == 0 ? ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] : []
        let trial = try OrderdProcess(["telemetry", "test"], in: folder.url, wrapper: none)
        #expect(await trial.exitCode() == 0, "\(String(decoding: trial.output, as: UTF8.self))")
        #expect(await collector.stop() == 0)
    }

    @Test("telemetry test sends nothing through an exporter that takes no signal, and does not start it")
    func trialOfNothing() async throws {
        try folder.write("orderd.yaml", "telemetry: {console: , file: {path: telemetry.jsonl}, otlp: }")
        let names = ["OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER", "OTEL_LOGS_EXPORTER"]
        let trial = try OrderdProcess(
            ["telemetry", "test"], in: folder.url,
            environment: Dictionary(uniqueKeysWithValues: names.map { ($0, "none") }))
        #expect(await trial.exitCode() == 0)
        let lines = String(decoding: trial.output, as: UTF8.self).split(separator: "\n")
        #expect(lines.count { $0.hasSuffix("  not exported") } == 9 && lines.count == 10)
        #expect(!FileManager.default.fileExists(atPath: folder.file("telemetry.jsonl").path))
    }

    private static let noTLS = "nothing goes there over TLS; the endpoint must begin with https://"

    @Test(
        "what a profile or a variable says to no effect is told by validate",
        arguments: [
            ("prometheus: {host: h}", "", "prometheus.host (orderd.yaml:1:32) has no effect: without a port the "),
            ("prometheus: {host: h, port: 1}", "", nil), ("prometheus: {host: localhost}", "", nil),
            ("otlp: {certificate: c}", "", "otlp.certificate (orderd.yaml:1:33) has no effect: \(noTLS)"),
            ("otlp: {certificate: c, endpoint: 'https://h'}", "", nil),
            ("otlp: {certificate: c, traces: {endpoint: 'https://h'}}", "", nil),
            (
                "otlp: {endpoint: 'https://h', logs: {endpoint: 'http://h', certificate: c}}", "",
                "otlp.logs.certificate (orderd.yaml:1:85) has no effect: \(noTLS)"
            ),
            (
                "otlp: ", "CERTIFICATE=c",
                "otlp.certificate (the environment variable OTEL_EXPORTER_OTLP_CERTIFICATE) has no effect: \(noTLS)"
            ),
            (
                "otlp: {endpoint: 'https://h', insecure: true}", "",
                "otlp.insecure (orderd.yaml:1:53) has no effect: the endpoint begins with https://, which means TLS; "
            ),
            ("otlp: {endpoint: 'http://h'}", "INSECURE=true", nil),
            (
                "otlp: {endpoint: 'http://h'}", "LOGS_INSECURE=false",
                "otlp.logs.insecure (the environment variable OTEL_EXPORTER_OTLP_LOGS_INSECURE) has no effect: "
                    + "the endpoint begins with http://, which means no TLS; "
            ),
            ("otlp: {endpoint: 'h:4317', protocol: grpc, insecure: true}", "", nil),
            (
                "otlp: ", "TRACES_CLIENT_KEY=k",
                "OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY=k counts as unset: "
                    + "the value of ${OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY} goes with client_certificate, "
            ),
        ] as [(String, String, String?)])
    func idle(exporter: String, variable: String, warning: String?) async throws {
        try folder.write("orderd.yaml", "telemetry: {\(exporter)}")
        let pair = variable.split(separator: "=").map(String.init)
        let process = try OrderdProcess(
            ["validate"], in: folder.url, environment: pair.isEmpty ? [:] : ["OTEL_EXPORTER_OTLP_" + pair[0]: pair[1]])
        #expect(await process.exitCode() == 0)
        let lines = process.errorLines
        #expect(lines.count == (warning == nil ? 0 : 1), "\(lines)")
        if let warning { #expect(lines.first?.contains(warning) == true, "\(lines)") }
    }

    @Test("what a collector says cannot write to a terminal what it likes")
    func hostileAnswer() async throws {
        let collector = try await Collector(in: folder, faults: ["--partial", "1:a\n\u{1b}[31mb"])
        let profile = "telemetry: {otlp: {endpoint: \"http://127.0.0.1:\(collector.ports["http"] ?? 0)\"}}"
        try folder.write("orderd.yaml", profile)
        let result = try await folder.run(OrderdProcess.binary(named: "orderd").path, ["telemetry", "test"])
        #expect(result.code == 69)
        #expect(result.output.split(separator: "\n").count == 4 && !result.output.contains("\u{1b}"))
        #expect(result.output.contains("[31mb"))
        _ = await collector.stop()
    }
}
