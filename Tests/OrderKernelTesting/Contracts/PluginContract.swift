internal import Logging
public import OrderKernel

/// What every plugin has to do, of whatever kind.
public struct PluginContract: Contract {
    private let name: String
    private let summary: String
    private let describe: @Sendable (SettingAnswers) -> [String]
    private let readExample: @Sendable () throws -> Void
    private let make: @Sendable () throws -> any Plugin

    /// - Parameter settings: What a profile says below the plugin's name, for a plugin that is only made, never run.
    public init<P: Plugin>(_ type: P.Type, settings: String = "") {
        name = type.name
        summary = type.summary
        describe = { P.Configuration.describedSettings(answering: $0) }
        readExample = { _ = try P.Configuration(yaml: P.Configuration.exampleSettings) }
        make = {
            let context = PluginContext.standalone(P.name, logger: .silent, time: SystemTime())
            return try P(try P.Configuration(yaml: settings), context: context)
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
            for line in contract.describe(.least) {
                let path = line.prefix { $0 != ":" }
                findings.expect(path.split(separator: ".").allSatisfy { String($0).isSnakeCase }, "the key \(path)")
                findings.expect(line.hasSuffix("."), "the summary of \(path) is no sentence: \(line)")
            }
        },
        Rule("the example that its page shows is valid") { contract, _ in try contract.readExample() },
        Rule("making it opens nothing") { contract, findings in
            // They are kept until descriptors are counted: what opens with one may close with it.
            var made: [any Plugin] = []
            try await findings.expectNothingLeftOpen { made.append(try contract.make()) }
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
