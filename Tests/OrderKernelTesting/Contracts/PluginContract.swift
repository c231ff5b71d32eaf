internal import Logging
public import OrderKernel

/// What every plugin has to do, of whatever kind.
public struct PluginContract: Contract {
    private let name: String
    private let summary: String
    private let describe: @Sendable (SettingAnswers) -> [String]
    private let readExample: @Sendable () throws(InvalidConfiguration) -> Void
    private let make: @Sendable () throws -> any Plugin
    private let needs: @Sendable () throws -> [ExclusiveResource]

    /// - Parameter settings: What a profile says below the plugin's name, for a plugin that is only made, never run.
    public init<P: Plugin>(_ type: P.Type, settings: String = "") {
        name = type.name
        summary = type.summary
        describe = { P.Configuration.describedSettings(answering: $0) }
        readExample = { () throws(InvalidConfiguration) in
            _ = try P.Configuration(yaml: P.Configuration.exampleSettings)
        }
        make = {
            let context = PluginContext.standalone(P.name, logger: .silent, time: SystemTime())
            do {
                return try P(try P.Configuration(yaml: settings), context: context)
            } catch let error as InvalidConfiguration where error.problems.contains(where: { $0.code == "missing" }) {
                throw PluginError("\(error); say so to the contract: PluginContract(\(P.self).self, settings: \"…\")")
            }
        }
        needs = { try P.Configuration.exclusiveResources(yaml: settings) }
    }

    /// What is wrong with the settings, whatever a profile says.
    private var mistakes: [InvalidConfiguration.Problem] {
        do throws(InvalidConfiguration) {
            try readExample()
            return []
        } catch {
            return error.problems.filter { $0.code == "declaration" }
        }
    }

    public static let rules: [Rule] = [
        Rule("the name is in lower_snake_case") { contract, findings in
            findings.expect(contract.name.isSnakeCase, contract.name)
        },
        Rule("the summary is one sentence") { contract, findings in
            findings.expect(contract.summary.isSentence, contract.summary)
        },
        Rule("the configuration asks for the same settings, whatever it is answered") { contract, findings in
            let descriptions = SettingAnswers.allCases.map(contract.describe)
            for other in descriptions.dropFirst() where other != descriptions[0] {
                let difference = other.difference(from: descriptions[0])
                findings.violate("asks in dependence of a value: \(difference.map(\.line))")
            }
        },
        Rule("every setting has a key in lower_snake_case and one sentence of documentation") { contract, findings in
            let paths = Set(contract.describe(.least).map { $0.prefix { $0 != ":" } })
            for line in contract.describe(.least) {
                let path = line.prefix { $0 != ":" }
                findings.expect(path.split(separator: ".").allSatisfy { String($0).isSnakeCase }, "the key \(path)")
                if let dot = path.lastIndex(of: "."), !paths.contains(path[..<dot]) {
                    findings.violate("the key \(path) holds a dot, which is for sections")
                }
                findings.expect(line.hasSuffix("."), "the summary of \(path) is no sentence: \(line)")
            }
        },
        Rule(
            "every setting is declared once, in one line, with a default in its range, before a rule or a need names it"
        ) { contract, findings in
            for mistake in contract.mistakes {
                findings.violate("the setting \(mistake.path ?? "") \(mistake.message)")
            }
        },
        Rule("the example that its page shows is valid") { contract, _ in
            if contract.mistakes.isEmpty { try contract.readExample() }
        },
        Rule("making it opens nothing") { contract, findings in
            guard contract.mistakes.isEmpty else { return }
            // They are kept until descriptors are counted: what opens with one may close with it.
            var made: [any Plugin] = []
            try await findings.expectNothingLeftOpen { made.append(try contract.make()) }
        },
        Rule("the documents that it has are those that it needs, each under a path of its own from a slash on") {
            contract, findings in
            guard contract.mistakes.isEmpty else { return }
            let paths = try contract.make().documents.map(\.path)
            let needed = try contract.needs().compactMap { if case .document(let path) = $0 { path } else { nil } }
            for path in paths where !needed.contains(path) {
                findings.violate("has the document \(path) without settings.needs(.document(path:))")
            }
            for path in needed where !paths.contains(path) { findings.violate("has no document \(path)") }
            for path in paths where !path.hasPrefix("/") { findings.violate("\(path) begins without a slash") }
            findings.expectEqual(Set(paths).count, paths.count, "paths")
        },
    ]
}

extension CollectionDifference<String>.Change {
    /// The line that one description has and the other has not.
    fileprivate var line: String {
        switch self {
        case .insert(_, let line, _), .remove(_, let line, _): line
        }
    }
}

extension String {
    /// Begins with a letter; letters, digits and underscores follow.
    fileprivate var isSnakeCase: Bool {
        utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || byte == UInt8(ascii: "_")
        } && first?.isLetter == true
    }

    /// Begins with a capital letter, ends with a full stop, on one line.
    fileprivate var isSentence: Bool {
        first?.isUppercase == true && hasSuffix(".") && !contains(where: \.isNewline) && !dropLast().contains(". ")
    }
}

extension Logger {
    /// Writes nothing.
    static var silent: Logger { Logger(label: "contract") { _ in SwiftLogNoOpLogHandler() } }
}
