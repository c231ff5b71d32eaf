import OrderKernel
import Testing

@testable import PostgresPlugin

@Suite("Where to connect")
struct ReconnectionTests {
    func places(_ url: String, attributes: String = "") -> [Place] {
        var server = Server(url: Secret(url), applicationName: "")
        server.sessionAttributes = attributes
        return server.places
    }

    @Test("one host is left to libpq, in every form of a connection string")
    func oneHost() {
        for url in [
            "postgresql://u:p@h:5433/d?sslmode=require", "host=/run/postgresql dbname=d", "service=orders", "",
        ] {
            #expect(places(url) == [[:]], "\(url)")
        }
        #expect(places("host=h", attributes: "prefer-standby") == [["target_session_attrs": "prefer-standby"]])
    }

    @Test("several hosts are tried one after another, for one that takes writes")
    func severalHosts() {
        #expect(
            places("postgresql://a:1,b:2/d") == [
                ["host": "a", "port": "1", "target_session_attrs": "read-write"],
                ["host": "b", "port": "2", "target_session_attrs": "read-write"],
            ])
        #expect(
            places("host=a,b hostaddr=127.0.0.1,127.0.0.2 port=7 target_session_attrs=any") == [
                ["host": "a", "hostaddr": "127.0.0.1", "port": "7", "target_session_attrs": "any"],
                ["host": "b", "hostaddr": "127.0.0.2", "port": "7", "target_session_attrs": "any"],
            ])
    }

    @Test("where a standby is preferred, every host is asked for one first")
    func preferStandby() {
        #expect(
            places("host=a,b", attributes: "prefer-standby") == [
                ["host": "a", "target_session_attrs": "standby"], ["host": "b", "target_session_attrs": "standby"],
                ["host": "a", "target_session_attrs": "any"], ["host": "b", "target_session_attrs": "any"],
            ])
    }

    @Test("each host has its turn, with more patience now and then, and a pause when all were tried")
    func turns() {
        var reconnection = Reconnection(places: [["host": "a"], ["host": "b"]])
        #expect(!reconnection.hasTriedAll)
        var attempts: [String] = []
        for _ in 0..<8 {
            let (place, patience) = reconnection.next()
            attempts.append((place["host"] ?? "") + (patience > .seconds(1) ? "!" : ""))
        }
        #expect(attempts == ["a", "b", "a", "b", "a", "b", "a!", "b!"])
        #expect(reconnection.hasTriedAll && reconnection.hasTriedAllLong)
        #expect(reconnection.pause > .zero)
        reconnection.succeed(after: .milliseconds(10))
        #expect(!reconnection.hasTriedAll)
        #expect(reconnection.next().patience == .milliseconds(700))
        #expect(reconnection.pause == .zero)
    }

    @Test("a server that is slow to answer gets the time that it took before")
    func experience() {
        var reconnection = Reconnection(places: [[:]])
        reconnection.succeed(after: .milliseconds(500))
        #expect(reconnection.next().patience == .milliseconds(1_500))
        reconnection.succeed(after: .seconds(9))
        #expect(reconnection.next().patience == .seconds(3))
    }
}

@Suite("What went wrong with a server")
struct PostgresFailureTests {
    @Test("libpq's words of a failed connection become a code, and whether waiting helps")
    func connecting() {
        let cases: [(String, String, Bool)] = [
            (
                """
                connection to server at "::1", port 5432 failed: FATAL:  28P01: password authentication failed for user "u"
                LOCATION:  auth_failed, auth.c:334
                """, "authentication", true
            ),
            ("x failed: FATAL:  3D000: database \"d\" does not exist\nLOCATION:  x\n", "unknown_database", true),
            ("x failed: FATAL:  53300: sorry, too many clients already\nLOCATION:  x\n", "too_many_connections", false),
            ("x failed: FATAL:  57P03: the database system is starting up\nLOCATION:  x\n", "server_stopping", false),
            ("x failed: Connection refused\n\tIs the server running on that host\n", "connection_refused", false),
            ("x failed: SSL error: certificate verify failed\n", "certificate", true),
            ("x failed: session is read-only\n", "read_only", false),
            ("could not translate host name \"h\" to address: Name or service not known\n", "unknown_host", false),
        ]
        for (text, code, isHopeless) in cases {
            let failure = PostgresFailure(connecting: text)
            #expect(failure.code == code, "\(text)")
            #expect(failure.isHopeless == isHopeless, "\(text)")
            #expect(failure.isPassing != isHopeless, "\(text)")
        }
    }

    @Test("what a client may conclude follows from the server's code")
    func kinds() {
        func error(_ state: String) -> StorageError {
            PostgresFailure(.refused, state: state, detail: "d").storageError
        }
        #expect(error("53100") == StorageError(.unavailable, code: "disk_full", detail: "d (53100)"))
        #expect(error("25006").kind == .unavailable)
        #expect(error("57014").code == "statement_timeout")
        #expect(error("3F000").kind == .unavailable)
        #expect(error("23514") == StorageError(.failed, code: "constraint", detail: "d (23514)"))
        #expect(PostgresFailure.unreadable("row").storageError.kind == .failed)
        #expect(PostgresFailure.lost("x").storageError.code == "connection_lost")
    }
}
