internal import Synchronization

/// Counts orders that were created, changed and refused.
final class OrderMeter: Sendable {
    /// The orders of one wood type.
    private struct Wood {
        let name: String
        /// By status, in the order of its cases.
        let created: [CounterCell]
        let refused: RefusalCells
    }

    /// Refusals, each kind with a cell of its own once it was met.
    private final class RefusalCells: Sendable {
        private let cells = Mutex<[(code: ProblemCode, cell: CounterCell)]>([])  // protects which codes were met

        func cell(_ code: ProblemCode, _ make: () -> CounterCell) -> CounterCell {
            cells.withLock { cells in
                if let known = cells.first(where: { $0.code == code }) { return known.cell }
                let cell = make()
                cells.append((code, cell))
                return cell
            }
        }
    }

    private let woods: [Wood]
    private let unknown = RefusalCells()
    private let updated: [CounterCell]
    private let telemetry: Telemetry

    init(_ rules: OrderRules, _ telemetry: Telemetry) {
        self.telemetry = telemetry
        woods = rules.woodTypes.map { wood in
            Wood(
                name: wood,
                created: OrderStatus.allCases.map { status in
                    Self.cell(
                        telemetry, "orderd.orders.created", "Orders that were created.",
                        [Self.wood(wood), Self.status(status)])
                }, refused: RefusalCells())
        }
        updated = OrderStatus.allCases.map { status in
            Self.cell(
                telemetry, "orderd.orders.updated", "Changes of orders, by the status they have since.",
                [Self.status(status)])
        }
    }

    /// Counts what became of a request.
    func count(_ operation: OrderRequest.Operation, _ outcome: Outcome) {
        guard telemetry.signals.contains(.metrics) else { return }
        switch outcome {
        case .reply(.created(let order)):
            woods.first { $0.name == order.woodType }?.created[order.status.index].increment()
        case .reply(.updated(let order)): updated[order.status.index].increment()
        case .reply: break
        case .problem(let problem): refuse(operation, problem.code)
        }
    }

    private func refuse(_ operation: OrderRequest.Operation, _ code: ProblemCode) {
        let wood: Wood?
        switch operation {
        case .create(let draft, _): wood = woods.first { $0.name == draft.woodType }
        case .update: wood = nil
        case .undecodable(_, let changesOrders) where changesOrders ?? Self.faults.contains(code): wood = nil
        case .undecodable, .get, .list: return
        }
        let refused = (wood?.refused ?? unknown).cell(code) {
            let name = wood.map { [Self.wood($0.name)] } ?? []
            return Self.cell(
                telemetry, "orderd.orders.refused", "Orders, and changes of orders, that were refused, by the reason.",
                name + [TelemetryAttribute("orderd.problem", .string(code.rawValue))])
        }
        refused.increment()
    }

    /// Why input of which nobody knows what it was meant to be was most likely an order.
    private static let faults: Set<ProblemCode> = [.invalidJSON, .invalidOrder, .bodyTooLarge, .lineTooLong]

    private static func wood(_ name: String) -> TelemetryAttribute {
        TelemetryAttribute("orderd.wood_type", .string(name))
    }

    private static func status(_ status: OrderStatus) -> TelemetryAttribute {
        TelemetryAttribute("orderd.order.status", .string(status.rawValue))
    }

    private static func cell(
        _ telemetry: Telemetry, _ name: String, _ description: String, _ attributes: [TelemetryAttribute]
    ) -> CounterCell {
        telemetry.registry.counter(name, description, unit: "{order}", attributes)
    }
}

extension OrderStatus {
    /// Place among the cases.
    fileprivate var index: Int {
        switch self {
        case .registered: 0
        case .ready: 1
        case .shipped: 2
        case .blocked: 3
        case .closed: 4
        case .unknown: 5
        }
    }
}
