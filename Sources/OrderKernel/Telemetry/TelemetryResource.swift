internal import Glibc

/// What the service is, as OpenTelemetry's semantic conventions name it; the same for every signal, and never changed.
package enum TelemetryResource {
    /// - Parameters:
    ///   - version: Of the program; empty where it is not known.
    ///   - others: What the profile says of the service. What the service says of itself counts more, but for its
    ///     instance.
    package static func attributes(
        serviceName: String, version: String, others: [String: String] = [:]
    ) -> [TelemetryAttribute] {
        let own = attributes(serviceName, version)
        let given = others.filter { key, _ in !key.isEmpty && !reserved.contains(key) }
        let kept = own.filter { given[$0.key] == nil }
        return (kept + given.map { TelemetryAttribute($0.key, .string($0.value)) }).sorted { $0.key < $1.key }
    }

    /// Attributes that are not for the profile's section `recording` to say.
    static let reserved: Set = [
        "process.pid", "service.name", "telemetry.sdk.language", "telemetry.sdk.name", "telemetry.sdk.version",
    ]

    /// Why that section cannot say an attribute; `nil` where it can.
    static func fault(of key: String) -> String? {
        if key.isEmpty { return "is an empty name" }
        if key == "service.name" { return "cannot be set here: use the setting service.name" }
        return reserved.contains(key) ? "cannot be set: orderd says it of itself" : nil
    }

    private static func attributes(_ serviceName: String, _ version: String) -> [TelemetryAttribute] {
        var attributes = [
            TelemetryAttribute("host.arch", .string(architecture)),
            TelemetryAttribute("os.type", .string("linux")),
            TelemetryAttribute("process.runtime.name", .string("swift")),
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
        if let name = executableName { attributes.append(TelemetryAttribute("process.executable.name", .string(name))) }
        if let host = hostName { attributes.append(TelemetryAttribute("host.name", .string(host))) }
        return attributes
    }

    /// The file that runs: a distribution has a name of its own.
    private static var executableName: String? {
        withUnsafeTemporaryAllocation(byteCount: Int(PATH_MAX), alignment: 1) { memory in
            guard let start = memory.baseAddress else { return nil }
            let count = readlink("/proc/self/exe", start.assumingMemoryBound(to: CChar.self), memory.count)
            guard count > 0 else { return nil }
            return String(decoding: memory[..<count], as: UTF8.self).split(separator: "/").last.map(String.init)
        }
    }

    private static var hostName: String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { memory in
            guard let start = memory.baseAddress, gethostname(start, 255) == 0 else { return nil }
            start[255] = 0
            let name = String(cString: start)
            return name.isEmpty ? nil : name
        }
    }

    private static var architecture: String {
        #if arch(x86_64)
        "amd64"
        #elseif arch(arm64)
        "arm64"
        #else
        "unknown"
        #endif
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
