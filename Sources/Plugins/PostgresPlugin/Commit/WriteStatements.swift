internal import OrderKernel

/// The statements that batches are stored with, put together once.
struct WriteStatements: Sendable {
    let lookUp: LookUpStatements
    let storing: StoringStatements
    let tokens: TokenStatements

    init(_ schema: SchemaName) {
        lookUp = LookUpStatements(schema)
        storing = StoringStatements(schema)
        tokens = TokenStatements(schema)
    }
}

extension WriteStatements {
    func insertion(of orders: [Order]) -> Call {
        Call(storing.insertOrders) { values in
            values.append(orders.map(\.id))
            values.append(orders)
            values.append(.timestamp, orders) { $1.append($0.createdAt) }
            values.append(.timestamp, orders) { $1.append($0.updatedAt) }
            values.append(.bigint, orders) { $1.append(Int64($0.revision)) }
        }
    }

    func insertion(of keys: [WriteEffects.TakenKey]) -> Call {
        Call(storing.insertKeys) { values in
            values.append(.bytes, keys, size: 16) { $1.append(Array($0.key.principal.utf8)) }
            values.append(.bytes, keys, size: 48) { $1.append(Array($0.key.text.utf8)) }
            values.append(.bytes, keys, size: 24) { $1.append($0.value.digest) }
            values.append(.bigint, keys) { $1.append($0.value.orderID) }
        }
    }

    /// Takes a token, so that no other attempt of the batch can be committed.
    func taking(_ token: BatchToken, outcomes: [UInt8]?) -> Call {
        Call(tokens.store) { values in
            values.append(token.bytes)
            values.append(outcomes)
        }
    }

    func removal(of tokens: [BatchToken]) -> Call {
        Call(self.tokens.remove) { values in values.append(.uuid, tokens, size: 16) { $1.append($0.bytes) } }
    }

    /// Stores what may change of orders.
    func update(of orders: [Order]) -> Call {
        Call(storing.updateOrders) { values in
            values.append(orders.map(\.id))
            values.append(.text, orders) { $1.append($0.status.rawValue) }
            values.append(.timestamp, orders) { $1.append($0.updatedAt) }
            values.append(.bigint, orders) { $1.append(Int64($0.revision)) }
        }
    }
}

extension Parameters {
    /// Adds what a client says of orders: customers, wood types, quantities, statuses.
    mutating func append(_ orders: [Order]) {
        append(.text, orders, size: 24) { $1.append($0.customerID) }
        append(.text, orders, size: 8) { $1.append($0.woodType) }
        append(.integer, orders, size: 4) { $1.append(Int32($0.quantity)) }
        append(.text, orders, size: 12) { $1.append($0.status.rawValue) }
    }
}
