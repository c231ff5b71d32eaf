/// libFuzzer's target for profiles: bytes → tree → problems → report.
///
/// Traps when a problem has no valid place, or when a tree is larger than it may be. Built by `run`, together with the
/// kernel's own files.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzProfile(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let loader = ConfigurationLoader(environment: ["SET": "1: [${SET}", "EMPTY": ""], files: NoFiles())
    let below = ProfileSource(name: "below.yaml", bytes: Array("a: {b: &x 1}\nhttp:\n".utf8))
    let override = try? SettingOverride("a=" + String(decoding: bytes.prefix(64), as: UTF8.self))
    let loaded = loader.load(
        [below, ProfileSource(name: "fuzz.yaml", bytes: bytes)], overrides: override.map { [$0] } ?? [])
    let lines = SourceLines(bytes)
    for problem in loaded.problems {
        check(problem.origin, lines)
        problem.related.forEach { check($0.origin, lines) }
    }
    precondition(size(of: loaded.root) <= 2 * ProfileComposer.mostNodes, "the tree is too large")
    let secrecy = ExcerptSecrecy(
        isRevealable: { $0.text.utf8.count % 2 == 0 }, holdsNames: { $0.text.utf8.count % 3 == 0 }, secretKeys: [])
    let report = ProblemReport(loaded.problems, in: loaded, secrecy: secrecy)
    precondition(report.text.isEmpty == loaded.problems.isEmpty, "a problem is not shown")
    precondition(report.json.unicodeScalars.allSatisfy { $0 == "\n" || $0.isVisible }, "a control character in JSON")
    return 0
}

private struct NoFiles: ConfigurationFiles {
    func read(_ path: String, limit: Int) throws(ConfigurationFileError) -> [UInt8] {
        throw ConfigurationFileError(reason: "no such file or directory")
    }
}

private func check(_ origin: ConfigurationOrigin, _ lines: SourceLines) {
    guard origin.layer == .file(1), origin.line > 0 else { return }
    precondition((1...lines.count).contains(origin.line), "line \(origin.line) of \(lines.count)")
    let columns = lines.line(origin.line).count + 1
    precondition((1...columns).contains(origin.column), "column \(origin.column) of \(columns)")
}

private func size(of node: ConfigurationNode) -> Int {
    switch node.content {
    case .null, .scalar: 1
    case .list(let elements): elements.reduce(1) { $0 + size(of: $1) }
    case .map(let entries): entries.reduce(1) { $0 + 1 + size(of: $1.value) }
    }
}
