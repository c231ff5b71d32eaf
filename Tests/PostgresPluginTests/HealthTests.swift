import Logging
import OrderKernel
import OrderKernelTesting
import Testing

@testable import PostgresPlugin

@Suite("Health of a PostgreSQL storage")
struct HealthTests {
    let trouble = PostgresFailure(.unreachable, state: "53300", detail: "too many")

    func health(servesOn: Bool, lockPatience: Duration = .seconds(60)) throws -> (Health, PluginContext) {
        let logger = Logger(label: "postgres") { _ in SwiftLogNoOpLogHandler() }
        let context = PluginContext.standalone("postgres", logger: logger, time: SystemTime(), servesOn: servesOn)
        let configuration = try PostgresStorage.Configuration(yaml: "url: postgresql://localhost/orders")
        return (Health(configuration, context, lockPatience: lockPatience), context)
    }

    @Test("a job waits for another that makes the tables, but not without end")
    func locked() throws {
        let (patient, _) = try health(servesOn: false)
        patient.note(.unreachable(.locked, isSure: true))
        #expect(!patient.hasGivenUp.isOpen)
        let (impatient, _) = try health(servesOn: false, lockPatience: .zero)
        impatient.note(.unreachable(.locked, isSure: true))
        #expect(impatient.hasGivenUp.isOpen)
        let error = #expect(throws: PluginError.self) { try impatient.check() }
        #expect(error?.description.contains("another process is bringing the tables up to date") == true)
    }

    @Test("a service waits for as long as that takes, and is not ready")
    func lockedService() throws {
        let (health, context) = try health(servesOn: true, lockPatience: .zero)
        health.note(.unreachable(.locked, isSure: true))
        #expect(!health.hasGivenUp.isOpen)
        #expect(context.state == .unavailable("locked"))
    }

    @Test("while nothing can be read, a storage is not ready, though it can be written to")
    func reads() throws {
        let (health, context) = try health(servesOn: true)
        health.note(.available)
        health.noteReaders(trouble)
        #expect(context.state == .unavailable("too_many_connections"))
        health.note(.available)
        #expect(context.state == .unavailable("too_many_connections"))
        health.noteReaders(nil)
        #expect(context.state == .ready)
    }

    @Test("while nothing can be written, reads make nothing ready; what cannot be swept up is no trouble")
    func writes() throws {
        let (health, context) = try health(servesOn: true)
        health.note(.available)
        health.note(.unswept(trouble))
        #expect(context.state == .ready)
        health.note(.failed(StorageError(.unavailable, code: "disk_full", detail: "")))
        health.noteReaders(trouble)
        health.noteReaders(nil)
        #expect(context.state == .unavailable("disk_full"))
        health.note(.available)
        #expect(context.state == .ready)
    }
}
