internal import OrderKernel

extension RequestReader {
    /// What a request asks for, whose path and method are known.
    func action(
        _ template: RouteTemplate, _ parameter: String, _ method: Method, _ target: RequestTarget,
        _ fields: RequestFields
    ) throws(Problem) -> RequestPlan.Action {
        switch template {
        case .orders where method == .post:
            try refuseParameters(target)
            return .orders(.create(key: try idempotencyKey(fields)))
        case .orders:
            return try list(parameters(of: target), link: PageLink(path: template.path.description))
        case .ordersByStatus:
            let status = (name: "status", value: parameter)
            let link = PageLink(path: "/orders/status/\(PercentEncoding.encoded(parameter))", inPath: ["status"])
            return try list([status] + parameters(of: target), link: link)
        case .order:
            let id = try orderID(parameter)
            try refuseParameters(target)
            return method == .put
                ? .orders(.update(id, ifRevision: try tags(fields.ifMatch, "If-Match")?.revisions))
                : .orders(.get(id, unless: try tags(fields.ifNoneMatch, "If-None-Match")?.known))
        case .health: return .tell(.health)
        case .liveness: return .tell(.liveness)
        case .readiness: return .tell(.readiness)
        }
    }

    private func list(
        _ parameters: [(name: String, value: String)], link: PageLink
    ) throws(Problem) -> RequestPlan.Action {
        let query = try OrderQuery.decode(parameters: parameters, rules: rules)
        return .orders(.list(query, link.with(parameters)))
    }

    /// Ids are written as the service writes numbers. Whether there can be such an order is asked after the body is
    /// read, as for any other id.
    private func orderID(_ text: String) throws(Problem) -> Order.ID {
        guard let id = Order.ID(text), String(id) == text else {
            throw Problem(.unknownOrder, "There is no order with this id.")
        }
        return id
    }

    private func parameters(of target: RequestTarget) throws(Problem) -> [(name: String, value: String)] {
        guard let parameters = target.parameters else {
            throw Problem(.invalidQuery, "The query is not correctly encoded.")
        }
        return parameters
    }

    private func refuseParameters(_ target: RequestTarget) throws(Problem) {
        if !target.query.isEmpty { throw Problem(.invalidQuery, "Nothing can be asked in a query here.") }
    }

    private func idempotencyKey(_ fields: RequestFields) throws(Problem) -> String? {
        guard let value = fields.idempotencyKeys.first else { return nil }
        guard fields.idempotencyKeys.count == 1 else {
            throw Problem(.badRequest, "A request has one Idempotency-Key field.")
        }
        return try IdempotencyKeyField.key(in: value)
    }

    private func tags(_ fields: [String], _ name: StaticString) throws(Problem) -> EntityTags? {
        if fields.isEmpty { return nil }
        guard let tags = EntityTags(fields) else {
            throw Problem(.badRequest, "\(name) must be * or a list of entity tags, such as \"1\".")
        }
        return tags
    }
}
