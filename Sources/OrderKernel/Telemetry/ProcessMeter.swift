internal import Glibc

/// What the process takes of the machine, from `/proc/self`; asked at each collection of metrics.
struct ProcessMeter: Sendable {
    private let clock: TelemetryClock
    private let start: TelemetryTime
    private let ticks: Double
    private let pageSize: Int

    init(_ clock: TelemetryClock) {
        self.clock = clock
        start = clock.now
        ticks = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
        pageSize = sysconf(Int32(_SC_PAGESIZE))
    }

    /// As OpenTelemetry's conventions for processes name it; without what the system does not tell.
    func measure() -> [MetricRecord] {
        let now = clock.now
        let uptime = Double(now.nanoseconds - start.nanoseconds) / 1_000_000_000
        return processorTime(now) + memory(now) + threads(now) + descriptors(now) + [
            MetricRecord(
                name: "process.uptime", description: "Time since the service was started.", unit: "s",
                data: .gauge([point(.double(uptime), now)]))
        ]
    }

    private func processorTime(_ now: TelemetryTime) -> [MetricRecord] {
        guard let fields = statistics, fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12])
        else { return [] }
        let points = [("user", user), ("system", system)].map { mode, value in
            point(.double(value / ticks), now, [TelemetryAttribute("cpu.mode", .string(mode))])
        }
        return [
            MetricRecord(
                name: "process.cpu.time", description: "Time of processors that was used.", unit: "s",
                data: .sum(points, isMonotonic: true))
        ]
    }

    private func threads(_ now: TelemetryTime) -> [MetricRecord] {
        guard let fields = statistics, fields.count > 17, let count = Int64(fields[17]) else { return [] }
        return [sum("process.thread.count", "Threads.", "{thread}", count, now)]
    }

    private func memory(_ now: TelemetryTime) -> [MetricRecord] {
        guard let pages = Self.read("/proc/self/statm")?.split(separator: " "), pages.count > 1,
            let virtual = Int64(pages[0]), let resident = Int64(pages[1])
        else { return [] }
        let size = Int64(pageSize)
        return [
            sum("process.memory.usage", "Memory that is in use.", "By", resident * size, now),
            sum("process.memory.virtual", "Memory that is reserved.", "By", virtual * size, now),
        ]
    }

    private func descriptors(_ now: TelemetryTime) -> [MetricRecord] {
        guard let folder = opendir("/proc/self/fd") else { return [] }
        defer { closedir(folder) }
        var count: Int64 = -3  // the folder itself, `.` and `..`
        while readdir(folder) != nil { count += 1 }
        let name = "process.unix.file_descriptor.count"
        return [sum(name, "File descriptors that are open.", "{file_descriptor}", count, now)]
    }

    /// The fields of `/proc/self/stat` behind the program's name, which may hold anything.
    private var statistics: [Substring]? {
        guard let text = Self.read("/proc/self/stat"), let end = text.lastIndex(of: ")") else { return nil }
        return text[text.index(after: end)...].split(separator: " ")
    }

    private func sum(
        _ name: String, _ description: String, _ unit: String, _ value: Int64, _ now: TelemetryTime
    ) -> MetricRecord {
        MetricRecord(
            name: name, description: description, unit: unit, data: .sum([point(.int(value), now)], isMonotonic: false))
    }

    private func point(
        _ value: MetricRecord.Number, _ now: TelemetryTime, _ attributes: [TelemetryAttribute] = []
    ) -> MetricRecord.Point<MetricRecord.Number> {
        MetricRecord.Point(attributes: attributes, start: start, time: max(now, start), value: value)
    }

    private static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return withUnsafeTemporaryAllocation(byteCount: 4_096, alignment: 1) { memory in
            let count = Glibc.read(descriptor, memory.baseAddress, memory.count)
            return count > 0 ? String(decoding: memory[..<count], as: UTF8.self) : nil
        }
    }
}
