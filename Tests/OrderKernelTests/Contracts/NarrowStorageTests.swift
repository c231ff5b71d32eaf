import Foundation
import OrderKernel
import OrderKernelTesting
import ServiceLifecycle
import Synchronization
import Testing

@Suite("Storage contract, what is too narrow")
struct NarrowStorageTests {
    @Test("a storage that is too narrow breaks the rule that is about it", arguments: NarrowStorage.Fault.allCases)
    func narrow(fault: NarrowStorage.Fault) async throws {
        let rule = try #require(StorageContract.rules.first { $0.description.contains(fault.rule) })
        let violations = await StorageContract(.process) { _ in NarrowStorage(fault) }.violations(of: rule)
        #expect(!violations.isEmpty)
    }

    @Test("a storage that writes its file only when it is closed breaks the contract, one that writes at once does not")
    func late() async throws {
        let rule = try #require(StorageContract.rules.first { $0.description.contains("kept at once") })
        for moment in [JournalStorage.Moment.commit, .close] {
            let contract = StorageContract(.durable) { JournalStorage($0, writingAt: moment) }
            #expect(await contract.violations(of: rule).isEmpty == (moment == .commit))
        }
    }
}

/// Keeps its writes in a file, written with every batch or only at the end. Knows creates without a key, and updates.
private final class JournalStorage: StoragePlugin {
    enum Moment {
        case commit
        case close
    }

    static let name = "journal"
    static let summary = "Keeps orders in a file, sooner or later."

    private let file: URL
    private let moment: Moment
    private let context: PluginContext
    private let good = InMemoryStorage()
    private let lines = Mutex<[String]>([])  // protects what the file has, or is to have

    init(_ place: StoragePlace, writingAt moment: Moment) {
        self.file = URL(fileURLWithPath: place.folder + "/journal")
        self.moment = moment
        self.context = place.context
    }

    init(_ configuration: NoSettings, context: PluginContext) {
        (file, moment, self.context) = (URL(fileURLWithPath: "/nonexistent/journal"), .close, context)
    }

    func run() async throws {
        let journal = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        for line in journal.split(separator: "\n") {
            _ = try await good.commit(WriteBatch(journalLine: line))
            lines.withLock { $0.append(String(line)) }
        }
        context.ready()
        try? await gracefulShutdown()
        if moment == .close { try write() }
    }

    func commit(_ batch: WriteBatch) async throws(StorageError) -> [WriteOutcome] {
        let outcomes = try await good.commit(batch)
        lines.withLock { $0 += batch.journalLines }
        do {
            if moment == .commit { try write() }
        } catch {
            throw StorageError(.outcomeUnknown, code: "write", detail: "\(error)")
        }
        return outcomes
    }

    func order(_ id: Order.ID, before deadline: Instant) async throws(StorageError) -> Order? {
        try await good.order(id, before: deadline)
    }

    func orders(_ query: OrderQuery, before deadline: Instant) async throws(StorageError) -> [Order] {
        try await good.orders(query, before: deadline)
    }

    private func write() throws {
        try Data(lines.withLock { $0.joined(separator: "\n") }.utf8).write(to: file, options: .atomic)
    }
}

extension WriteBatch {
    /// One line for each write: its time, and the customer of a create or the id and the status of an update.
    fileprivate var journalLines: [String] {
        writes.map { write in
            switch write {
            case .create(let draft, _): "\(time.milliseconds) \(draft.customerID ?? "")"
            case .update(let id, let change): "\(time.milliseconds) \(id) \(change.status.rawValue)"
            }
        }
    }

    fileprivate init(journalLine line: Substring) {
        let words = line.split(separator: " ", omittingEmptySubsequences: false)
        let write: Write =
            if words.count == 3 {
                .update(
                    Order.ID(words[1]) ?? 0, OrderChange(status: OrderStatus(rawValue: String(words[2])) ?? .closed))
            } else {
                .create(
                    OrderDraft(customerID: words[1].isEmpty ? nil : String(words[1]), woodType: "oak", quantity: 5),
                    key: nil)
            }
        self.init(
            writes: [write], time: Timestamp(milliseconds: Int64(words[0]) ?? 0), deadline: .now, rules: .standard)
    }
}
