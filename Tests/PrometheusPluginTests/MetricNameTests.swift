import OrderKernel
import Testing

@testable import PrometheusPlugin

@Suite("MetricName")
struct MetricNameTests {
    @Test(
        "a metric has its name, its unit as a word, and no ending that belongs to another kind",
        arguments: [
            ("http.server.request.duration", "s", .histogram, "http_server_request_duration_seconds"),
            ("http.server.active_requests", "{request}", .gauge, "http_server_active_requests"),
            ("process.cpu.time", "s", .counter, "process_cpu_time_seconds"),
            ("process.memory.usage", "By", .gauge, "process_memory_usage_bytes"),
            ("process.thread.count", "{thread}", .gauge, "process_threads"),
            ("system.cpu.utilization", "1", .gauge, "system_cpu_utilization_ratio"),
            ("orders.created", "{order}", .counter, "orders_created"), ("hits", "1", .counter, "hits"),
            ("hits_total", "{hit}", .counter, "hits"),
            ("1.a--b..c", "", .gauge, "_1_a_b_c"), ("speed", "m/s", .gauge, "speed_meters_per_second"),
            ("rate", "{request}/s", .gauge, "rate_per_second"), ("time_seconds", "s", .gauge, "time_seconds"),
            ("", "", .gauge, "_"),
        ] as [(String, String, MetricName.Kind, String)])
    func family(name: String, unit: String, kind: MetricName.Kind, family: String) {
        #expect(MetricName.family(name, unit: unit, kind: kind) == family)
    }

    @Test("labels whose names become one have both values, in the order of the keys")
    func collision() {
        let labels = LabelSet([
            TelemetryAttribute("a_b", .string("2")), TelemetryAttribute("a.b", .string("1\n")),
            TelemetryAttribute("le", .string("no")), TelemetryAttribute("list", .array([.int(1), .string("\"")])),
        ])
        #expect(labels.text == #"{a_b="1\n;2",list="[1,\"\\\"\"]"}"#)
    }

    @Test("an attribute named like a label of the scope is left out")
    func scopeCollision() {
        let attributes = [TelemetryAttribute("otel.scope.name", .string("x")), TelemetryAttribute("a", .string("1"))]
        #expect(LabelSet(attributes, [("otel_scope_name", "orderd")]).text == #"{a="1",otel_scope_name="orderd"}"#)
        #expect(LabelSet(attributes).text == #"{a="1",otel_scope_name="x"}"#)
    }

    @Test(
        "bounds are written in their canonical form",
        arguments: [
            (0, "0.0"), (0.005, "0.005"), (1, "1.0"), (2.5, "2.5"), (10, "10.0"), (100_000, "100000.0"),
            (1_000_000, "1e+06"), (1_500_000, "1.5e+06"), (0.0001, "0.0001"), (0.00001, "1e-05"), (-0.25, "-0.25"),
            (1e100, "1e+100"), (.infinity, "+Inf"), (1_048_576, "1.048576e+06"),
        ] as [(Double, String)])
    func bound(value: Double, text: String) {
        #expect(ExpositionText.bound(value) == text)
    }

    @Test(
        "the form that is asked for most is given",
        arguments: [
            ([], .text), (["*/*"], .text), (["application/json"], .text),
            (
                [
                    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                        + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
                ], .openMetrics
            ), (["application/openmetrics-text; version=1.0.0; q=0.2", "text/plain; q=0.5"], .text),
            (["application/openmetrics-text;version=2.0.0"], .text),
            (["text/plain;q=0,*/*;q=0.1"], .openMetrics), (["text/*;q=0", "*/*"], .openMetrics),
            (["application/openmetrics-text; version=\"1.0.0\""], .openMetrics),
            (["application/openmetrics-text;x=\"a,b;q=0\""], .openMetrics),
            (["application/openmetrics-text;q=0,*/*"], .text), (["application/openmetrics-text;q=0"], .text),
            (["*/*,application/openmetrics-text"], .openMetrics),
        ] as [([String], ExpositionFormat)])
    func negotiation(accept: [String], format: ExpositionFormat) {
        #expect(ExpositionFormat.negotiated(accept) == format)
    }
}
