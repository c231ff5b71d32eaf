extension OrderQuery {
    /// Picks the orders of the page, for a storage that has no index of its own.
    /// - Parameter orders: Every order there is, by id in ``direction``.
    public func page(of orders: some Sequence<Order>) -> [Order] {
        Array(orders.lazy.filter(matches).dropFirst(skip).prefix(limit))
    }

    /// Texts are compared byte by byte: what looks the same is not the same customer.
    private func matches(_ order: Order) -> Bool {
        if let after, direction == .ascending ? order.id <= after : order.id >= after { return false }
        if let status, order.status != status { return false }
        if let woodType, !order.woodType.utf8.elementsEqual(woodType.utf8) { return false }
        if let customerID, !(order.customerID ?? "").utf8.elementsEqual(customerID.utf8) { return false }
        return true
    }
}
