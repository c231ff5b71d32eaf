import OrderKernel
import Testing

@testable import OTLPPlugin

@Suite("A receiver that asks for a long pause", .timeLimit(.minutes(10)))
struct LongPauseTests {
    @Test(
        "is left alone for five minutes, which is told, and then asked again",
        arguments: [("grpc", "--grpc-fail", "UNAVAILABLE"), ("http/protobuf", "--http-fail", "503")])
    func bounded(transfer: String, option: String, code: String) async throws {
        let receiver = try await OTLPReceiver([option, code + ":1:86400"])
        let time = RetryTime(skippingUpTo: .seconds(400))
        try await OTLPFixture.run(
            transfer, to: OTLPFixture.port(receiver, transfer), "timeout: 2000s", time: time
        ) { exporter in
            let error = await #expect(throws: ExportError.self) {
                try await exporter.export(TelemetryBatch.samples[0])
            }
            #expect(error?.isPassing == false && error?.detail.hasSuffix("; nothing is sent for 5m") == true)
            #expect(time.waits == [])
            try await exporter.export(TelemetryBatch.samples[0])
            #expect(time.waits.count == 1 && time.waits[0] <= .seconds(300) && time.waits[0] > .seconds(240))
        }
        #expect(await receiver.stop() == 0)
    }

    @Test("is asked again after five minutes, where an export may take longer than the pause")
    func within() async throws {
        let receiver = try await OTLPReceiver(["--http-fail", "503:1:1000"])
        let time = RetryTime(skippingUpTo: .seconds(400))
        try await OTLPFixture.run("http/protobuf", to: receiver.httpPort, "timeout: 2000s", time: time) { exporter in
            try await exporter.export(TelemetryBatch.samples[0])
            #expect(time.waits.count == 1 && time.waits[0] <= .seconds(300) && time.waits[0] > .seconds(240))
        }
        #expect(await receiver.stop() == 0)
    }
}
