import Foundation
import OrderKernel
import OrderKernelTesting
import Testing

@testable import OTLPPlugin

/// Certificates of one test, made by `openssl`: an authority, a receiver on 127.0.0.1, and a client.
private final class Certificates: Sendable {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("orderd-\(UUID().uuidString)")

    /// - Parameter names: Whose the receiver's certificate is.
    init(names: String = "IP:127.0.0.1") async throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try await run(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=authority",
            "-keyout", "ca.key", "-out", "ca.pem")
        try Data("subjectAltName=\(names)\n".utf8).write(to: folder.appendingPathComponent("names"))
        for name in ["server", "client"] {
            try await run(
                "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=\(name)",
                "-keyout", "\(name).key",
                "-out", "\(name).csr")
            try await run(
                "x509", "-req", "-in", "\(name).csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                "-days", "2", "-extfile", "names", "-out", "\(name).pem")
        }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    private func run(_ arguments: String...) async throws {
        let process = try OrderdProcess(command: ["openssl"] + arguments, in: folder)
        try #require(await process.exitCode() == 0, "\(process.errorLines)")
    }
}

@Suite("OTLP over TLS", .serialized)
struct OTLPSecurityTests {
    @Test("a receiver whose certificate is trusted gets what was sent", arguments: ["grpc", "http/json"])
    func trusted(transfer: String) async throws {
        let certificates = try await Certificates()
        let receiver = try await OTLPReceiver([
            "--tls-cert", certificates.path("server.pem"), "--tls-key", certificates.path("server.key"),
        ])
        let settings = "certificate: \(certificates.path("ca.pem"))"
        try await OTLPFixture.run(
            transfer, to: OTLPFixture.port(receiver, transfer), settings, scheme: "https://"
        ) { try await $0.export(TelemetryBatch.samples[0]) }
        #expect(await receiver.stop() == 0)
        #expect(try receiver.lines("span").count == 1)
    }

    @Test("a receiver whose certificate is not trusted gets nothing", arguments: ["grpc", "http/protobuf"])
    func untrusted(transfer: String) async throws {
        let certificates = try await Certificates()
        let receiver = try await OTLPReceiver([
            "--tls-cert", certificates.path("server.pem"), "--tls-key", certificates.path("server.key"),
        ])
        try await OTLPFixture.run(
            transfer, to: OTLPFixture.port(receiver, transfer), "timeout: 60s", scheme: "https://",
            time: RetryTime.ofLongExport
        ) { exporter in
            let error = await #expect(throws: ExportError.self) { try await exporter.export(TelemetryBatch.samples[0]) }
            #expect(error?.reason == "connection")
            let detail = error?.detail ?? ""
            #expect(
                detail.hasSuffix(": the certificate of 127.0.0.1 cannot be verified: unknown authority, or expired"))
        }
        await receiver.stop()
        #expect(try receiver.lines("span").isEmpty)
    }

    @Test("a receiver whose certificate has another name gets nothing", arguments: ["grpc", "http/protobuf"])
    func misnamed(transfer: String) async throws {
        let certificates = try await Certificates(names: "DNS:elsewhere.test")
        let receiver = try await OTLPReceiver([
            "--tls-cert", certificates.path("server.pem"), "--tls-key", certificates.path("server.key"),
        ])
        let settings = "certificate: \(certificates.path("ca.pem"))\ntimeout: 60s"
        try await OTLPFixture.run(
            transfer, to: OTLPFixture.port(receiver, transfer), settings, scheme: "https://",
            time: RetryTime.ofLongExport
        ) { exporter in
            let error = await #expect(throws: ExportError.self) { try await exporter.export(TelemetryBatch.samples[0]) }
            let detail = error?.detail ?? ""
            #expect(detail.hasSuffix(": the certificate of 127.0.0.1 cannot be verified: it is for another name"))
        }
        await receiver.stop()
        #expect(try receiver.lines("span").isEmpty)
    }

    @Test("a receiver that asks for a certificate is shown one", arguments: ["grpc", "http/protobuf"])
    func mutual(transfer: String) async throws {
        let certificates = try await Certificates()
        let receiver = try await OTLPReceiver([
            "--tls-cert", certificates.path("server.pem"), "--tls-key", certificates.path("server.key"),
            "--client-ca", certificates.path("ca.pem"),
        ])
        let roots = "certificate: \(certificates.path("ca.pem"))\n"
        let own =
            "client_certificate: \(certificates.path("client.pem"))\nclient_key: \(certificates.path("client.key"))"
        let port = OTLPFixture.port(receiver, transfer)
        try await OTLPFixture.run(transfer, to: port, roots + own, scheme: "https://") {
            try await $0.export(TelemetryBatch.samples[0])
        }
        try await OTLPFixture.run(
            transfer, to: port, roots + "timeout: 60s", scheme: "https://", time: RetryTime.ofLongExport
        ) { exporter in
            await #expect(throws: ExportError.self) { try await exporter.export(TelemetryBatch.samples[0]) }
        }
        await receiver.stop()
        #expect(try receiver.lines("span").count == 1)
    }

    @Test("a certificate that cannot be read ends the start, with the name of the file")
    func unreadable() async throws {
        let error = await #expect(throws: PluginError.self) {
            try await OTLPFixture.run("grpc", to: 1, "certificate: /no/such.pem", scheme: "https://") { _ in }
        }
        #expect(error?.description.hasSuffix("cannot be read (/no/such.pem): No such file or directory") == true)
    }
}
