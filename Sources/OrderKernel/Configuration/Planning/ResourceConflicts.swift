/// Finds what two instances need for themselves alone.
enum ResourceConflicts {
    /// One problem for each later claim, at its place, with the earliest claim that it conflicts with.
    static func problems(_ claims: [ResourceClaim]) -> [ConfigurationProblem] {
        let sorted = claims.enumerated().sorted {
            ($0.element.origin, $0.offset) < ($1.element.origin, $1.offset)
        }.map(\.element)
        return sorted.enumerated().compactMap { index, later in
            let earlier = sorted[..<index].first {
                $0.instance != later.instance && $0.resource.conflicts(with: later.resource)
            }
            return earlier.map { problem(later, $0) }
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

    fileprivate func conflicts(with other: ExclusiveResource) -> Bool {
        switch (self, other) {
        case (.port(let port, let host), .port(let otherPort, let otherHost)):
            guard port == otherPort, port != 0 else { return false }
            let (host, otherHost) = (Self.folded(host), Self.folded(otherHost))
            return host == otherHost || Self.isEvery(host) || Self.isEvery(otherHost)
        case (.input(let path), .input(let otherPath)), (.output(let path), .output(let otherPath)):
            return path == otherPath
        default:
            return false
        }
    }

    private static func folded(_ host: String) -> String {
        let host = host.lowercased()
        return host == "localhost" ? "127.0.0.1" : host
    }

    /// Whether a host stands for every address of the machine.
    private static func isEvery(_ host: String) -> Bool { ["0.0.0.0", "::", "[::]", "*", ""].contains(host) }
}
