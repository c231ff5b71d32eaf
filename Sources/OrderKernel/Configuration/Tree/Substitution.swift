/// Resolves `${…}` in the scalars of the tree that won: once, and never in keys.
///
/// What comes in stays text: it can add no structure, and is not searched for `${…}` itself.
struct Substitution {
    /// Problems beyond this number are not told: each has its path, and a hostile profile could ask for gigabytes.
    static let mostProblems = 1_000

    /// Bytes that substitutions bring in at most, all together: one short `${NAME}` may stand for much.
    static let largest = 16 << 20

    private let loader: ConfigurationLoader
    private let unused: Set<String>
    /// How many steps the longest path in ``unused`` has at most.
    private let unusedDepth: Int
    private let lines: [SourceLines?]
    private var files: [[UInt8]: Result<String, ConfigurationFileError>] = [:]
    private var path: [ConfigurationPath.Step] = []
    private var room = Self.largest
    /// The line that was looked at last: many problems may stand in one long line.
    private var last: (file: Int, number: Int, line: [Unicode.Scalar])?
    private(set) var problems: [ConfigurationProblem] = []

    /// - Parameter lines: The profiles' texts, for positions inside a scalar.
    init(_ loader: ConfigurationLoader, unused: Set<String>, lines: [SourceLines?]) {
        self.loader = loader
        self.unused = unused
        self.unusedDepth = unused.map { $0.count { $0 == "." } + 1 }.max() ?? -1
        self.lines = lines
    }

    mutating func resolve(_ node: ConfigurationNode, isUsed: Bool = true) -> ConfigurationNode {
        let isUsed = isUsed && (path.count > unusedDepth || !unused.contains(path.text))
        var node = node
        switch node.content {
        case .null:
            if let index = node.indexOfSection {
                node.overridden[index] = resolve(node.overridden[index], isUsed: isUsed)
            }
        case .scalar(let scalar):
            guard SubstitutionTemplate.isNeeded(for: scalar.text) else { break }
            node.content = .scalar(resolve(scalar, from: node.origin, isUsed: isUsed))
        case .list(var elements):
            for index in elements.indices {
                elements[index] = resolve(elements[index], under: .element(index), isUsed: isUsed)
            }
            node.content = .list(elements)
        case .map(var entries):
            for index in entries.indices {
                entries[index].value = resolve(entries[index].value, under: .key(entries[index].key), isUsed: isUsed)
            }
            node.content = .map(entries)
        }
        return node
    }

    private mutating func resolve(
        _ node: ConfigurationNode, under part: ConfigurationPath.Step, isUsed: Bool
    ) -> ConfigurationNode {
        path.append(part)
        defer { path.removeLast() }
        return resolve(node, isUsed: isUsed)
    }

    private mutating func resolve(
        _ scalar: ConfigurationNode.Scalar, from origin: ConfigurationOrigin, isUsed: Bool
    ) -> ConfigurationNode.Scalar {
        var resolved = scalar
        resolved.text = ""
        var place: ScalarPlace?
        for (part, offset) in SubstitutionTemplate(scalar.text).parts {
            if case .text(let text) = part {
                resolved.text += text
                continue
            }
            resolved.isPlain = true
            // A default is the profile's own text.
            if let name = part.name, !isDefault(part) { resolved.substituted.append(name) }
            let value = isUsed ? value(of: part) : nil
            if case .success(let text) = value {
                resolved.text += text
                continue
            }
            resolved.isPlaceholder = true
            resolved.text += part.name.map { "${\($0)}" } ?? ""
            if case .failure(let failure) = value, isReported(failure) {
                place = place ?? ScalarPlace(scalar.text, from: origin, in: line(of: origin))
                report(failure, at: place?.origin(of: offset) ?? origin)
            }
        }
        return resolved
    }

    private mutating func line(of origin: ConfigurationOrigin) -> [Unicode.Scalar]? {
        guard case .file(let index) = origin.layer, lines.indices.contains(index), let lines = lines[index] else {
            return nil
        }
        if let last, last.file == index, last.number == origin.line { return last.line }
        let line = lines.line(origin.line)
        last = (index, origin.line, line)
        return line
    }

    private func isReported(_ failure: Failure) -> Bool {
        problems.count < Self.mostProblems && !(failure.code == .missingVariable && loader.withoutEnvironment)
    }

    private mutating func report(_ failure: Failure, at origin: ConfigurationOrigin) {
        let isLast = problems.count + 1 == Self.mostProblems
        let message = failure.message + (isLast ? "; what else is wrong with any '${…}' is not told" : "")
        problems.append(ConfigurationProblem(code: failure.code, origin: origin, path: path.text, message: message))
    }

    /// Why a `${…}` has no value.
    private struct Failure: Error {
        var code = ConfigurationProblem.Code.missingVariable
        var message: String
    }

    private mutating func value(of part: SubstitutionTemplate.Part) -> Result<String, Failure> {
        let value = unboundedValue(of: part)
        guard case .success(let text) = value else { return value }
        room -= text.utf8.count
        guard room < 0 else { return value }
        return .failure(Failure(code: .tooLarge, message: "the values of all '${…}' are larger than 16 MiB together"))
    }

    private func isDefault(_ part: SubstitutionTemplate.Part) -> Bool {
        guard case .variableWithDefault(let name, _) = part else { return false }
        return loader.environment[name, default: ""].isEmpty
    }

    private mutating func unboundedValue(of part: SubstitutionTemplate.Part) -> Result<String, Failure> {
        if let name = part.name, loader.unreadableVariables.contains(name) {
            let message = "the environment variable \(name) is not UTF-8 text"
            return .failure(Failure(code: .badSubstitution, message: message))
        }
        switch part {
        case .text(let text): return .success(text)
        case .invalid(let message): return .failure(Failure(code: .badSubstitution, message: message))
        case .file(let path): return file(path)
        case .variable(let name):
            guard let value = loader.environment[name] else {
                let advice = "set it, or give a default: ${\(name):-…}"
                return .failure(Failure(message: "the environment variable \(name) is not set; \(advice)"))
            }
            return .success(value)
        case .variableWithDefault(let name, let fallback):
            return .success(isDefault(part) ? fallback : loader.environment[name, default: ""])
        case .variableWithMessage(let name, let message):
            let value = loader.environment[name] ?? ""
            guard value.isEmpty else { return .success(value) }
            let reason = message.isEmpty ? "" : ": \(message)"
            return .failure(Failure(message: "the environment variable \(name) is not set or empty\(reason)"))
        }
    }

    private mutating func file(_ path: String) -> Result<String, Failure> {
        let name = Array(path.utf8)  // the system's files have names of bytes
        if files[name] == nil { files[name] = read(path) }
        return (files[name] ?? read(path)).mapError { error in
            let advice = path.contains(":-") || path.contains(":?") ? "; a file has no default here" : ""
            return Failure(message: "the file \(path) cannot be read: \(error.reason)\(advice)")
        }
    }

    /// A file's text, without the byte order mark and the line end that editors add.
    private func read(_ path: String) -> Result<String, ConfigurationFileError> {
        do throws(ConfigurationFileError) {
            var bytes = try loader.files.read(path, limit: ProfileParser.largest + 1)
            guard bytes.count <= ProfileParser.largest else {
                throw ConfigurationFileError(reason: "larger than 1 MiB")
            }
            if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
            if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
            if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw ConfigurationFileError(reason: "not UTF-8 text")
            }
            return .success(text)
        } catch {
            return .failure(error)
        }
    }
}

/// Places inside a scalar, as far as it stands in its profile just as it was read; beyond that, the scalar's own.
private struct ScalarPlace {
    private let start: ConfigurationOrigin
    /// How many columns the text begins behind the scalar: 1 for a quotation mark.
    private var shift = 0
    /// How many characters stand as they were read.
    private var common = 0

    init(_ text: String, from origin: ConfigurationOrigin, in line: [Unicode.Scalar]?) {
        start = origin
        guard let line = line?.dropFirst(origin.column - 1) else { return }
        shift = line.first == "\"" || line.first == "'" ? 1 : 0
        common = zip(text.unicodeScalars, line.dropFirst(shift)).prefix { $0 == $1 }.count
    }

    func origin(of offset: Int) -> ConfigurationOrigin {
        guard offset < common else { return start }
        return ConfigurationOrigin(layer: start.layer, line: start.line, column: start.column + shift + offset)
    }
}

extension SubstitutionTemplate.Part {
    /// What stands between `${` and the first argument: `NAME`, or `file:/path`.
    fileprivate var name: String? {
        switch self {
        case .text, .invalid: nil
        case .variable(let name), .variableWithDefault(let name, _), .variableWithMessage(let name, _): name
        case .file(let path): "file:\(path)"
        }
    }
}
