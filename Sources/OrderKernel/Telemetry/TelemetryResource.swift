internal import Glibc

/// What the service is, as OpenTelemetry's semantic conventions name it; the same for every signal, and never changed.
package enum TelemetryResource {
    /// - Parameter version: Of the program; empty where it is not known.
    package static func attributes(serviceName: String, version: String) -> [TelemetryAttribute] {
        var attributes = [
            TelemetryAttribute("process.pid", .int(Int(getpid()))),
            TelemetryAttribute("service.instance.id", .string(instanceID())),
            TelemetryAttribute("service.name", .string(serviceName)),
            TelemetryAttribute("telemetry.sdk.language", .string("swift")),
            TelemetryAttribute("telemetry.sdk.name", .string("orderd")),
        ]
        if !version.isEmpty {
            attributes.append(TelemetryAttribute("service.version", .string(version)))
            attributes.append(TelemetryAttribute("telemetry.sdk.version", .string(version)))
        }
        return attributes
    }

    /// A UUID of version 4 (RFC 9562, section 5.4).
    private static func instanceID() -> String {
        var bits = UInt128.random(in: .min ... .max)
        bits = bits & ~(UInt128(0xf) << 76) | UInt128(0x4) << 76
        bits = bits & ~(UInt128(0x3) << 62) | UInt128(0x2) << 62
        let digits = Array(TraceContext(traceID: bits, spanID: 0, flags: 0).traceIDText)
        let groups = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32]
        return groups.map { String(digits[$0]) }.joined(separator: "-")
    }
}
