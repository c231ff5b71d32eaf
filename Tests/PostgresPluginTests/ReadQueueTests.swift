import OrderKernel
import Testing

@testable import PostgresPlugin

@Suite("Reads that wait")
struct ReadQueueTests {
    let start = Instant.now

    var wait: ReadWait { ReadWait(from: start, before: start + .seconds(30), patience: .seconds(5)) }

    func point(_ id: Order.ID) -> PointRead { PointRead(id: id, wait: wait, answer: ReadAnswer(nil)) }
    var list: ListRead { ListRead(query: OrderQuery(), wait: wait, answer: ReadAnswer(nil)) }

    func ids(_ turn: ReadTurn?) -> [Order.ID] {
        if case .points(let reads) = turn { reads.map(\.id) } else { [] }
    }

    func lists(_ turn: ReadTurn?) -> Int {
        if case .lists(let reads) = turn { reads.count } else { 0 }
    }

    func isNothing(_ turn: ReadTurn?) -> Bool { turn.map { _ in false } ?? true }

    @Test("one reader is woken for single orders, and takes those that came meanwhile with them")
    func points() {
        var queue = ReadQueue(readers: 3)
        #expect([queue.awaitsReader(0), queue.awaitsReader(1)] == [false, false])
        #expect(queue.enter(point(1)).wake == 1)
        #expect(queue.enter(point(2)).wake == nil)
        #expect(queue.awaitsReader(1) == true)
        #expect(ids(queue.take()) == [1, 2])
        #expect(isNothing(queue.take()))
    }

    @Test("a reader that is busy, with a connection that it makes or a read that another was woken for, is not woken")
    func busy() {
        var queue = ReadQueue(readers: 2)
        #expect([queue.awaitsReader(0), queue.awaitsReader(1)] == [false, false])
        #expect(queue.awaitsReader(1, isConnecting: true) == true)
        #expect(queue.enter(list).wake == 0)
        #expect(queue.awaitsReader(1) == true)
        #expect(lists(queue.take()) == 1)
        #expect(queue.enter(list).wake == nil)
    }

    @Test("while a reader reads, single orders gather; another joins in when there are many")
    func crowd() {
        var queue = ReadQueue(readers: 3)
        _ = queue.awaitsReader(0)
        _ = queue.enter(point(0))
        _ = queue.take()
        for id in 1...ReadQueue.crowd { #expect(queue.enter(point(Order.ID(id))).wake == nil) }
        #expect(queue.awaitsReader(1) == false)
        #expect(queue.enter(point(99)).wake == 1)
        #expect(ids(queue.take()).count == ReadQueue.crowd + 1)
        queue.leave()
        queue.leave()
        #expect(queue.awaitsReader(0) == false)
    }

    @Test("a reader that cannot connect leaves its work to another, and is the last to be woken again")
    func unconnected() {
        var queue = ReadQueue(readers: 3)
        #expect([queue.awaitsReader(0), queue.awaitsReader(1), queue.awaitsReader(2)] == [false, false, false])
        #expect(queue.enter(list).wake == 2)
        #expect(queue.pass(from: 2) == 1)
        #expect(lists(queue.take()) == 1)
        #expect([queue.awaitsReader(1), queue.awaitsReader(2)] == [false, false])
        #expect(queue.enter(list).wake == 1)
        #expect(queue.pass(from: 1) == 0)
        #expect(queue.pass(from: 0) == 2)
        #expect(queue.pass(from: 2) == nil)
        #expect(queue.removeLists().count == 1)
        #expect(queue.isEmpty)
    }

    @Test("what gathered is read when the reader is done")
    func next() {
        var queue = ReadQueue(readers: 3)
        _ = queue.enter(point(1))
        _ = queue.take()
        _ = queue.enter(point(2))
        #expect(isNothing(queue.take()))
        queue.leave()
        #expect(queue.awaitsReader(0) == true)
        #expect(ids(queue.take()) == [2])
    }

    @Test("each list wakes a reader; a reader takes several only where lists outnumber readers")
    func listsWake() {
        var queue = ReadQueue(readers: 3)
        for reader in 0..<3 { _ = queue.awaitsReader(reader) }
        #expect(queue.enter(list).wake == 2)
        #expect(queue.enter(list).wake == 1)
        #expect(lists(queue.take()) == 1)
        #expect(queue.enter(list).wake == 0)
        for _ in 0..<9 { #expect(queue.enter(list).wake == nil) }
        #expect(lists(queue.take()) == ReadQueue.listsAtOnce)
    }

    @Test("what is put back is read first, and what waited for too long is taken out")
    func putBack() {
        var queue = ReadQueue(readers: 3)
        _ = queue.enter(point(2))
        queue.putBack(.points([point(1)]))
        #expect(ids(queue.take()) == [1, 2])
        queue.leave()
        queue.putBack(.points([point(1)]))
        queue.putBack(.lists([list]))
        #expect(queue.removeHopeless(at: start + .seconds(4)).points.isEmpty)
        let hopeless = queue.removeHopeless(at: start + .seconds(5))
        #expect(hopeless.points.map(\.id) == [1] && hopeless.lists.count == 1)
        #expect(queue.isEmpty)
    }

    @Test("a read whose connection was lost waits anew for another, but not beyond its deadline")
    func again() {
        var queue = ReadQueue(readers: 3)
        for (lost, end) in [(Duration.seconds(4), Duration.seconds(9)), (.seconds(27), .seconds(30))] {
            var read = point(1)
            read.wait.beginAgain(at: start + lost)
            queue.putBack(.points([read]))
            #expect(queue.removeHopeless(at: start + end - .milliseconds(1)).points.isEmpty)
            #expect(queue.removeHopeless(at: start + end).points.count == 1)
        }
    }

    @Test("a closed queue takes nothing more, and still lets its readers read what waits")
    func closed() {
        var queue = ReadQueue(readers: 3)
        _ = queue.enter(point(1))
        queue.close()
        #expect([queue.enter(point(2)).isTaken, queue.enter(list).isTaken] == [false, false])
        #expect([queue.awaitsReader(0), queue.isEmpty] == [true, false])
        #expect(ids(queue.take()) == [1])
        #expect(queue.isEmpty)
    }

    @Test("where single orders never end, lists have every other turn")
    func alternation() {
        var queue = ReadQueue(readers: 1)
        for id in 1...3 {
            _ = queue.enter(point(Order.ID(2 * id)))
            _ = queue.enter(list)
            #expect(ids(queue.take()) == [Order.ID(2 * id)])
            queue.leave()
            _ = queue.enter(point(Order.ID(2 * id + 1)))
            #expect(lists(queue.take()) == 1)
            #expect(ids(queue.take()) == [Order.ID(2 * id + 1)])
            queue.leave()
        }
    }
}
