internal import Foundation

/// What a transport answered, in a form that all transports share.
public struct EndpointAnswer: Sendable {
    public let status: Int
    /// The body over HTTP; the result's `order`, `orders` or `problem` in JSON lines.
    public let body: String
    /// Where the next page of a list begins, as `after` takes it: what the `Link` over HTTP and the result's `next` in
    /// JSON lines say; `nil` on the last page.
    public let next: String?

    public init(status: Int, body: String, next: String? = nil) {
        self.status = status
        self.body = body
        self.next = next
    }

    /// What is wrong with the answer to a step; `nil` when nothing is.
    ///
    /// Orders have to be equal to the byte, but for their times; problems have to have the members that are expected,
    /// and the errors the pointers, in any order; the `detail` only where the step has one.
    public func mistake(against step: EndpointCase.Step) -> String? {
        guard status == step.status else { return "\(step.request): \(status) instead of \(step.status): \(body)" }
        if status < 400 {
            return withoutTimes == step.body ? nil : "\(step.request): \(withoutTimes) instead of \(step.body)"
        }
        guard let expected = Self.members(step.body), let given = Self.members(body) else {
            return "\(step.request): no problem object: \(body)"
        }
        let required = ["type", "title", "status", "detail", "error", "request_id"]
        let isWhole = required.allSatisfy { given[$0] != nil } && given["status"] as? Int == status
        let isExpected =
            expected["type"] as? String == given["type"] as? String
            && Self.pointers(expected) == Self.pointers(given)
            && expected["detail"].map { $0 as? String == given["detail"] as? String } ?? true
        return isWhole && isExpected ? nil : "\(step.request): \(body) instead of \(step.body)"
    }

    private var withoutTimes: String {
        body.replacingOccurrences(
            of: #""\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z""#, with: #""T""#, options: .regularExpression)
    }

    private static func members(_ text: String) -> [String: Any]? {
        (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any]
    }

    private static func pointers(_ problem: [String: Any]) -> [String] {
        ((problem["errors"] as? [[String: Any]]) ?? []).compactMap { $0["pointer"] as? String }.sorted()
    }
}
