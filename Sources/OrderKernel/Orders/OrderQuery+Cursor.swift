extension OrderQuery {
    /// The opaque text that stands for the page after an order: the direction's letter, then the id in base 36.
    func cursor(after id: Order.ID) -> String {
        (direction == .ascending ? "a" : "d") + String(id, radix: 36)
    }

    /// The id that a cursor stands for; `nil` when this direction gave no such cursor.
    public func id(after cursor: String) -> Order.ID? {
        guard cursor.first == (direction == .ascending ? "a" : "d"),
            let id = Order.ID(cursor.dropFirst(), radix: 36), id > 0, self.cursor(after: id) == cursor
        else { return nil }
        return id
    }
}
