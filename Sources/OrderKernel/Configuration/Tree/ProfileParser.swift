/// Makes trees of texts: of profiles and of the values after `--set`.
struct ProfileParser {
    /// Bytes that a profile has at most.
    static let largest = 1 << 20

    /// What a text says, as far as it can be read.
    struct Parsed {
        /// `nil` where nothing of the text can be trusted.
        var root: ConfigurationNode?
        var problems: [ConfigurationProblem]
    }

    let layer: ConfigurationOrigin.Layer
    /// Where in the profile the text stands: nowhere in particular, or under the keys of a `--set`.
    var path: [ConfigurationPath.Step] = []

    func parse(_ bytes: [UInt8]) -> Parsed {
        guard bytes.count <= Self.largest else {
            let origin = ConfigurationOrigin(layer)
            let message = "the profile is larger than \(Self.largest >> 20) MiB"
            return Parsed(problems: [ConfigurationProblem(code: .tooLarge, origin: origin, message: message)])
        }
        let lines = SourceLines(bytes)
        do throws(ProfileFailure) {
            return try YAMLEvents.read(lines.bytes) { (events) throws(ProfileFailure) in
                var composer = ProfileComposer(events: events, layer: layer, path: path)
                let root = try composer.compose()
                return Parsed(root: root, problems: composer.problems)
            }
        } catch {
            return Parsed(problems: [problem(for: error, in: lines)])
        }
    }

    private func problem(for failure: ProfileFailure, in lines: SourceLines) -> ConfigurationProblem {
        switch failure {
        case .problem(var problem):
            problem.origin = ConfigurationOrigin(layer, lines.nearest(to: SourcePosition(problem.origin)))
            return problem
        case .yaml(let failure):
            let mistake = SyntaxMistake(failure, in: lines)
            let origin = ConfigurationOrigin(layer, lines.nearest(to: mistake.position))
            return ConfigurationProblem(
                code: .syntax, origin: origin, path: path.isEmpty ? nil : path.text, message: mistake.message)
        }
    }
}
