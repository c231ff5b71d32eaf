internal import Foundation

extension EndpointCase.Request {
    /// The request as a line of JSON, without its end.
    public var jsonLine: String {
        switch self {
        case .create(let order, nil): return order
        case .create("{}", let key?): return #"{"key":"\#(key)"}"#
        case .create(let order, let key?): return #"{"key":"\#(key)","# + order.dropFirst()
        case .get(let id): return #"{"op":"get","id":\#(id)}"#
        case .list(let query):
            let members = query.map { #","\#($0.0)":"# + (Int($0.1).map(String.init) ?? #""\#($0.1)""#) }
            return #"{"op":"list""# + members.joined() + "}"
        case .update(let id, let change, let revision):
            let members = change == "{}" ? "" : "," + change.dropFirst().dropLast()
            let condition = revision.map { #","if_revision":\#($0)"# } ?? ""
            return #"{"op":"update","id":\#(id)"# + members + condition + "}"
        }
    }
}

extension EndpointAnswer {
    /// The order, the orders or the problem of a result line, byte for byte: the last member but `next`.
    public init?(jsonLine: String) {
        guard let object = (try? JSONSerialization.jsonObject(with: Data(jsonLine.utf8))) as? [String: Any],
            let status = object["status"] as? Int,
            let member = ["order", "orders", "problem"].first(where: { object[$0] != nil }),
            let begin = jsonLine.range(of: #","\#(member)":"#)?.upperBound
        else { return nil }
        let next = object["next"] as? String
        let end = next.map { #","next":"\#($0)"}"# } ?? "}"
        self.init(status: status, body: String(jsonLine[begin...].dropLast(end.count)), next: next)
    }
}
