/// What a middleware did that none may do. The client hears of a defect, the log of the middleware.
enum MiddlewareMistake: Error, CustomStringConvertible {
    case storedTwice
    case otherReply
    case cancelledItself

    var description: String {
        switch self {
        case .storedTwice: "a middleware passed a write on a second time"
        case .otherReply: "a middleware answered with a reply that is none to the request"
        case .cancelledItself: "a middleware threw CancellationError, though nothing was cancelled"
        }
    }
}

extension OrderRequest {
    /// Whether it is to create or change an order.
    var isWrite: Bool {
        switch operation {
        case .create, .update: true
        case .get, .list, .undecodable: false
        }
    }
}

extension Reply {
    /// Whether it is of a kind that the request can have.
    func answers(_ request: OrderRequest) -> Bool {
        switch (request.operation, self) {
        case (.create, .created), (.create, .replayed), (.update, .updated), (.update, .unchanged), (.get, .found),
            (.get, .notModified), (.list, .page):
            true
        default: false
        }
    }
}
