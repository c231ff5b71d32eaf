/// The statements that batches are stored with, put together once.
struct WriteStatements: Sendable {
    let createOrders, lockOrders, readKeys, takeIDs, storeToken, readToken, removeTokens, removeOldTokens: Statement
    let insertOrders, updateOrders, insertKeys, tryOut: Statement

    init(_ names: SQLNames) {
        createOrders = names.createOrders
        lockOrders = names.lockOrders
        readKeys = names.readKeys
        takeIDs = names.takeIDs
        storeToken = names.storeToken
        readToken = names.readToken
        removeTokens = names.removeTokens
        removeOldTokens = names.removeOldTokens
        insertOrders = names.insertOrders
        updateOrders = names.updateOrders
        insertKeys = names.insertKeys
        tryOut = names.tryOut
    }
}
