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
        let reading = MetricReading(since: start, at: clock.now)
        let uptime = Double(reading.time.nanoseconds - start.nanoseconds) / 1_000_000_000
        let fields = Self.statistics ?? []
        return processorTime(fields, reading) + memory(reading) + threads(fields, reading) + descriptors(reading) + [
            reading.gauge("process.uptime", "Time since the service was started.", unit: "s", .double(uptime))
        ]
    }

    private func processorTime(_ fields: [Substring], _ reading: MetricReading) -> [MetricRecord] {
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12])
        else { return [] }
        let points = [("user", user), ("system", system)].map { mode, value in
            reading.point(.double(value / ticks), [TelemetryAttribute("cpu.mode", .string(mode))])
        }
        return [
            MetricRecord(
                name: "process.cpu.time", description: "Time of processors that was used.", unit: "s",
                data: .sum(points, isMonotonic: true))
        ]
    }

    private func threads(_ fields: [Substring], _ reading: MetricReading) -> [MetricRecord] {
        guard fields.count > 17, let count = Int(fields[17]) else { return [] }
        return [reading.sum("process.thread.count", "Threads.", unit: "{thread}", count)]
    }

    private func memory(_ reading: MetricReading) -> [MetricRecord] {
        guard let pages = Self.read("/proc/self/statm")?.split(separator: " "), pages.count > 1,
            let virtual = Int(pages[0]), let resident = Int(pages[1])
        else { return [] }
        return [
            reading.sum("process.memory.usage", "Memory that is in use.", unit: "By", resident * pageSize),
            reading.sum("process.memory.virtual", "Memory that is reserved.", unit: "By", virtual * pageSize),
        ]
    }

    private func descriptors(_ reading: MetricReading) -> [MetricRecord] {
        guard let folder = opendir("/proc/self/fd") else { return [] }
        defer { closedir(folder) }
        var count = -3  // the folder itself, `.` and `..`
        while readdir(folder) != nil { count += 1 }
        let name = "process.unix.file_descriptor.count"
        return [reading.sum(name, "File descriptors that are open.", unit: "{file_descriptor}", count)]
    }

    /// The fields of `/proc/self/stat` behind the program's name, which may hold anything.
    private static var statistics: [Substring]? {
        guard let text = read("/proc/self/stat"), let end = text.lastIndex(of: ")") else { return nil }
        return text[text.index(after: end)...].split(separator: " ")
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
