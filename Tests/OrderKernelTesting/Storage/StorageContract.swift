public import OrderKernel

/// What every storage has to do, as checks that a plugin's own tests run.
///
/// ```swift
/// @Test(arguments: StorageContract.rules)
/// func keeps(_ rule: StorageContract.Rule) async {
///     await StorageContract(.durable) { try MyStorage(.init(folder: $0.folder), context: $0.context) }.check(rule)
/// }
/// ```
public struct StorageContract: Contract {
    /// Whether orders survive that the storage is closed and opened again.
    ///
    /// Whether they survive a loss of power, too, no check can see: what was written is read back from memory. The
    /// storage has to `fsync` its file before a commit returns, and the folder when it has made one.
    public enum Lifetime: Sendable {
        case durable
        case process
    }

    let lifetime: Lifetime
    let make: @Sendable (StoragePlace) throws -> any StoragePlugin

    /// - Parameter make: Makes a storage, opening nothing yet. Made twice with one folder, the second storage finds
    ///   what the first has kept; another folder is empty. One that is durable also finds it in a copy of the folder
    ///   that was taken while the first was open, or beside it, where the first keeps nothing in the folder.
    public init(_ lifetime: Lifetime, make: @escaping @Sendable (StoragePlace) throws -> any StoragePlugin) {
        self.lifetime = lifetime
        self.make = make
    }

    /// Everything that is checked, each rule on a storage of its own.
    public static let rules: [Rule] = writing + keys + reading + texts + batches + running + durability
}

/// What a storage under test is made with.
public struct StoragePlace: Sendable {
    /// An empty folder for what the storage keeps, removed after the check.
    public let folder: String
    public let context: PluginContext
}

extension ContractRule<StorageContract> {
    init(
        _ description: String, for lifetime: StorageContract.Lifetime = .process,
        _ body: @escaping @Sendable (StorageTrial) async throws -> Void
    ) {
        self.init(description) { contract, findings in
            if lifetime == .durable && contract.lifetime == .process { return }
            try await withFolder("storage-contract") { folder in
                try await body(StorageTrial(contract, folder: folder, findings))
            }
        }
    }
}
