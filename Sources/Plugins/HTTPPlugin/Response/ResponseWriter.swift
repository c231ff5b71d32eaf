internal import NIOCore
internal import OrderKernel

/// Writes answers as HTTP/1.1 responses, each into one buffer.
struct ResponseWriter: Sendable {
    let dates: DateField

    /// - Parameter isLast: Whether the connection ends with the answer.
    func bytes(of answer: Answer, to plan: RequestPlan, isLast: Bool) -> ResponseBytes {
        switch answer.content {
        case .health(let document):
            var response = response(document.status, plan, isLast, capacity: document.jsonCapacity)
            response.end(document, type: .json)
            return response
        case .document(let document):
            var response = response(200, plan, isLast, capacity: document.bytes.count)
            response.end(document)
            return response
        case .outcome(.problem(let problem)):
            return bytes(of: problem, to: plan, answer.timing, isLast: isLast)
        case .outcome(.reply(let reply)):
            return bytes(of: reply, to: plan, answer.timing, isLast: isLast)
        }
    }

    private func bytes(
        of reply: Reply, to plan: RequestPlan, _ timing: String?, isLast: Bool
    ) -> ResponseBytes {
        switch reply {
        case .page(let page):
            var response = response(reply.status, plan, isLast, timing, capacity: page.orders.jsonCapacity)
            if let next = page.next, case .orders(.list(_, let link)) = plan.action {
                response.field("Link", link.field(next: next))
            }
            response.end(page.orders, type: .json)
            return response
        case .notModified(let order):
            var response = response(reply.status, plan, isLast, timing, capacity: 0)
            response.field("ETag", quoted: order.revision)
            response.end()
            return response
        case .found(let order), .updated(let order), .unchanged(let order), .created(let order), .replayed(let order):
            return bytes(of: order, reply, to: plan, timing, isLast: isLast)
        @unknown default:
            return bytes(of: Problem(.internal, "The reply cannot be written."), to: plan, timing, isLast: isLast)
        }
    }

    private func bytes(
        of order: Order, _ reply: Reply, to plan: RequestPlan, _ timing: String?, isLast: Bool
    ) -> ResponseBytes {
        var response = response(reply.status, plan, isLast, timing, capacity: order.jsonCapacity)
        response.field("ETag", quoted: order.revision)
        if case .replayed = reply { response.field("Idempotency-Replayed", "true") }
        if reply.status == 201 { response.field("Location", "/orders/\(order.id)") }
        response.end(order, type: .json)
        return response
    }

    private func bytes(
        of problem: Problem, to plan: RequestPlan, _ timing: String?, isLast: Bool
    ) -> ResponseBytes {
        let document = ProblemDocument(problem, requestID: plan.id)
        var response = response(problem.code.status, plan, isLast, timing, capacity: document.jsonCapacity)
        if let seconds = problem.retryAfterSeconds { response.field("Retry-After", "\(max(0, seconds))") }
        if problem.code == .unauthorized, let challenge = problem.challenge {
            // What is no field's value (RFC 9110, section 5.5) could end the head.
            response.field("WWW-Authenticate", challenge.isFieldValue ? challenge : "Bearer")
        }
        if problem.code == .methodNotAllowed {
            response.field("Allow", plan.template?.allowedMethods.description ?? "GET, HEAD")
        }
        response.end(document, type: .problem)
        return response
    }

    private func response(
        _ status: Int, _ plan: RequestPlan, _ isLast: Bool, _ timing: String? = nil, capacity: Int
    ) -> ResponseBytes {
        var response = ResponseBytes(status: status, capacity: capacity, leavesOutBody: plan.method == .head)
        response.field("Date", dates.value)
        response.field("X-Request-Id", plan.id.description)
        if let timing { response.field("Server-Timing", timing) }
        if isLast {
            response.field("Connection", "close")
        } else if plan.keepsAliveByRequest {
            response.field("Connection", "keep-alive")
        }
        return response
    }
}
