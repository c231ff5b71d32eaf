/// The ids of the orders that a batch creates: those from one on, or those given.
struct NewIDs {
    private let first: Order.ID
    private let given: [Order.ID]

    init(first: Order.ID) {
        self.first = first
        given = []
    }

    /// Without a gap they are those from the first one on, which is quicker.
    init(given ids: [Order.ID]) {
        first = ids.first ?? 1
        given = ids.isEmpty || ids[ids.count - 1] - first == Order.ID(ids.count - 1) ? [] : ids
    }

    /// Id of the order that is created after `number` others.
    func id(_ number: Int) -> Order.ID {
        given.isEmpty ? first + Order.ID(number) : given[number]
    }

    /// Which of the `count` orders created so far has an id; `nil` for an order that was there before, or is not there.
    func number(of id: Order.ID, among count: Int) -> Int? {
        guard id >= first, count > 0 else { return nil }
        guard !given.isEmpty else { return id - first < Order.ID(count) ? Int(id - first) : nil }
        let number = given[..<count].partitioningIndex { $0 >= id }
        return number < count && given[number] == id ? number : nil
    }
}
