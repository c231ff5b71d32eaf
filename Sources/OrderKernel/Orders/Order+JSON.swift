extension Order: JSONRepresentable {
    public var jsonCapacity: Int {
        256 + (customerID.map(JSONWriter.capacity) ?? 0) + JSONWriter.capacity(of: woodType)
    }

    /// Writes the members that every transport answers, in the order they always have.
    public func write(to json: inout JSONWriter) {
        json.raw("{\"id\":")
        json.integer(id)
        json.raw(",\"customer_id\":")
        if let customerID { json.string(customerID) } else { json.raw("null") }
        json.raw(",\"wood_type\":")
        json.string(woodType)
        json.raw(",\"quantity\":")
        json.integer(quantity)
        json.raw(",\"status\":")
        json.string(status.rawValue)
        json.raw(",\"created_at\":")
        json.timestamp(createdAt)
        json.raw(",\"updated_at\":")
        json.timestamp(updatedAt)
        json.raw(",\"revision\":")
        json.integer(revision)
        json.raw("}")
    }
}
