import OrderKernel
import Synchronization
import Testing

@testable import PostgresPlugin

@Suite("Primary")
struct PrimaryTests {
    private let full = ["host": "full"]
    private let now = Instant.now + .seconds(1)

    @Test("only the server that was full says whether it still is")
    func place() {
        let primary = Primary()
        primary.askForRoom(at: full)
        primary.noteRoom(at: ["host": "other"])
        #expect(primary.isCrowdedOut)
        primary.noteRoom(at: full)
        #expect(!primary.isCrowdedOut && !primary.takeDemandForRoom())
    }

    @Test("one that reads ends at a time, and the next ones ever later")
    func pauses() {
        let primary = Primary()
        let woken = Atomic(0)
        primary.wakeReaders { woken.add(1, ordering: .relaxed) }
        let ends = (0..<80).filter { tenth in
            primary.askForRoom(at: full, now: now + .milliseconds(100 * tenth))
            let isToEnd = primary.takeDemandForRoom()
            return isToEnd && !primary.takeDemandForRoom()
        }
        #expect(ends == [0, 10, 30, 70])
        #expect(woken.load(ordering: .relaxed) == 4)
    }
}
