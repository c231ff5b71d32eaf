internal import NIOCore
internal import NIOHTTP1
internal import OrderKernel

/// Reads the heads of requests.
struct RequestReader: Sendable {
    let hostGuard: HostGuard
    let rules: OrderRules
    /// Bytes of the largest body.
    let maxBody: Int
    /// What plugins have to show.
    let documents: [any ServiceDocument]

    /// Finds what a request asks for, or why it is refused.
    /// - Parameters:
    ///   - caller: Who sent the request before, and then who sent this one.
    ///   - id: Names the request where the client does not.
    func plan(for head: HTTPRequestHead, from caller: inout Caller, id: RequestID) -> RequestPlan {
        let fields = RequestFields(head.headers)
        let method = Method(head.method)
        let target = RequestTarget(head.uri)
        let segments = target?.segments
        let match = segments.flatMap(RouteTemplate.match)
        let host = target?.authority.map { String($0) } ?? fields.hosts.first
        caller = caller.saying(host: host, userAgent: fields.userAgent)
        // Who speaks HTTP/1.0 cannot know where a chunked body ends (RFC 9112, section 6.1).
        let isMisframed = !isFramed(fields) || fields.transferEncoding != nil && head.version.minor == 0
        var isLast = !head.isKeepAlive || fields.isUpgrade || method == .connect || isMisframed
        var awaitsContinue = false
        let action: RequestPlan.Action
        do throws(Problem) {
            awaitsContinue = try expectsContinue(fields, head.version)
            guard let target, segments != nil else {
                throw Problem(.badRequest, "The request's target must be a path, correctly encoded.")
            }
            guard isFramed(fields) else {
                throw Problem(.badRequest, "The only transfer encoding that is understood is chunked.")
            }
            try checkHost(fields, isNamed: host != nil, caller.host, head.version)
            action = try decide(target, match, method, caller.host, fields)
        } catch {
            action = .orders(.refuse(error))
            isLast = isLast || awaitsContinue || error.endsConnection || isTooLarge(fields)
            awaitsContinue = false
        }
        return RequestPlan(
            action: action, id: fields.requestID.flatMap { RequestID($0) } ?? id, method: method,
            template: match?.template,
            metadata: HTTPMetadata(head: head, target: target, from: caller), isLast: isLast,
            expectsContinue: awaitsContinue)
    }

    /// What a request asks for that is made as it must be.
    private func decide(
        _ target: RequestTarget, _ match: (template: RouteTemplate, parameter: Substring)?, _ method: Method,
        _ host: Authority?, _ fields: RequestFields
    ) throws(Problem) -> RequestPlan.Action {
        guard let (template, parameter) = match else { return .show(try document(target, method, fields)) }
        try checkMethod(method, template)
        try checkOrigin(fields, method, host)
        if !method.isSafe { try checkBody(fields) }
        try checkLength(fields)
        return try action(template, String(parameter), method, target, fields)
    }

    private func document(
        _ target: RequestTarget, _ method: Method, _ fields: RequestFields
    ) throws(Problem) -> any ServiceDocument {
        guard let document = documents.first(where: { target.hasPath($0.path) }) else {
            throw Problem(.unknownPath, "There is nothing at this path.")
        }
        guard method == .get || method == .head else {
            throw Problem(.methodNotAllowed, "Here the allowed methods are GET, HEAD.")
        }
        try checkLength(fields)
        return document
    }

    /// Whether the parser knows where the body ends; if not, it could be taken for the next request.
    private func isFramed(_ fields: RequestFields) -> Bool {
        fields.transferEncoding?.equalsIgnoringASCIICase("chunked") ?? true
    }

    private func checkHost(
        _ fields: RequestFields, isNamed: Bool, _ host: Authority?, _ version: HTTPVersion
    ) throws(Problem) {
        guard fields.hosts.count == 1 || fields.hosts.isEmpty && version.minor == 0 else {
            throw Problem(.badRequest, "A request must have one Host field.")
        }
        guard isNamed else { return }
        guard let host else { throw Problem(.badRequest, "The request's host cannot be one.") }
        guard hostGuard.allows(host) else {
            throw Problem(.unknownHost, "The service does not answer for this host.")
        }
    }

    private func checkMethod(_ method: Method, _ template: RouteTemplate) throws(Problem) {
        switch (method, template) {
        case (.get, _), (.head, _), (.post, .orders), (.put, .order): return
        default: throw Problem(.methodNotAllowed, "Here the allowed methods are \(template.allowedMethods).")
        }
    }

    private func checkOrigin(_ fields: RequestFields, _ method: Method, _ host: Authority?) throws(Problem) {
        guard !method.isSafe, !fields.origins.isEmpty else { return }
        guard fields.origins.count == 1, hostGuard.allows(origin: fields.origins[0], at: host) else {
            throw Problem(.foreignOrigin, "A web page from elsewhere may not change orders.")
        }
    }

    private func expectsContinue(_ fields: RequestFields, _ version: HTTPVersion) throws(Problem) -> Bool {
        guard let expectation = fields.expectation, version.minor > 0 else { return false }
        guard expectation.equalsIgnoringASCIICase("100-continue") else {
            throw Problem(.expectationFailed, "The only expectation that is understood is 100-continue.")
        }
        return fields.transferEncoding != nil || fields.contentLength ?? 0 > 0
    }

    private func checkBody(_ fields: RequestFields) throws(Problem) {
        guard fields.contentTypes.allSatisfy(Self.isJSON) else {
            throw Problem(.unsupportedMediaType, "A body must be of type application/json.")
        }
        guard fields.contentEncoding?.equalsIgnoringASCIICase("identity") ?? true else {
            throw Problem(.unsupportedMediaType, "A body must not be encoded.")
        }
    }

    private func checkLength(_ fields: RequestFields) throws(Problem) {
        if isTooLarge(fields) { throw .bodyTooLarge(most: maxBody) }
    }

    /// Whether the client means to send more than is read of any request.
    private func isTooLarge(_ fields: RequestFields) -> Bool { fields.contentLength ?? 0 > maxBody }

    private static func isJSON(_ type: String) -> Bool {
        if type == "application/json" { return true }
        let essence = type.utf8.prefix {
            $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t")
        }
        return Substring(essence).equalsIgnoringASCIICase("application/json")
    }
}

extension Problem {
    static func bodyTooLarge(most: Int) -> Problem { Problem(.bodyTooLarge, "A body has at most \(most) bytes.") }

    /// Whether the body, which may or may not follow, is not worth reading.
    fileprivate var endsConnection: Bool { code == .bodyTooLarge || code == .expectationFailed }
}
