import Foundation
import InMemoryLogging
import Logging
import Metrics
import OrderKernelTesting
import Testing

@testable import OrderKernel
@testable import PrometheusPlugin

/// A folder of one test; gone when the test is done.
private final class Folder {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("orderd-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// Runs a program on a text.
    func run(_ command: [String], on text: [UInt8]) async throws -> (output: String, errors: [String], code: Int32) {
        let input = url.appendingPathComponent("input")
        try Data(text).write(to: input)
        let process = try OrderdProcess(command: command, in: url, input: input)
        let code = await process.exitCode()
        return (String(decoding: process.output, as: UTF8.self), process.errorLines, code)
    }
}

@Suite("PrometheusExporter")
struct PrometheusExporterTests {
    @Test("it keeps the contract of every plugin", arguments: PluginContract.rules)
    func plugin(rule: PluginContract.Rule) async {
        await PluginContract(PrometheusExporter.self).check(rule)
    }

    @Test("it keeps the contract of every exporter", arguments: ExporterContract.rules)
    func exporter(rule: ExporterContract.Rule) async {
        await ExporterContract { PrometheusExporter(try .init(yaml: "{port: 0, host: 127.0.0.1}"), context: $0) }.check(
            rule)
    }

    /// A service that has measured something, in a span.
    private func measured() -> Telemetry {
        let telemetry = Telemetry(resource: [TelemetryAttribute("service.name", .string("order \"1\"\n"))])
        let pipeline = telemetry.attach(RecordingExporter(), name: "recording", logger: Logger(label: "recording"))
        _ = pipeline
        var metric = RequestMetric(name: "http.server.request.duration", statusKey: "http.response.status_code")
        metric.active = .init(name: "http.server.active_requests", description: "Active.", attributeKeys: [])
        metric.sizes = ("http.server.request.body.size", "http.server.response.body.size")
        let route = telemetry.route(
            name: "GET /orders/{id}", attributes: [TelemetryAttribute("http.route", .string("/orders/{id}"))],
            logLevel: .info, metric: metric)
        for status in [ProblemCode.unknownOrder, .internal, .unknownOrder] {
            let context = RequestContext(id: .random(), route: route, deadline: .now)
            let request = OrderRequest(.get(1), context: context)
            telemetry.end(telemetry.begin(context), request, .problem(Problem(status, "")))
            route.recordBodies(request: 0, response: 300, status: status.status)
        }
        let factory = TelemetryMetricsFactory(telemetry)
        factory.makeCounter(label: "1.cache-hits", dimensions: [("a.b", "x\\"), ("a_b", "\"y\"")]).increment(by: 3)
        factory.makeTimer(label: "job.duration", dimensions: []).recordNanoseconds(2_000_000)
        factory.makeCounter(label: "orders.created", dimensions: []).increment(by: 1)
        factory.makeMeter(label: "load", dimensions: []).set(0.5)
        let meter = ProcessMeter(telemetry.clock)
        telemetry.observe { meter.measure() }
        return telemetry
    }

    private func document(_ telemetry: Telemetry, _ log: InMemoryLogHandler) -> MetricsDocument {
        MetricsDocument(
            path: "/metrics", metrics: MetricSource(telemetry), logger: Logger(label: "prometheus") { _ in log },
            options: ExpositionOptions())
    }

    private func document(_ telemetry: Telemetry, accept: [String]) async -> DocumentContent {
        await document(telemetry, InMemoryLogHandler()).content(for: DocumentRequest(accept: accept))
    }

    @Test("a metric whose name another of a different kind has is left out, and told once")
    func otherKind() async {
        let telemetry = measured()
        let meter = TelemetryMetricsFactory(telemetry).makeMeter(
            label: "http.server.request.duration.seconds", dimensions: [])
        meter.set(Double(4_711.5))
        let log = InMemoryLogHandler()
        let document = document(telemetry, log)
        for _ in 0..<2 {
            let text = String(decoding: await document.content(for: DocumentRequest()).bytes, as: UTF8.self)
            #expect(text.contains("# TYPE http_server_request_duration_seconds histogram\n"))
            #expect(!text.contains("4711.5"))
        }
        #expect(log.entries.map { $0.metadata["metric"] } == ["http.server.request.duration.seconds"])
    }

    @Test("promtool finds nothing")
    func promtool() async throws {
        let content = await document(measured(), accept: [])
        #expect(content.type == "text/plain; version=0.0.4; charset=utf-8")
        let (output, errors, code) = try await Folder().run(["promtool", "check", "metrics"], on: content.bytes)
        #expect(code == 0 && output.isEmpty && errors.isEmpty)
    }

    @Test("the strict parser of prometheus-client reads all families")
    func openMetrics() async throws {
        let content = await document(measured(), accept: ["application/openmetrics-text"])
        #expect(content.type == "application/openmetrics-text; version=1.0.0; charset=utf-8")
        let text = String(decoding: content.bytes, as: UTF8.self)
        #expect(text.hasPrefix("# TYPE target info\n") && text.hasSuffix("\n# EOF\n"))
        #expect(text.contains("http_server_request_duration_seconds_bucket{"))
        #expect(text.contains(" # {trace_id=\""))
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let python = root.appendingPathComponent(".build/python/bin/python").path
        let script = root.appendingPathComponent("Tests/PrometheusPluginTests/check-openmetrics.py").path
        let (output, errors, code) = try await Folder().run([python, script], on: content.bytes)
        #expect(code == 0, "\(errors)")
        let families = text.split(separator: "\n").count { $0.hasPrefix("# TYPE ") }
        #expect(output == "\(families)\n")
    }

    @Test("no series is there twice, and each example lies in its bucket")
    func consistency() async throws {
        let content = await document(measured(), accept: ["application/openmetrics-text"])
        let samples = String(decoding: content.bytes, as: UTF8.self).split(separator: "\n").filter { $0.first != "#" }
        let names = samples.map { $0.prefix { $0 != " " } }
        #expect(names.count > 50 && Set(names).count == names.count)
        var examples = 0
        var lower = -Double.infinity
        for sample in samples where sample.contains("_bucket{") {
            let bound = try #require(
                sample.firstRange(of: "le=\"").map { sample[$0.upperBound...].prefix { $0 != "\"" } })
            let upper = bound == "+Inf" ? Double.infinity : try #require(Double(bound))
            if let mark = sample.firstRange(of: "} ", after: " # ") {
                let value = try #require(Double(sample[mark.upperBound...].prefix { $0 != " " }))
                #expect(value <= upper && value > lower)
                examples += 1
            }
            lower = upper == .infinity ? -.infinity : upper
        }
        #expect(examples > 0)
    }

    /// Lends the address of the metrics of an exporter with a port of its own.
    private func withServer(_ body: (String) async throws -> Void) async throws {
        let log = InMemoryLogHandler()
        let context = PluginContext.standalone(
            exporter: "prometheus", of: measured(), logger: Logger(label: "prometheus") { _ in log }, time: SystemTime()
        )
        let exporter = PrometheusExporter(try .init(yaml: "{port: 0, host: 127.0.0.1}"), context: context)
        #expect(exporter.documents.isEmpty)
        try await withRunning(exporter, context) {
            let entry = log.entries.first { $0.message == "serving metrics" }
            try await body(try #require(entry?.metadata["address"]?.description))
        }
    }

    @Test("it serves the metrics on a port of its own, and nothing else")
    func port() async throws {
        try await withServer { address in
            let folder = try Folder()
            func status(_ arguments: String...) async throws -> String {
                try await folder.run(
                    ["curl", "-s", "-o", "body", "-w", "%{http_code} %{content_type}"] + arguments, on: []
                )
                .output
            }
            #expect(try await status(address) == "200 text/plain; version=0.0.4; charset=utf-8")
            let body = try String(contentsOf: folder.url.appendingPathComponent("body"), encoding: .utf8)
            #expect(body.contains("http_server_request_duration_seconds_count{"))
            #expect(body.contains("otel_scope_name=\"orderd\",otel_scope_version=\""))
            #expect(try await status("-H", "Accept-Encoding: gzip, deflate", address).hasPrefix("200"))
            let small = try Data(contentsOf: folder.url.appendingPathComponent("body"))
            #expect(small.starts(with: [0x1f, 0x8b]) && small.count < body.utf8.count / 2)
            #expect(try await status("--compressed", address).hasPrefix("200"))
            let again = try String(contentsOf: folder.url.appendingPathComponent("body"), encoding: .utf8)
            #expect(again.hasPrefix(body.prefix { $0 != "}" }))
            #expect(try await status("-I", address).hasPrefix("200"))
            #expect(try await status("-d", "x", address).hasPrefix("405"))
            #expect(try await status(address + "/more").hasPrefix("404"))
        }
    }

    @Test("a port that is taken is told in one line")
    func portTaken() async throws {
        try await withServer { address in
            let port = try #require(address.split(separator: ":").last?.prefix { $0 != "/" })
            let logger = Logger(label: "prometheus") { _ in InMemoryLogHandler() }
            let context = PluginContext.standalone("prometheus", logger: logger, time: SystemTime())
            let exporter = PrometheusExporter(try .init(yaml: "{port: \(port), host: 127.0.0.1}"), context: context)
            let error = await #expect(throws: PluginError.self) { try await withRunning(exporter, context) {} }
            #expect(
                error?.description == "Port \(port) on 127.0.0.1 is taken: choose another port, or stop what uses it.")
        }
    }

    private static let form = "must be a path as a URL has it, with '%' and two digits for every other character"

    @Test(
        "a path that nobody could ask for is refused",
        arguments: [
            ("/metrics", nil), ("/a/b-c.d;e=f/~%20/", nil), ("metrics", "must begin with a slash"),
            ("/a?b", "must be a path alone, without a query"), ("/a b", form), ("/é", form), ("/a#b", form),
            ("/a%2", form),
        ])
    func paths(path: String, message: String?) {
        var messages: [String] = []
        do { _ = try PrometheusExporter.Configuration(yaml: "path: '\(path)'") } catch {
            messages = error.problems.map(\.message)
        }
        #expect(messages == (message.map { [$0] } ?? []))
    }

    /// Opens connections, waits until some are closed, and asks for the metrics while the others say nothing.
    private static let crowd = """
        import select, socket, sys, urllib.request
        address = sys.argv[1]
        host, port = address.split("/")[2].split(":")
        crowd = [socket.create_connection((host, int(port))) for _ in range(20)]
        closed = set()
        while len(closed) < 4:
            closed.update(c for c in select.select([c for c in crowd if c not in closed], [], [])[0] if not c.recv(1))
        print(sorted(map(crowd.index, closed)), urllib.request.urlopen(address).status)
        """

    /// Has each connection of the whole share ask for more than it takes in, waits until the service gets rid of
    /// nothing more, and asks for the metrics, three times.
    private static let gluttons = """
        import socket, sys, time, urllib.request
        address = sys.argv[1]
        host, port = address.split("/")[2].split(":")
        def glutton():
            connection = socket.socket()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.connect((host, int(port)))
            connection.setblocking(False)
            connection.send(b"GET /metrics HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n" * 1000)
            return connection
        def unsent():
            rows = [line.split() for line in open("/proc/net/tcp").readlines()[1:]]
            rows = [row for row in rows if row[3] == "01" and int(row[1].split(":")[1], 16) == int(port)]
            return [row[4].split(":")[0] for row in rows]
        crowd = [glutton() for _ in range(16)]
        last = None
        while last is None or "00000000" in last or last != unsent():
            last = unsent()
            time.sleep(1)
        print([urllib.request.urlopen(address, timeout=60).status for _ in range(3)])
        """

    @Test("connections that take in no answers keep nobody from the metrics", .timeLimit(.minutes(5)))
    func gluttons() async throws {
        try await withServer { address in
            let (output, errors, _) = try await Folder().run(["python3", "-c", Self.gluttons, address], on: [])
            #expect(output == "[200, 200, 200]\n", "\(errors)")
        }
    }

    @Test("of connections beyond its share those are closed that have waited longest", .timeLimit(.minutes(5)))
    func crowd() async throws {
        try await withServer { address in
            let (output, errors, _) = try await Folder().run(["python3", "-c", Self.crowd, address], on: [])
            #expect(output == "[0, 1, 2, 3] 200\n", "\(errors)")
        }
    }
}

@Suite("Choice of gzip")
struct GzipTests {
    @Test(
        "it is taken where the field names it, or anything, and does not refuse it",
        arguments: [
            ([], false), (["gzip"], true), (["deflate, GZIP;q=0.5"], true), (["deflate", "x-gzip"], true),
            (["gzip;q=0"], false), (["gzip; q=0, *"], false), (["*"], true), (["identity"], false), ([";,q="], false),
        ] as [([String], Bool)])
    func accepted(fields: [String], isAccepted: Bool) {
        #expect(DocumentRequest(acceptEncoding: fields).takes(encoding: "gzip") == isAccepted)
    }
}

extension Substring {
    /// Where a text stands behind another.
    fileprivate func firstRange(of text: String, after mark: String) -> Range<Index>? {
        firstRange(of: mark).flatMap { self[$0.upperBound...].firstRange(of: text) }
    }
}
