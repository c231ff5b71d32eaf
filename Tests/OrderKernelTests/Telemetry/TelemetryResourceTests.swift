import Glibc
import Testing

@testable import OrderKernel

@Suite("What the service is")
struct TelemetryResourceTests {
    @Test("what orderd says of itself is for nobody else to say, but for what it cannot know better")
    func own() {
        let others = [
            "process.pid": "1", "telemetry.sdk.name": "other", "service.name": "other", "": "nothing",
            "service.instance.id": "mine", "host.name": "theirs", "team": "wood",
        ]
        let attributes = TelemetryResource.attributes(serviceName: "order", version: "1", others: others)
        func values(_ key: String) -> [TelemetryAttribute.Value] { attributes.filter { $0.key == key }.map(\.value) }
        #expect(values("process.pid") == [.int(Int(getpid()))])
        #expect(values("telemetry.sdk.name") == [.string("orderd")] && values("service.name") == [.string("order")])
        #expect(values("service.instance.id") == [.string("mine")] && values("host.name") == [.string("theirs")])
        #expect(values("team") == [.string("wood")] && values("").isEmpty)
        #expect(attributes.map(\.key) == attributes.map(\.key).sorted())
        #expect(TelemetryResource.fault(of: "process.pid") == "cannot be set: orderd says it of itself")
    }
}
