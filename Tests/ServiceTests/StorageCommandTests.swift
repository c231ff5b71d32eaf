import Foundation
import OrderKernelTesting
import Testing

/// `orderd storage` tells scripts by its exit code whether `migrate` has something to do.
@Suite("The schema from the command line", .timeLimit(.minutes(5)))
struct StorageCommandTests {
    let folder: ServiceFolder

    init() throws { folder = try ServiceFolder() }

    @Test("of a SQLite file: 69 while steps are missing, 0 when all were taken, 69 where a newer orderd is needed")
    func sqlite() async throws {
        try await folder.checkVerbs("storage.sqlite.path=orders.db") {
            let (_, code) = try await folder.run(
                "/usr/bin/python3",
                [
                    "-c",
                    "import sqlite3; c = sqlite3.connect('orders.db'); "
                        + "c.execute('INSERT INTO schema_steps VALUES (99, 99, 0)'); c.commit()",
                ])
            #expect(code == 0)
        }
    }

    @Test(
        "of a file that `migrate` would refuse: every verb refuses it, and leaves it as it is",
        arguments: [
            ("CREATE TABLE trees (name)", "belongs to another program"),
            ("DROP TABLE orders", "no such table: orders"),
        ])
    func unfit(statement: String, reason: String) async throws {
        let path = "storage.sqlite.path=orders.db"
        if statement.hasPrefix("DROP") { #expect(try await folder.storage("migrate", path).code == 0) }
        let program = "import sqlite3; c = sqlite3.connect('orders.db'); c.execute('\(statement)'); c.commit()"
        #expect(try await folder.run("/usr/bin/python3", ["-c", program]).code == 0)
        for verb in ["status", "plan"] {
            let refused = try await folder.storage(verb, path)
            #expect(refused.code == 69 && refused.output == "")
            #expect(refused.errors.contains(reason))
        }
    }

    @Test("of a file in a directory that is not there: every verb says so")
    func noDirectory() async throws {
        for verb in ["status", "plan", "migrate"] {
            let refused = try await folder.storage(verb, "storage.sqlite.path=nowhere/orders.db")
            #expect(refused.code == 69 && refused.errors.contains("The directory of nowhere/orders.db does not exist"))
        }
    }

    @Test("of a database in RAM: that there is no schema is nothing that a database's client could run")
    func noSchema() async throws {
        let result = try await folder.storage("plan", "storage.sqlite.path=:memory:")
        #expect(result.code == 0 && result.output == "")
        #expect(result.errors == "orderd: storage.sqlite, as it is set up, has no schema to bring up to date")
    }

    @Test("what a storage lacks is told with its name")
    func lacking() async throws {
        let result = try await folder.storage("status", "storage.sqlite.path=nowhere/orders.db")
        #expect(result.errors.hasPrefix("orderd: storage.sqlite: The directory of nowhere/orders.db does not exist"))
    }

    @Test("what is odd with the environment is told here too")
    func warnings() async throws {
        let process = try folder.start(
            "storage", "plan", "--set", "storage.sqlite.path=orders.db", environment: ["OTEL_PROPAGATORS": "x"])
        #expect(await process.exitCode() == 0)
        #expect(process.errorLines.first?.hasPrefix("orderd: OTEL_PROPAGATORS=x counts as unset: ") == true)
    }
}

extension ServiceFolder {
    /// What the verbs of `orderd storage` say and end with, as the schema of a storage goes from none to too new.
    func checkVerbs(_ setting: String, makeTooNew: () async throws -> Void) async throws {
        #expect(try await storage("plan", setting).code == 0)
        let missing = try await storage("status", setting)
        #expect(missing.code == 69)
        #expect(missing.output.contains("step 1: missing\n"))
        #expect(missing.output.hasSuffix("not up to date; `orderd storage migrate` takes what is missing\n"))
        #expect(try await storage("migrate", setting).code == 0)
        let done = try await storage("status", setting)
        #expect(done.code == 0)
        #expect(done.output.hasSuffix("\nup to date\n"))
        try await makeTooNew()
        for verb in ["status", "plan", "migrate"] {
            let refused = try await storage(verb, setting)
            #expect(refused.code == 69)
            #expect(refused.output == "")
            #expect(refused.errors.contains("needs a newer orderd"))
        }
    }

    /// Runs `orderd storage` with a verb.
    func storage(_ verb: String, _ setting: String) async throws -> (output: String, errors: String, code: Int32) {
        let process = try start("storage", verb, "--set", setting)
        let code = await process.exitCode()
        return (String(decoding: process.output, as: UTF8.self), process.errorLines.joined(separator: "\n"), code)
    }
}
