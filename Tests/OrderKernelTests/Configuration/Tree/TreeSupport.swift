import OrderKernel

/// Files that exist only in a test.
struct FakeFiles: ConfigurationFiles {
    var contents: [String: [UInt8]] = [:]

    func read(_ path: String, limit: Int) throws(ConfigurationFileError) -> [UInt8] {
        guard let bytes = contents[path] else { throw ConfigurationFileError(reason: "no such file or directory") }
        return Array(bytes.prefix(limit))
    }
}

/// Loads profiles `1.yaml`, `2.yaml`, … as layers, lowest first.
func load(
    _ profiles: [String], set overrides: [String] = [], environment: [String: String] = [:],
    files: [String: [UInt8]] = [:]
) throws -> LoadedConfiguration {
    let loader = ConfigurationLoader(environment: environment, files: FakeFiles(contents: files))
    return loader.load(sources(profiles), overrides: try overrides.map { text in try SettingOverride(text) })
}

func sources(_ profiles: [String]) -> [ProfileSource] {
    profiles.enumerated().map { ProfileSource(name: "\($0.offset + 1).yaml", bytes: Array($0.element.utf8)) }
}

extension ConfigurationNode {
    /// The tree in one line, as YAML: a scalar that may not be read as a number is quoted.
    var line: String {
        switch content {
        case .null: "null"
        case .scalar(let scalar) where scalar.isPlaceholder: "?\(scalar.text)"
        case .scalar(let scalar): scalar.isPlain ? scalar.text : "\"\(scalar.text)\""
        case .list(let elements): "[\(elements.map(\.line).joined(separator: ", "))]"
        case .map(let entries): "{\(entries.map { "\($0.key): \($0.value.line)" }.joined(separator: ", "))}"
        }
    }

    /// The node at a path of keys; `nil` where there is none.
    func at(_ keys: String...) -> ConfigurationNode? {
        keys.reduce(self) { node, key in node?.entry(key)?.value }
    }

    func entry(_ key: String) -> Entry? {
        guard case .map(let entries) = content else { return nil }
        return entries.first { $0.key == key }
    }

    var place: String { origin.place }
}

extension ConfigurationOrigin {
    /// `2.yaml:3:5`, or which `--set`.
    var place: String {
        switch layer {
        case .standard: "standard"
        case .environment(let name): name
        case .file(let index): line == 0 ? "\(index + 1).yaml" : "\(index + 1).yaml:\(line):\(column)"
        case .set(let index): "--set \(index)"
        }
    }
}

extension ConfigurationProblem {
    /// `1.yaml:3:5: a.b: message`
    var line: String { "\(origin.place): \(path.map { "\($0): " } ?? "")\(message)" }
}
