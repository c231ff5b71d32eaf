internal import Foundation
internal import Synchronization

/// A wire between a client and a server that a test cuts: a relay on a port of its own.
///
/// It counts the bytes of one direction, and after so many of them does something to the connection that carries them.
/// Connections that are made later pass.
public final class TroubledWire: Sendable {
    /// Which bytes are counted.
    public enum Direction: Sendable, CaseIterable {
        case toServer
        case toClient
    }

    /// What becomes of the connection after the last byte that passes.
    public enum Trouble: Sendable, CaseIterable {
        /// Both ends learn at once that it is over.
        case cut
        /// Nothing passes any more, in no direction, and nobody is told, not even when an end closes.
        case silence
    }

    private struct Plan {
        let trouble: Trouble
        let direction: Direction
        var bytesLeft: Int
        var isDone = false
    }

    private struct State {
        var plan: Plan?
        var relays: [Relay] = []
    }

    /// Port that clients connect to.
    public let port: Int
    private let listener: ListeningSocket
    private let serverPort: Int
    private let state = Mutex(State())  // protects the plan, and the connections that were made

    private init(to serverPort: Int) throws {
        self.serverPort = serverPort
        listener = try ListeningSocket()
        port = listener.port
    }

    /// Lends a relay to a port of 127.0.0.1.
    public static func withWire<Value>(to port: Int, _ body: (TroubledWire) async throws -> Value) async throws -> Value
    {
        let wire = try TroubledWire(to: port)
        Thread.detachNewThread { wire.accept() }
        defer { wire.end() }
        return try await body(wire)
    }

    /// Lets so many bytes of a direction pass from now on, and then makes trouble, once.
    public func plan(_ trouble: Trouble, after bytes: Int, _ direction: Direction) {
        state.withLock { $0.plan = Plan(trouble: trouble, direction: direction, bytesLeft: bytes) }
    }

    /// Forgets the plan.
    /// - Returns: Whether it was carried out.
    @discardableResult
    public func forget() -> Bool {
        state.withLock { state in
            defer { state.plan = nil }
            return state.plan?.isDone == true
        }
    }

    private func accept() {
        while let client = listener.accept() {
            guard let server = ListeningSocket.connect(to: serverPort) else {
                close(client)
                continue
            }
            let relay = Relay(client: client, server: server)
            state.withLock { $0.relays.append(relay) }
            for direction in Direction.allCases {
                Thread.detachNewThread { relay.run(direction) { self.pass($0, direction) } }
            }
        }
    }

    /// - Returns: How many of so many bytes pass, and what happens then.
    private func pass(_ count: Int, _ direction: Direction) -> (count: Int, trouble: Trouble?) {
        state.withLock { state in
            guard let plan = state.plan, !plan.isDone, plan.direction == direction else { return (count, nil) }
            guard plan.bytesLeft <= count else {
                state.plan?.bytesLeft -= count
                return (count, nil)
            }
            state.plan?.isDone = true
            return (plan.bytesLeft, plan.trouble)
        }
    }

    private func end() {
        listener.end()
        state.withLock { $0.relays }.forEach { $0.end() }
    }
}

/// One connection that is passed on, by a thread for each direction.
private final class Relay: Sendable {
    private struct State {
        var isSilent = false
        var threads = 2
    }

    private let client: Int32
    private let server: Int32
    private let state = Mutex(State())  // protects whether anything passes, and the descriptors until both threads end

    init(client: Int32, server: Int32) {
        self.client = client
        self.server = server
    }

    func run(_ direction: TroubledWire.Direction, _ pass: (Int) -> (count: Int, trouble: TroubledWire.Trouble?)) {
        let (source, sink) = direction == .toServer ? (client, server) : (server, client)
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = read(source, &buffer, buffer.count)
            guard count > 0 else { break }
            if state.withLock({ $0.isSilent }) { continue }
            let (passing, trouble) = pass(count)
            guard write(buffer[..<passing], to: sink) else { break }
            if trouble == .cut { end() }
            if trouble == .silence { state.withLock { $0.isSilent = true } }
        }
        state.withLock { state in
            if !state.isSilent { shutdown(sink, Int32(SHUT_WR)) }
            state.threads -= 1
            guard state.threads == 0 else { return }
            close(client)
            close(server)
        }
    }

    /// Ends the connection for both ends.
    func end() {
        state.withLock { state in
            guard state.threads > 0 else { return }
            shutdown(client, Int32(SHUT_RDWR))
            shutdown(server, Int32(SHUT_RDWR))
        }
    }

    private func write(_ bytes: ArraySlice<UInt8>, to sink: Int32) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var sent = 0
            while sent < bytes.count {
                let count = send(
                    sink, bytes.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
                guard count > 0 else { return false }
                sent += count
            }
            return true
        }
    }
}
