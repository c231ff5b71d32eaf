internal import OrderKernel

/// The statements that batches are stored with, put together once.
struct WriteStatements: Sendable {
    let createOrders, lockOrders, findOrders, readKeys, takeIDs, storeToken, awaitStandby, readToken,
        removeTokens, removeOldTokens: Statement
    let insertOrders, updateOrders, insertKeys: Statement

    init(_ names: SQLNames) {
        createOrders = names.createOrders
        lockOrders = names.lockOrders
        findOrders = names.findOrders
        readKeys = names.readKeys
        takeIDs = names.takeIDs
        storeToken = names.storeToken
        awaitStandby = names.awaitStandby
        readToken = names.readToken
        removeTokens = names.removeTokens
        removeOldTokens = names.removeOldTokens
        insertOrders = names.insertOrders
        updateOrders = names.updateOrders
        insertKeys = names.insertKeys
    }
}

extension WriteStatements {
    func insertion(of orders: [Order]) -> Call {
        Call(insertOrders) { values in
            values.append(orders.map(\.id))
            values.append(orders)
            values.append(.timestamp, orders) { $1.append($0.createdAt) }
            values.append(.timestamp, orders) { $1.append($0.updatedAt) }
            values.append(.bigint, orders) { $1.append(Int64($0.revision)) }
        }
    }

    /// Takes a token, so that no other attempt of the batch can be committed.
    func taking(_ token: BatchToken, outcomes: [UInt8]?) -> Call {
        Call(storeToken) { values in
            values.append(token.bytes)
            values.append(outcomes)
        }
    }

    func removal(of tokens: [BatchToken]) -> Call {
        Call(removeTokens) { values in values.append(.uuid, tokens, size: 16) { $1.append($0.bytes) } }
    }

    /// Stores what may change of orders.
    func update(of orders: [Order]) -> Call {
        Call(updateOrders) { values in
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
