/// Keeps orders.
///
/// Calls may come from many tasks at once, but ``commit(_:)`` only from one. A storage with nothing to open writes no
/// ``run()``; it then counts as ready at once.
public protocol StoragePlugin: Plugin {
    /// Opens and migrates, says ready, waits until told to stop, closes.
    ///
    /// Returning without having said ready means that there was nothing to open.
    func run() async throws

    /// Stores a batch, in one transaction.
    ///
    /// When it returns, every later read sees the effects, and they survive a loss of power: at once, or where there is
    /// a ``flusher``, after a flush that begins then.
    /// When the task is cancelled, nobody waits for the outcome any more: what is not over soon is given up.
    /// Neighbours of an order that somebody else is changing need not wait: see ``CurrentRows/held``.
    /// - Returns: One outcome for each write, in list order: what ``WriteBatch/effects(on:nextID:)`` gave.
    /// - Throws: ``StorageError`` with kind `outcomeUnknown` where the batch may have been stored; with any other
    ///   kind nothing of it was.
    func commit(_ batch: WriteBatch) async throws(StorageError) -> [WriteOutcome]

    /// Where ``commit(_:)`` is called, in a storage that has a thread of its own do it: each batch saves two switches
    /// of threads. Asked for once, when the storage is at work. It goes on with tasks also after ``run()`` has
    /// returned, wherever it likes. Without a word commits are called on the threads of the concurrency runtime.
    var commitExecutor: (any TaskExecutor)? { get }

    /// What makes commits durable, in a storage that can commit the next batch meanwhile. Such a storage holds back
    /// what it has read until that is durable. Without a word there is none: a batch is durable when ``commit(_:)``
    /// returns.
    var flusher: (any StorageFlusher)? { get }

    /// Reads one order; `nil` when there is none with that id.
    /// - Throws: ``StorageError``, with kind `deadlineExceeded` when no answer can be had before the deadline.
    func order(_ id: Order.ID, before deadline: Instant) async throws(StorageError) -> Order?

    /// What it keeps orders in, for telemetry. Asked at the start, and for its pools at each collection of metrics.
    var database: DatabaseDescription { get }

    /// Reads at most `query.limit` orders (which may be one more than ``OrderQuery/limits``), ordered by id.
    /// - Throws: ``StorageError``, with kind `deadlineExceeded` when no answer can be had before the deadline.
    func orders(_ query: OrderQuery, before deadline: Instant) async throws(StorageError) -> [Order]

    /// Says how the schema is, or brings it up to date, for an operator: outside of ``run()``, and closing all it
    /// opens.
    /// - Returns: How the schema is when that is done; `nil` for a storage that has none.
    /// - Throws: ``PluginError`` when it cannot be had.
    func schema(_ work: SchemaWork) async throws -> SchemaReport?
}

extension StoragePlugin {
    public static var kind: PluginKind { .storage(Self.self) }
    public func run() async throws {}
    public var database: DatabaseDescription { DatabaseDescription(system: Self.name) }
    public func schema(_ work: SchemaWork) async throws -> SchemaReport? { nil }
    public var commitExecutor: (any TaskExecutor)? { nil }
    public var flusher: (any StorageFlusher)? { nil }
}

/// Makes durable what a storage has committed.
public protocol StorageFlusher: Sendable {
    /// Makes durable what was committed before. Nobody is told of those writes earlier.
    /// - Throws: ``StorageError``; what was committed since the last flush may then be lost.
    func flush() async throws(StorageError)

    /// Where ``flush()`` is called and its writes are answered: as ``StoragePlugin/commitExecutor`` is for commits.
    var flushExecutor: (any TaskExecutor)? { get }
}

extension StorageFlusher {
    public var flushExecutor: (any TaskExecutor)? { nil }
}
