import Glibc
import OrderKernel
import OrderKernelTesting
import Synchronization
import Testing

@testable import SQLitePlugin

@Suite("SQLite storage in trouble")
struct SQLiteTroubleTests {
    private let fixture = SQLiteFixture()

    @Test("a lock that is kept is said as locked, nothing is stored, and the next commit is well again")
    func locked() async throws {
        defer { fixture.remove() }
        try await fixture.running("busy_timeout: 20ms") { storage, context in
            let other = try fixture.otherConnection()
            defer { other.close() }
            try other.execute("BEGIN IMMEDIATE")
            let error = await #expect(throws: StorageError.self) { try await storage.create(3) }
            #expect(error?.kind == .unavailable)
            #expect(error?.code == "locked")
            #expect(context.state == .unavailable("locked"))
            try other.execute("ROLLBACK")
            #expect(try await storage.create(1) == [1])
            #expect(context.state == .ready)
            #expect(try await storage.allIDs() == [1])
        }
    }

    @Test("a commit that is cancelled does not wait for a lock", .timeLimit(.minutes(5)))
    func cancelledWhileLocked() async throws {
        defer { fixture.remove() }
        try await fixture.running(time: ManualTime()) { storage, _ in
            let other = try fixture.otherConnection()
            defer { other.close() }
            try other.execute("BEGIN IMMEDIATE")
            let commit = Task { try await storage.create(1) }
            await waitUntilSomebodyIsInTurn()
            commit.cancel()
            let error = await #expect(throws: StorageError.self) { try await commit.value }
            #expect(error?.kind == .unavailable && error?.code == "locked")
        }
    }

    @Test("a commit that cannot get the lock before its deadline ends with deadlineExceeded")
    func deadlineWhileLocked() async throws {
        defer { fixture.remove() }
        try await fixture.running { storage, _ in
            let other = try fixture.otherConnection()
            defer { other.close() }
            try other.execute("BEGIN IMMEDIATE")
            let batch = WriteBatch(
                writes: [], time: SystemTime().date, deadline: .now + .milliseconds(20), rules: .standard)
            let error = await #expect(throws: StorageError.self) { try await storage.commit(batch) }
            #expect(error?.kind == .deadlineExceeded)
        }
    }

    @Test("a lock that outlasts a commit's deadline is said as locked once it was kept for `busy_timeout`")
    func locksOutLateCommits() async throws {
        defer { fixture.remove() }
        let time = ManualTime()
        try await fixture.running(time: time) { storage, context in
            let other = try fixture.otherConnection()
            try other.execute("BEGIN IMMEDIATE")
            let batch = WriteBatch(writes: [], time: time.date, deadline: time.now + .seconds(1), rules: .standard)
            async let outcomes = storage.commit(batch)
            await waitUntilSomebodyIsInTurn()
            time.advance(by: .seconds(1))
            do {
                _ = try await outcomes
                Issue.record("the commit got the lock")
            } catch {
                #expect((error as? StorageError)?.kind == .deadlineExceeded)
            }
            #expect(context.state == .ready)
            while context.state == .ready { await second(of: time) }
            #expect(context.state == .unavailable("locked"))
            other.close()
            while context.state != .ready { await second(of: time) }
        }
    }

    @Test("the turn and the lock are waited for together, at the start and before a commit")
    func waitsOnce() throws {
        defer { fixture.remove() }
        let other = try fixture.otherConnection()
        defer { other.close() }
        let timeout = Duration.milliseconds(100)
        let turn = open(fixture.path + "-turn", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        defer { close(turn) }
        // Somebody is before it in the turnstile for most of the time, and has the lock all along.
        let time = SteppingTime { if $0 == 60 { flock(turn, LOCK_UN) } }
        func waited(_ body: () throws -> Void) -> Duration {
            flock(turn, LOCK_EX)
            let start = time.restart()
            let error = #expect(throws: SQLiteFailure.self) { try body() }
            #expect(error?.storageError.code == "locked")
            return time.now - start
        }
        let file = DatabaseFile(path: fixture.path, synchronous: .full, busyTimeout: timeout, time: time)
        let writer = try OrderWriter.open(file, commits: DurableCommits())
        defer { writer.close() }
        try other.execute("BEGIN IMMEDIATE")
        #expect(waited { try writer.tryOut() } < timeout * 1.3)
        let start = time.restart()
        writer.connection.patience.givesWay = { true }
        #expect(throws: SQLiteFailure.self, "somebody has a commit to try it with") { try writer.tryOut() }
        writer.connection.patience.givesWay = nil
        #expect(time.now - start < timeout)
        #expect(waited { try OrderWriter.open(file, commits: DurableCommits()).close() } < timeout * 1.3)
    }

    @Test("a reader that holds on is waited for when the log is too long, and not at every commit from then on")
    func oldReader() throws {
        defer { fixture.remove() }
        let timeout = Duration.seconds(1)  // of readers, however long locks are waited for
        let time = SteppingTime { _ in }
        let file = DatabaseFile(path: fixture.path, synchronous: .full, busyTimeout: .seconds(60), time: time)
        let writer = try OrderWriter.open(file, commits: DurableCommits())
        let (reader, other) = (try fixture.otherConnection(), try fixture.otherConnection())
        defer {
            other.close()
            reader.close()
            writer.close()
        }
        func waited() throws -> Duration {
            try writer.tryOut()
            let start = time.restart()
            writer.checkpointRest()
            return time.now - start
        }
        try reader.execute("BEGIN; SELECT count(*) FROM orders")
        #expect(try waited() < timeout)
        try other.execute(
            "PRAGMA wal_autocheckpoint = 0; CREATE TABLE blanks AS SELECT zeroblob(\(file.logLimit.bytes))")
        #expect(try (timeout..<timeout * 1.3).contains(waited()))
        #expect(try waited() < timeout)
        try other.execute("INSERT INTO blanks SELECT * FROM blanks")
        #expect(try waited() >= timeout)
    }

    @Test("nothing is acknowledged once the write-ahead log is gone, and nothing more is stored")
    func logGone() async throws {
        defer { fixture.remove() }
        try await fixture.running { storage, context in
            let flusher = try #require(storage.flusher)
            _ = try await storage.create(1)
            try await flusher.flush()
            _ = try await storage.create(1)
            unlink(fixture.path + "-wal")
            let unknown = await #expect(throws: StorageError.self) { try await flusher.flush() }
            #expect(unknown?.code == "io_error")
            let refusal = await #expect(throws: StorageError.self) { try await storage.create(1) }
            #expect(refusal?.kind == .unavailable && refusal?.code == "io_error")
        }
        #expect(try await fixture.running { storage, _ in try await storage.allIDs() } == [1, 2])
    }

    @Test("nothing is acknowledged while the file is gone, and all goes on when it is back")
    func gone() async throws {
        defer { fixture.remove() }
        try await fixture.running { storage, context in
            var ids = try await storage.create(1)
            rename(fixture.path, fixture.path + "-away")
            let error = await #expect(throws: StorageError.self) { try await storage.create(1) }
            #expect(error?.kind == .unavailable && error?.code == "cannot_open")
            #expect(context.state == .unavailable("cannot_open"))
            rename(fixture.path + "-away", fixture.path)
            ids += try await storage.create(1)
            #expect(ids == [1, 2])
            #expect(context.state == .ready)
        }
    }

    @Test("nothing is read from a file in the place of one that is gone, and the log is left alone")
    func readWhileGone() async throws {
        defer { fixture.remove() }
        try await fixture.running { storage, context in
            let ids = try await storage.create(1)
            rename(fixture.path, fixture.path + "-away")
            for isReplaced in [false, true] {
                if isReplaced { write("", to: fixture.path) }
                let error = await #expect(throws: StorageError.self) { try await storage.allIDs() }
                #expect(error?.kind == .unavailable && error?.code == "cannot_open")
                #expect(context.state == .unavailable("cannot_open"))
                #expect((access(fixture.path, F_OK) == 0) == isReplaced)
                #expect(size(of: fixture.path + "-wal") > 0)
            }
            rename(fixture.path + "-away", fixture.path)
            #expect(try await storage.allIDs() == ids)
        }
    }

    @Test("reads do not wait for a commit that waits for the lock of another process")
    func readsBesideLock() async throws {
        defer { fixture.remove() }
        try await fixture.running("busy_timeout: 60s") { storage, _ in
            _ = try await storage.create(1)
            let other = try fixture.otherConnection()
            defer { other.close() }
            try other.execute("BEGIN IMMEDIATE")
            async let late = storage.create(1)
            await waitUntilSomebodyIsInTurn()
            #expect(try await storage.order(1, before: .now + .seconds(60)) != nil)
            try other.execute("ROLLBACK")
            #expect(try await late == [2])
        }
    }

    @Test("trouble that is over is noticed without a request")
    func recovery() async throws {
        defer { fixture.remove() }
        let time = ManualTime()
        try await fixture.running("busy_timeout: 0s", time: time) { storage, context in
            let other = try fixture.otherConnection()
            try other.execute("BEGIN IMMEDIATE")
            _ = try? await storage.create(1)
            #expect(context.state == .unavailable("locked"))
            other.close()
            while context.state != .ready { await second(of: time) }
        }
    }

    @Test("a list that takes too long ends at its deadline")
    func slowList() async throws {
        defer { fixture.remove() }
        try await fixture.running { storage, _ in
            for _ in 0..<4 { _ = try await storage.create(8_000) }
            let query = OrderQuery(status: .registered, woodType: "pine")
            #expect(try await storage.orders(query, before: .now + .seconds(60)) == [])
            let time = ManualTime()
            let file = DatabaseFile(path: fixture.path, synchronous: .full, busyTimeout: .zero, time: time)
            let connection = try file.connect(cache: .mebibytes(2))
            defer { connection.close() }
            connection.patience.deadline = time.now
            connection.patience.endsAtDeadline = true
            let reader = try OrderReader(connection)
            let error = #expect(throws: SQLiteFailure.self) { try reader.orders(query) }
            #expect(error?.storageError.kind == .deadlineExceeded)
        }
    }

    @Test("a row that cannot be read fails as corrupt, and no other")
    func unreadableRow() async throws {
        defer { fixture.remove() }
        try await fixture.running { storage, context in
            _ = try await storage.create(2)
            let other = try fixture.otherConnection()
            try other.execute("UPDATE orders SET status = 'melted' WHERE id = 2")
            other.close()
            let error = await #expect(throws: StorageError.self) {
                try await storage.order(2, before: .now + .seconds(60))
            }
            #expect(error?.kind == .failed)
            #expect(error?.code == "corrupt" && error?.databaseCode == nil)
            #expect(try await storage.order(1, before: .now + .seconds(60))?.id == 1)
            #expect(context.state == .ready)
        }
    }

    @Test(
        "a full disk refuses whole batches, keeps what was acknowledged, and goes on when there is room",
        .enabled(if: SmallDisk.isPossible, "no file system may be mounted here"))
    func fullDisk() async throws {
        let disk = try #require(SmallDisk(fixture.folder, bytes: 4 << 20))
        defer {
            disk.remove()
            fixture.remove()
        }
        write(String(repeating: "x", count: 1 << 20), to: fixture.folder + "/ballast")
        let time = ManualTime()
        try await fixture.running(time: time) { storage, context in
            var acknowledged: [Order.ID] = []
            var refusal: StorageError?
            while refusal == nil {
                do throws(StorageError) {
                    acknowledged += try await storage.create(100, customer: String(repeating: "c", count: 128))
                } catch {
                    refusal = error
                }
            }
            #expect(refusal?.kind == .unavailable)
            #expect(refusal?.code == "disk_full" && refusal?.databaseCode == "13")
            #expect(context.state == .unavailable("disk_full"))
            #expect(try await storage.allIDs() == acknowledged)
            unlink(fixture.folder + "/ballast")
            acknowledged += try await storage.create(1)
            #expect(context.state == .unavailable("disk_full"))  // a small one may have found room
            time.advance(by: .seconds(1))
            acknowledged += try await storage.create(1)
            #expect(context.state == .ready)
            #expect(try await storage.allIDs() == acknowledged)
        }
    }

    @Test("a full disk is named at the start", .enabled(if: SmallDisk.isPossible, "no file system may be mounted here"))
    func fullDiskAtStart() async throws {
        let disk = try #require(SmallDisk(fixture.folder, bytes: 1 << 20))
        defer {
            disk.remove()
            fixture.remove()
        }
        try await fixture.running { storage, _ in _ = try await storage.create(1) }
        write(String(repeating: "x", count: 2 << 20), to: fixture.folder + "/ballast")
        #expect(await fixture.startError() == "There is no room left for \(fixture.path).")
    }

    @Test(
        "a file system that is read-only is named",
        .enabled(if: SmallDisk.isPossible, "no file system may be mounted here"))
    func readOnly() async throws {
        let disk = try #require(SmallDisk(fixture.folder, bytes: 4 << 20))
        defer {
            disk.remove()
            fixture.remove()
        }
        try await fixture.running { _, _ in }
        disk.makeReadOnly()
        let expected = "\(fixture.path) cannot be written: it, or its file system, is read-only."
        #expect(await fixture.startError() == expected)
    }

    private func second(of time: ManualTime) async {
        time.advance(by: .seconds(1))
        await Task.yield()
    }

    private func waitUntilSomebodyIsInTurn() async {
        let turn = open(fixture.path + "-turn", O_RDWR | O_CLOEXEC)
        defer { close(turn) }
        while flock(turn, LOCK_EX | LOCK_NB) == 0 {
            flock(turn, LOCK_UN)
            await Task.yield()
        }
    }
}

/// A small file system in memory, where this process may make one.
struct SmallDisk {
    private let folder: String

    /// Tried once, as being root is not enough in every container.
    static let isPossible: Bool = {
        let fixture = SQLiteFixture()
        defer { fixture.remove() }
        guard let disk = SmallDisk(fixture.folder, bytes: 1 << 20) else { return false }
        disk.remove()
        return true
    }()

    init?(_ folder: String, bytes: Int) {
        self.folder = folder
        guard mount("tmpfs", folder, "tmpfs", 0, "size=\(bytes)") == 0 else { return nil }
    }

    func makeReadOnly() {
        _ = mount("tmpfs", folder, "tmpfs", UInt(MS_REMOUNT | MS_RDONLY), nil)
    }

    func remove() {
        umount(folder)
    }
}

/// A millisecond goes by whenever it is asked for the time.
private final class SteppingTime: TimeSource {
    private let start = Instant.now
    private let steps = Atomic(0)
    private let stepped: @Sendable (Int) -> Void

    /// - Parameter stepped: Called with the milliseconds since the last start.
    init(stepped: @escaping @Sendable (Int) -> Void) {
        self.stepped = stepped
    }

    var now: Instant {
        let step = steps.add(1, ordering: .relaxed).newValue
        stepped(step)
        return start + .milliseconds(step)
    }

    var date: Timestamp { SystemTime().date }

    func restart() -> Instant {
        steps.store(0, ordering: .relaxed)
        return start
    }

    func sleep(until instant: Instant) async throws { try await SystemTime().sleep(until: instant) }
}
