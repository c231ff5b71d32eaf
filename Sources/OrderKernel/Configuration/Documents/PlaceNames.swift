/// Names places as operators do: `orderd.yaml:5:11`.
struct PlaceNames {
    private let loaded: LoadedConfiguration

    init(_ loaded: LoadedConfiguration) { self.loaded = loaded }

    func text(_ origin: ConfigurationOrigin) -> String {
        switch origin.layer {
        case .standard: return "default"
        case .environment(let name): return "the environment variable \(name)"
        case .file(let index):
            let name = loaded.texts.indices.contains(index) ? loaded.texts[index].name : "profile \(index + 1)"
            return "\(name.printable):\(origin.line):\(origin.column)"
        case .set(let index):
            guard loaded.overrides.indices.contains(index) else { return "--set" }
            return "--set " + loaded.overrides[index].path.printable
        }
    }
}
