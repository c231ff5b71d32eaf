import Testing

@testable import OrderKernel

@Suite("HiddenDocument")
struct HiddenDocumentTests {
    @Test("a document is hidden by a path that cannot be one, by an endpoint, and by another document")
    func hidden() {
        let claims = ["/orders", "/health"].map { path in
            ResourceClaim(
                resource: .endpoint(path: path), origin: .standard, path: "transport.http", instance: "transport.http")
        }
        let documents = [
            ("exporter.a", "/metrics"), ("exporter.b", "/metrics/"), ("exporter.b", "/metrics/b"),
            ("exporter.b", "quota"), ("middleware.c", "/quota?all"), ("middleware.c", "/orders"),
            ("middleware.c", "/health/c"), ("middleware.c", "/healthy"),
        ]
        #expect(
            HiddenDocument.all(among: documents, beside: claims).map { "\($0.plugin) \($0.path): \($0.reason)" } == [
                "exporter.b /metrics/: exporter.a shows one there already",
                "exporter.b quota: its path begins without a slash",
                "middleware.c /quota?all: its path holds what no path can hold",
                "middleware.c /orders: a transport serves /orders itself",
                "middleware.c /health/c: a transport serves /health itself",
            ])
    }
}
