/// Shows the problems of a configuration to the operator, or to a program.
package struct ProblemReport {
    let configuration: LoadedConfiguration
    let problems: [ConfigurationProblem]
    let secrecy: ExcerptSecrecy

    /// - Parameter problems: In any order; those of the configuration are among them.
    package init(_ problems: [ConfigurationProblem], in configuration: LoadedConfiguration, secrecy: ExcerptSecrecy) {
        self.configuration = configuration
        self.problems = problems.sorted()
        self.secrecy = secrecy
    }

    /// For each problem a line `file:line:column: path: message`, then the line of the profile and a caret under it,
    /// then the places that have to do with it. Every line ends with a newline.
    package var text: String {
        var text = ""
        var excerpts: (file: Int, lines: ProfileExcerpts)?
        for problem in problems {
            let path = problem.path.map { ": \($0.withoutPasswords)" } ?? ""
            text += "\(place(problem.origin))\(path): \(problem.message)".printable + "\n"
            if case .file(let index) = problem.origin.layer, problem.origin.line > 0 {
                var lines = excerpts.flatMap { $0.file == index ? $0.lines : nil } ?? self.excerpts(of: index)
                let excerpt = lines.excerpt(at: SourcePosition(problem.origin))
                excerpts = (index, lines)
                text += "  \(excerpt.line)\n  \(excerpt.caret)\n"
            }
            for related in problem.related {
                text += "  \(place(related.origin)): \(related.message)".printable + "\n"
            }
        }
        return text
    }

    private func excerpts(of file: Int) -> ProfileExcerpts {
        let text = configuration.texts.indices.contains(file) ? configuration.texts[file] : nil
        let isReadable = !problems.contains { problem in
            problem.origin.layer == .file(file) && problem.code.endsLayer
        }
        return ProfileExcerpts(text?.bytes ?? [], isReadable: isReadable, secrecy: secrecy)
    }

    private func place(_ origin: ConfigurationOrigin) -> String {
        switch origin.layer {
        case .standard: return "defaults"
        case .environment(let name): return "environment variable \(name)"
        case .set(let index): return override(index)
        case .file:
            let name = file(origin) ?? "profile"
            return origin.line > 0 ? "\(name):\(origin.line):\(origin.column)" : name
        }
    }

    /// The name of the profile that a place is in; `nil` outside profiles.
    func file(_ origin: ConfigurationOrigin) -> String? {
        guard case .file(let index) = origin.layer, configuration.texts.indices.contains(index) else { return nil }
        return configuration.texts[index].name.withoutPasswords
    }

    /// `--set a.b=c`, its value only where every part of it may be shown.
    private func override(_ index: Int) -> String {
        guard configuration.overrides.indices.contains(index) else { return "--set" }
        let override = configuration.overrides[index]
        return "--set \(override.path)=\(isShown(override) ? override.value : "…")".withoutPasswords
    }

    private func isShown(_ override: SettingOverride) -> Bool {
        guard override.isYAML else { return override.value.isEmpty || secrecy.isRevealable(override.steps) }
        guard let scalars = ProfileScalars(SourceLines(Array(override.value.utf8)), path: override.steps),
            !scalars.spans.isEmpty
        else { return false }
        return scalars.spans.allSatisfy { scalars.isShown($0, secrecy) }
    }
}

extension [ConfigurationProblem] {
    /// By layer (files in their order, `--set` last), line and column; problems of one place stay as they are.
    package func sorted() -> [ConfigurationProblem] {
        enumerated().sorted { left, right in
            (left.element.origin, left.offset) < (right.element.origin, right.offset)
        }.map(\.element)
    }
}
