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
    /// Whether each time that it comes to storage may store something: a create with a key does so once.
    var isStoredEachTime: Bool {
        switch operation {
        case .create(_, key: nil), .update: true
        case .create, .get, .list, .undecodable: false
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
        // A middleware may know how to read what was not read.
        case (.undecodable(_, let changesOrders), _): changesOrders.map { $0 == isOfWrite } ?? true
        default: false
        }
    }

    private var isOfWrite: Bool {
        switch self {
        case .created, .replayed, .updated, .unchanged: true
        case .found, .notModified, .page: false
        }
    }
}
