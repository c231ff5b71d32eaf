internal import NIOCore
internal import NIOHTTP1
internal import OrderKernel

/// A request's head, for middleware and telemetry. Nothing is copied until it is asked for.
final class HTTPMetadata: RequestMetadata {
    /// `nil` for what was no request at all.
    let head: HTTPRequestHead?
    private let target: RequestTarget?
    private let caller: Caller

    init(head: HTTPRequestHead?, target: RequestTarget?, from caller: Caller) {
        self.head = head
        self.target = target
        self.caller = caller
    }

    func values(for name: String) -> [String] {
        var values = head?.headers[name] ?? []
        for index in values.indices { values[index].trimFieldValue() }
        return values
    }

    /// What was asked for, by whom. The rest is in the span that the line leads to.
    func addAttributes(to attributes: inout TelemetryAttributes) {
        if let target {
            attributes.append("url.path", .string(String(target.path)))
            if !target.query.isEmpty { attributes.append("url.query", .string(target.publicQuery)) }
        }
        attributes.append(contentsOf: caller.attributes)
    }

    func addSpanAttributes(to attributes: inout TelemetryAttributes) {
        attributes.append(contentsOf: caller.spanAttributes)
        guard let head else { return }
        if Method(head.method) == .other {
            attributes.append("http.request.method_original", .string(head.method.text))
        }
    }
}

extension HTTPMethod {
    /// As it came. NIO writes one that it knows without its hyphen.
    fileprivate var text: String { self == .MSEARCH ? "M-SEARCH" : rawValue }
}
