/// Finds what two instances need for themselves alone.
enum ResourceConflicts {
    /// Two settings in conflict.
    private struct Pair: Hashable {
        let later: String
        let earlier: String
    }

    /// One problem for each later setting, at its place, with the earliest claim that one of its own conflicts with;
    /// one for each pair of settings, however many claims they make.
    /// - Parameters:
    ///   - profiles: What is taken before any plugin asks.
    ///   - directory: Where relative paths start.
    static func problems(
        _ claims: [ResourceClaim], besides profiles: [ResourceClaim], in directory: String
    ) -> [ConfigurationProblem] {
        let sorted = claims.enumerated().sorted {
            ($0.element.origin, $0.offset) < ($1.element.origin, $1.offset)
        }
        var taken: [Need: ResourceClaim] = [:]
        var told: Set<Pair> = []
        return (profiles + sorted.map(\.element)).compactMap { later in
            let earlier = later.resource.conflicting(in: directory).compactMap { taken[$0] }.filter {
                $0.path != later.path
            }
            for need in later.resource.needs(in: directory) where taken[need] == nil { taken[need] = later }
            guard let first = earlier.min(by: { $0.origin < $1.origin }),
                told.insert(Pair(later: later.path, earlier: first.path)).inserted
            else { return nil }
            return problem(later, first)
        }
    }

    private static func problem(_ later: ResourceClaim, _ earlier: ResourceClaim) -> ConfigurationProblem {
        ConfigurationProblem(
            code: .conflict, origin: later.origin, path: later.path,
            message:
                "\(later.instance) needs \(later.name) for itself, which "
                + "\(earlier.path)\(earlier.origin.mention(at: later.origin)) has taken",
            related: [.init(origin: earlier.origin, message: "\(earlier.path) takes \(earlier.name) here")])
    }
}

extension ResourceClaim {
    /// The files of profiles, which no plugin may take; a standard stream has been read to its end.
    static func profiles(_ texts: [ProfileText]) -> [ResourceClaim] {
        texts.enumerated().compactMap { index, text in
            let origin = ConfigurationOrigin(.file(index))
            let file = ExclusiveResource.input(text.name)
            guard StandardStream(file) == nil else { return nil }
            return ResourceClaim(resource: file, origin: origin, path: "the profile", instance: "the profile")
        }
    }

    /// Whether something is read from standard input.
    static func namesStandardInput(_ claims: [ResourceClaim], _ texts: [ProfileText]) -> Bool {
        let resources = claims.map(\.resource) + texts.map { .input($0.name) }
        return resources.contains { StandardStream($0)?.isInput ?? false }
    }

    /// What nobody can see, as no transport serves anything by its path; each in words for the operator.
    static func unserved(_ claims: [ResourceClaim]) -> [String] {
        let isServed = claims.contains { if case .endpoint = $0.resource { true } else { false } }
        return claims.filter { if case .document = $0.resource { !isServed } else { false } }.map {
            "\($0.instance) shows \($0.name) to nobody: no transport of the profile serves documents"
        }
    }

    /// The resource in words, which repeat no value that came out of a `${…}`, and no password.
    var name: String {
        switch resource {
        case .port(let port, _): variables.map { "the TCP port of \($0)" } ?? "TCP port \(port)"
        case .descriptors: "file descriptors"
        case .document(let path), .endpoint(let path): "the path \(shown(path))"
        case .input(let path), .output(let path): StandardStream(resource)?.name ?? "the file \(shown(path))"
        }
    }

    private func shown(_ path: String) -> String { variables ?? "'\(path.withoutPasswords)'" }

    /// What stands for a value that came out of a `${…}`; `nil` for any other.
    private var variables: String? {
        substituted.isEmpty ? nil : substituted.map { "${\($0)}" }.joined(separator: ", ")
    }
}

/// A resource as it is looked up: whatever a claim conflicts with is found without looking at all other claims.
private enum Need: Hashable {
    case file(String)
    case port(Int, Addresses)
    case document(String)
    case endpoint(String)
    /// Where an endpoint would hide a document.
    case above(String)

    /// Which addresses of the machine.
    enum Addresses: Hashable {
        case one(HostText)
        /// At least one of either family.
        case some
        /// At least one that may be of IPv4.
        case someIPv4
    }
}

extension ExclusiveResource {
    /// What the resource counts as, once it is taken.
    fileprivate func needs(in directory: String) -> [Need] {
        switch self {
        case .input(let path), .output(let path):
            let path = StandardStream(self)?.path ?? PathText.shortened(path, in: directory)
            return path == "/dev/null" ? [] : [.file(path)]
        case .document(let path): return [.document(path)] + PathText.withAncestors(path).map(Need.above)
        case .endpoint(let path): return [.endpoint(path)]
        case .port(0, _), .descriptors: return []
        case .port(let port, let host):
            let address = HostText(host)
            let others: [Need.Addresses] = if case .ipv6 = address { [.some] } else { [.some, .someIPv4] }
            return ([.one(address)] + others).map { .port(port, $0) }
        }
    }

    /// What must not be taken already.
    fileprivate func conflicting(in directory: String) -> [Need] {
        switch self {
        case .document(let path): return [.document(path)] + PathText.withAncestors(path).map(Need.endpoint)
        case .endpoint(let path): return [.above(path)]
        case .port(let port, let host) where port != 0:
            let address = HostText(host)
            let conflicting: [Need.Addresses] =
                switch address {
                case .every: [.some]
                case .everyIPv4: [.someIPv4]
                case .ipv6: [.one(address), .one(.every)]
                case .ipv4, .name: [.one(address), .one(.everyIPv4), .one(.every)]
                }
            return conflicting.map { .port(port, $0) }
        case .port, .input, .output, .descriptors: return needs(in: directory)
        }
    }
}

/// Standard input, output or error, whichever way a path names it.
private struct StandardStream {
    /// One path for all the ways.
    let path: String
    let name: String

    /// `nil` for any other resource.
    init?(_ resource: ExclusiveResource) {
        switch resource {
        case .input("-"): self.init(number: 0)
        case .output("-"): self.init(number: 1)
        case .input(let path), .output(let path):
            let path = PathText.shortened(path, in: "")
            let number = (0...2).first { number in
                ["/dev/\(Self.names[number])", "/dev/fd/\(number)", "/proc/self/fd/\(number)"].contains(path)
            }
            guard let number else { return nil }
            self.init(number: number)
        case .port, .document, .endpoint, .descriptors: return nil
        }
    }

    var isInput: Bool { path == "/dev/stdin" }

    private init(number: Int) {
        path = "/dev/\(Self.names[number])"
        name = ["standard input", "standard output", "standard error"][number]
    }

    private static let names = ["stdin", "stdout", "stderr"]
}
