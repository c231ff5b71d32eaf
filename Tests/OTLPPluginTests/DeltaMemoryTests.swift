import OrderKernel
import Testing

@testable import OTLPPlugin

@Suite("DeltaMemory", .serialized)
struct DeltaMemoryTests {
    @Test("what a receiver did not take is a part of the next difference", arguments: OTLPFixture.transfers)
    func refusedDifference(transfer: String) async throws {
        let receiver = try await OTLPReceiver(
            transfer == "grpc" ? ["--grpc-fail", "INVALID_ARGUMENT:1"] : ["--http-fail", "400:1"])
        let port = OTLPFixture.port(receiver, transfer)
        try await OTLPFixture.run(transfer, to: port, "timeout: 0s\ntemporality: delta") { exporter in
            await #expect(throws: ExportError.self) { try await exporter.export(Self.orders(3, at: 2)) }
            try await exporter.export(Self.orders(5, at: 3))
            try await exporter.export(Self.orders(9, at: 4))
        }
        #expect(await receiver.stop() == 0)
        let points = try Self.points(receiver)
        #expect(points.map { $0["value"] as? Int } == [5, 4])
        #expect(points.map { $0["start_time_unix_nano"] as? Int } == [1_000_000_000, 3_000_000_000])
    }

    @Test("what a receiver may have taken is no part of the next difference", arguments: OTLPFixture.transfers)
    func partlyTakenDifference(transfer: String) async throws {
        let receiver = try await OTLPReceiver(["--partial", "1"])
        let port = OTLPFixture.port(receiver, transfer)
        try await OTLPFixture.run(transfer, to: port, "temporality: delta") { exporter in
            for (value, second) in [(3, 2), (5, 3)] {
                let batch = Self.orders(Int64(value), at: UInt64(second))
                let error = await #expect(throws: ExportError.self) { try await exporter.export(batch) }
                #expect(error?.reason == "rejected")
            }
        }
        #expect(await receiver.stop() == 0)
        #expect(try Self.points(receiver).map { $0["value"] as? Int } == [3, 2])
    }

    @Test("with lowmemory what is observed adds up from the beginning")
    func observed() async throws {
        let receiver = try await OTLPReceiver()
        try await OTLPFixture.run("grpc", to: receiver.grpcPort, "temporality: lowmemory") { exporter in
            try await exporter.export(Self.orders(5, at: 3, isObserved: true))
            try await exporter.export(Self.orders(9, at: 4, isObserved: true))
        }
        #expect(await receiver.stop() == 0)
        #expect(try Self.points(receiver).map { $0["value"] as? Int } == [5, 9])
    }

    /// A number of orders since second 1.
    private static func orders(_ value: Int64, at second: UInt64, isObserved: Bool = false) -> TelemetryBatch {
        let point = MetricRecord.Point(
            attributes: [], start: TelemetryTime(nanoseconds: 1_000_000_000),
            time: TelemetryTime(nanoseconds: second * 1_000_000_000), value: MetricRecord.Number.int(value))
        var record = MetricRecord(name: "orders", data: .sum([point], isMonotonic: true))
        record.isObserved = isObserved
        return TelemetryBatch(resource: TelemetryBatch.samples[0].resource, metrics: [record])
    }

    /// The first point of each metric that was received.
    private static func points(_ receiver: OTLPReceiver) throws -> [[String: Any]] {
        try receiver.lines("metric").compactMap { line in
            ((line["metric"] as? [String: Any])?["points"] as? [[String: Any]])?.first
        }
    }
}
