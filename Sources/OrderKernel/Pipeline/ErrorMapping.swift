/// The one place where errors become problems.
enum ErrorMapping {
    /// Whether the error says what a client is told.
    static func isForeseen(_ error: any Error) -> Bool {
        error is OrderError || error is Problem || error is StorageError || error is CancellationError
    }

    /// What the operator has to know, and no client is told; `nil` where the client is told all.
    static func reason(of error: any Error) -> String? {
        if let error = error as? StorageError {
            let isDefect = error.kind == .failed || error.code == StorageError.miscounted
            return isDefect ? "\(error.detail) (\(error.code))" : nil
        }
        return isForeseen(error) ? nil : "\(error)"
    }

    static func problem(for error: any Error) -> Problem {
        switch error {
        case let error as OrderError: problem(for: error)
        case let error as Problem: error
        case let error as StorageError: problem(for: error)
        case is CancellationError: Problem(.overloaded, "The service stops; nothing was done.")
        default: Problem(.internal, "Something went wrong inside the service.")
        }
    }

    private static func problem(for error: OrderError) -> Problem {
        switch error {
        case .unknownOrder(let id):
            Problem(.unknownOrder, "There is no order \(id).")
        case .keyReused:
            Problem(.keyReused, "The idempotency key was used for another create, or its order is gone.")
        case .revisionConflict(let current):
            Problem(.revisionConflict, "The order has revision \(current).")
        case .transitionRefused(let from, let to):
            Problem(.transitionRefused, "An order that is \(from.rawValue) cannot become \(to.rawValue).")
        case .overloaded:
            Problem(.overloaded, "Too many requests are waiting; nothing was done.")
        case .deadlineExceeded:
            Problem(.deadlineExceeded, "The deadline passed; nothing was done.")
        case .refused(let problem):
            problem
        }
    }

    private static func problem(for error: StorageError) -> Problem {
        switch error.kind {
        case .unavailable, .tooMuch:
            Problem(.storageUnavailable, "Storage is unavailable (\(error.code)); nothing was done.")
        case .deadlineExceeded where error.code != "deadline":
            Problem(.deadlineExceeded, "Storage could not go on before the deadline (\(error.code)); nothing was done.")
        case .deadlineExceeded: problem(for: OrderError.deadlineExceeded)
        case .outcomeUnknown:
            Problem(.outcomeUnknown, "Storage did not say whether the order was stored (\(error.code)).")
        case .failed:
            Problem(.internal, "Storage failed (\(error.code)); nothing was done.")
        }
    }
}
