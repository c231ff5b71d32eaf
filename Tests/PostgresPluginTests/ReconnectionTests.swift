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

    @Test("one of several hosts that leaves something out has what libpq takes for it, and nothing of the others")
    func partsLeftOut() {
        #expect(places("postgresql://a,b:2/d").map { $0["port"] } == ["5432", "2"])
        #expect(places("postgresql://u@a,b/d").map { $0["port"] } == ["5432", "5432"])
        #expect(
            places("host=,b hostaddr=127.0.0.1, port=1") == [
                ["hostaddr": "127.0.0.1", "port": "1", "target_session_attrs": "read-write"],
                ["host": "b", "port": "1", "target_session_attrs": "read-write"],
            ])
        let server = Server(url: Secret("postgresql://u:p@a,b:2/d'%3D?connect_timeout=4"), applicationName: "x")
        let parameters = Dictionary(uniqueKeysWithValues: server.parameters(for: server.places[1]))
        #expect(parameters["host"] == "b" && parameters["port"] == "2" && parameters["hostaddr"] == nil)
        #expect(parameters["dbname"] == "dbname='d\\'='" && parameters["connect_timeout"] == "4")
    }

    @Test("where a standby is preferred, every host is asked for one first")
    func preferStandby() {
        #expect(
            places("host=a,b", attributes: "prefer-standby") == [
                ["host": "a", "port": "5432", "target_session_attrs": "standby"],
                ["host": "b", "port": "5432", "target_session_attrs": "standby"],
                ["host": "a", "port": "5432", "target_session_attrs": "any"],
                ["host": "b", "port": "5432", "target_session_attrs": "any"],
            ])
    }

    @Test("a place that is to be first is tried first, then the others in turn")
    func first() {
        var reconnection = Reconnection(places: [["host": "a"], ["host": "b"], ["host": "c"]])
        _ = reconnection.next()
        reconnection.begin(with: ["host": "c"])
        #expect((0..<4).map { _ in reconnection.next().place["host"] } == ["c", "a", "b", "c"])
        reconnection.begin(with: ["host": "elsewhere"])
        #expect(reconnection.next().place["host"] == "a")
    }

    @Test("`connect_timeout` lengthens the longer attempts, and shortens none")
    func patience() {
        func longest(_ url: String) -> Duration? {
            var reconnection = Reconnection(Server(url: Secret(url), applicationName: ""))
            return (0..<4).map { _ in reconnection.next().patience }.max()
        }
        #expect(longest("host=h") == .seconds(3))
        #expect(longest("postgresql://h/d?connect_timeout=1") == .seconds(3))
        #expect(longest("host=h connect_timeout=30") == .seconds(30))
    }

    @Test(
        "what cannot be a connection string is refused, and no part of it is shown",
        arguments: [
            ("postgresql://u:s3/cret@h:1/d", "%2F"), ("postgresql://u:s3@cret@h/d", "%40"),
            ("postgres://u:s3cret@h/d/cret@x?sslmode=require", "%2F"), ("postgresql://u:s3cret@h:s3/d", "port"),
            ("host=a,b port=1,2,3", "3 ports for 2 hosts"), ("host=h port=70000", "port"),
            ("postgresql://h/d?sslmode=s3cret", "verify-full"), ("host=h target_session_attrs=s3", "read-write"),
            ("host=h connect_timeout=s3", "connect_timeout"), ("postgresql://u:s3%zzcret@h/d", "%25"),
            ("host=h s3cret", "single quotes"), ("postgresql://u:s3@h/d?cret=s3", "parameter behind its ?"),
            ("jdbc:postgresql://h/s3", "something else"), ("'host=s3'", "quote"), ("postgresql://[s3/d", "libpq"),
            ("", "is empty"), ("postgresql://h/s3\n", "line break"), ("postgresql://h/s3\0", "NUL"),
        ])
    func faults(url: String, reason: String) throws {
        let fault = try #require(Server.fault(in: url))
        #expect(fault.contains(reason) && !fault.contains("s3") && !fault.contains("cret"))
    }

    @Test(
        "what libpq takes is taken",
        arguments: [
            "postgresql://", "postgresql://u:p%2F%40@h:5433/d", "postgresql://h/d?application_name=a@b",
            "host=a,b port=5432",
            "postgresql://u:p@a:1,b:2/d?target_session_attrs=any", "host=/run/postgresql password='a@/b'",
            "postgresql://%2Frun%2Fpostgresql/d", "service=orders", "postgresql://u@[::1]:5432/d",
            "postgresql+psycopg2://u:p@h/d",
        ])
    func noFault(url: String) {
        let url = Server.withoutDriver(Secret(url)).revealed
        #expect(Server.fault(in: url) == nil)
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
                connection to server at "::1", port 5432 failed: FATAL:  28P01: password authentication failed \
                for user "u"
                LOCATION:  auth_failed, auth.c:334
                """, "authentication", true
            ),
            ("x failed: FATAL:  3D000: database \"d\" does not exist\nLOCATION:  x\n", "unknown_database", true),
            ("x failed: FATAL:  53300: sorry, too many clients already\nLOCATION:  x\n", "too_many_connections", false),
            ("x failed: FATAL:  57P03: the database system is starting up\nLOCATION:  x\n", "server_starting", false),
            (
                "x failed: FATAL:  57P03: the database system is not yet accepting connections\n", "server_starting",
                false
            ),
            ("x failed: FATAL:  57P03: the database system is shutting down\n", "server_stopping", false),
            ("x failed: ВАЖНО:  57P03: система баз данных запускается\nLOCATION:  x\n", "server_starting", false),
            (
                "connection to server at \"password-service\", port 1 failed: No route to host\n", "connection_failed",
                false
            ),
            ("definition of service \"nosuch\" not found\n", "connection_options", true),
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
        #expect(
            error("53100")
                == StorageError(.unavailable, code: "disk_full", detail: "d (53100)", databaseCode: "53100"))
        #expect(error("25006").kind == .unavailable)
        #expect(error("57014").code == "statement_timeout")
        #expect(error("3F000").kind == .unavailable)
        for state in ["53400", "55000", "57P05", "58030", "XX000", "08006", "40003"] {
            #expect(error(state).kind == .unavailable, "\(state)")
        }
        #expect(error("08006").code == "connection_lost")
        for state in ["22003", "23502", "54000", "P0001", "XX001"] { #expect(error(state).kind == .failed, "\(state)") }
        #expect(error("26000").kind == .unavailable)
        #expect(PostgresFailure(.refused, state: "XX000", detail: "d").beforeUse.storageError.kind == .unavailable)
        #expect(
            error("23514") == StorageError(.failed, code: "constraint", detail: "d (23514)", databaseCode: "23514"))
        #expect(PostgresFailure.unreadable("row").storageError.kind == .failed)
        #expect(PostgresFailure.lost("x").storageError.code == "connection_lost")
        #expect(PostgresFailure.lost("x").storageError.databaseCode == nil)
        // A session is given up for it, but nothing has cut its connection.
        #expect(PostgresFailure(.lost, state: "0A000", detail: "d").code == "postgres")
    }
}
