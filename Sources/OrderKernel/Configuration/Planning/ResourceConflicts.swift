/// Finds what two instances need for themselves alone.
enum ResourceConflicts {
    /// One problem for each later claim, at its place, with the earliest claim that it conflicts with.
    static func problems(_ claims: [ResourceClaim]) -> [ConfigurationProblem] {
        let sorted = claims.enumerated().sorted {
            ($0.element.origin, $0.offset) < ($1.element.origin, $1.offset)
        }
        var taken: [Need: ResourceClaim] = [:]
        return sorted.compactMap { _, later in
            let earlier = later.resource.conflicting.compactMap { taken[$0] }.filter { $0.instance != later.instance }
            for need in later.resource.needs where taken[need] == nil { taken[need] = later }
            return earlier.min { $0.origin < $1.origin }.map { problem(later, $0) }
        }
    }

    private static func problem(_ later: ResourceClaim, _ earlier: ResourceClaim) -> ConfigurationProblem {
        let line = earlier.origin.line > 0 ? " (line \(earlier.origin.line))" : ""
        return ConfigurationProblem(
            code: .conflict, origin: later.origin, path: later.path,
            message:
                "\(later.instance) needs \(later.resource.name) for itself, which \(earlier.path)\(line) has taken",
            related: [.init(origin: earlier.origin, message: "\(earlier.path) takes \(earlier.resource.name) here")])
    }
}

/// A resource as it is looked up: whatever a claim conflicts with is found without looking at all other claims.
private enum Need: Hashable {
    case input(String)
    case output(String)
    /// On one host.
    case port(Int, host: String)
    /// On every address of the machine.
    case portEverywhere(Int)
    /// On whatever host.
    case portAnywhere(Int)
}

extension ExclusiveResource {
    /// In words that repeat no value but the port's number.
    fileprivate var name: String {
        switch self {
        case .port(let port, _): "TCP port \(port)"
        case .input("-"): "standard input"
        case .output("-"): "standard output"
        case .input: "the same input file"
        case .output: "the same output file"
        }
    }

    /// What the resource counts as, once it is taken.
    fileprivate var needs: [Need] {
        switch self {
        case .input(let path): [.input(Self.shortened(path))]
        case .output(let path): [.output(Self.shortened(path))]
        case .port(0, _): []
        case .port(let port, let host):
            [.portAnywhere(port), Self.isEvery(host) ? .portEverywhere(port) : .port(port, host: Self.folded(host))]
        }
    }

    /// What must not be taken already.
    fileprivate var conflicting: [Need] {
        guard case .port(let port, let host) = self, port != 0 else { return needs }
        if Self.isEvery(host) { return [.portAnywhere(port)] }
        return [.port(port, host: Self.folded(host)), .portEverywhere(port)]
    }

    /// A path without what leads nowhere: `./a` and `.//a` are `a`. The file system is not asked.
    private static func shortened(_ path: String) -> String {
        if let stream = standardStreams[path] { return stream }
        let segments = path.split(separator: "/").filter { $0 != "." }
        let short = (path.first == "/" ? "/" : "") + segments.joined(separator: "/")
        return short == "-" ? path : short
    }

    /// Paths that are the process's own standard input or output.
    private static let standardStreams = [
        "/dev/stdin": "-", "/dev/fd/0": "-", "/proc/self/fd/0": "-",
        "/dev/stdout": "-", "/dev/fd/1": "-", "/proc/self/fd/1": "-",
    ]

    private static func folded(_ host: String) -> String {
        let host = host.lowercased()
        return host == "localhost" ? "127.0.0.1" : host
    }

    /// Whether a host stands for every address of the machine.
    private static func isEvery(_ host: String) -> Bool { ["0.0.0.0", "::", "[::]", "*", ""].contains(host) }
}
