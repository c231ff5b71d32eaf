import Glibc
import OrderKernel
import OrderKernelTesting
import Testing

@Suite("Plugin contract")
struct PluginContractTests {
    @Test("a plain plugin keeps it", arguments: PluginContract.rules)
    func plain(rule: PluginContract.Rule) async {
        await PluginContract(InMemoryStorage.self).check(rule)
    }

    @Test("a configuration that branches on a value breaks it")
    func branching() async {
        let violations = await PluginContract(BranchingMiddleware.self, settings: "mode: simple").violations()
        #expect(violations.count == 1)
        #expect(violations.first?.contains("asks in dependence of a value") == true)
    }

    @Test("an initialiser that opens something breaks it, also where the plugin closes it with itself")
    func tidy() async {
        let violations = await PluginContract(TidyMiddleware.self).violations()
        #expect(violations.count == 1 && violations.first?.contains("/dev/zero") == true)
    }

    @Test("a setting that is declared twice, has a bad default or is only named breaks it, in words")
    func misdeclared() async {
        let violations = await PluginContract(MisdeclaredMiddleware.self).violations()
        let rule =
            "every setting is declared once, in one line, with a default in its range, before a rule or a need "
            + "names it: "
        #expect(
            violations == [
                rule + "the setting most has the default 0, which is outside 1...9",
                rule + "the setting most is declared twice",
                rule + "the setting mots is checked, but not declared before",
                rule + "the setting prot is said to need something, but not declared before",
            ])
    }

    @Test("a required setting that the contract is not given is told with what to do")
    func missing() async {
        let violations = await PluginContract(CarelessMiddleware.self).violations()
        let words = "word: is missing: text is required; say so to the contract: PluginContract(CarelessMiddleware.self"
        #expect(violations.contains { $0.contains("failed with \(words)") })
    }

    @Test("a key with a dot, which is no section, breaks it")
    func dotted() async {
        let violations = await PluginContract(DottedMiddleware.self).violations()
        #expect(violations.count == 1 && violations.first?.hasSuffix("a.b holds a dot, which is for sections") == true)
    }

    @Test("a setting whose summary has two lines breaks it")
    func wordy() async {
        let violations = await PluginContract(WordyLimit.self).violations()
        #expect(violations.count == 1)
        #expect(violations.first?.hasSuffix("the setting most has a summary of more than one line") == true)
    }

    @Test("documents that are not claimed, have no slash or come twice break it")
    func documents() async {
        let violations = await PluginContract(ShowingMiddleware.self).violations()
        #expect(
            violations.map { $0.split(separator: ": ", maxSplits: 1).last } == [
                "has the document b without settings.needs(.document(path:))",
                "has the document b without settings.needs(.document(path:))", "has no document /c",
                "b begins without a slash", "b begins without a slash", "paths: 2 instead of 3",
            ])
    }

    @Test("bad names, summaries, keys and examples, and an initialiser that works, break it")
    func careless() async {
        let violations = await PluginContract(CarelessMiddleware.self, settings: "word: please").violations()
        #expect(violations.count == 6)
    }
}

/// Opens a file with its initialiser, and closes it when nobody has the plugin any more.
private final class TidyMiddleware: MiddlewarePlugin {
    static let name = "tidy"
    static let summary = "Opens a file too early."
    private let file: Int32

    init(_ configuration: NoSettings, context: PluginContext) {
        file = open("/dev/zero", O_RDONLY | O_CLOEXEC)
    }
    deinit { close(file) }

    func handle(_ request: OrderRequest, next: Next) async throws -> Reply { try await next(request) }
}

/// Has a setting that is there only if another has a certain value.
private struct BranchingMiddleware: MiddlewarePlugin {
    static let name = "branching"
    static let summary = "Has a setting that comes and goes."

    struct Configuration: PluginConfiguration {
        enum Mode: String, ChoiceValue { case simple, full }

        init(from settings: inout Settings) {
            let mode = settings.value("mode", default: Mode.simple, "How much is done.")
            if mode == .full { _ = settings.value("depth", default: 1, "How deep it goes.", in: 1...9) }
        }
    }

    init(_ configuration: Configuration, context: PluginContext) {}
    func handle(_ request: OrderRequest, next: Next) async throws -> Reply { try await next(request) }
}

/// Breaks every rule but the one about branches.
private struct CarelessMiddleware: MiddlewarePlugin {
    static let name = "Careless-Middleware"
    static let summary = "does things"

    struct Configuration: PluginConfiguration {
        init(from settings: inout Settings) {
            _ = settings.value("maxDepth", default: 1, "how deep", in: 1...9)
            let word: String = settings.required("word", "What opens the door.")
            settings.check("word", holds: word == "please", "must be please")
        }
    }

    init(_ configuration: Configuration, context: PluginContext) { _ = open("/dev/null", O_RDONLY | O_CLOEXEC) }
    func handle(_ request: OrderRequest, next: Next) async throws -> Reply { try await next(request) }
}

/// Declares its settings as they must not be, each of which used to end the process.
private struct MisdeclaredMiddleware: MiddlewarePlugin {
    static let name = "misdeclared"
    static let summary = "Declares what cannot be."

    struct Configuration: PluginConfiguration {
        init(from settings: inout Settings) {
            let most = settings.value("most", default: 0, "How much.", in: 1...9)
            _ = settings.value("most", default: 1, "How much again.")
            settings.check("mots", holds: most > 0, "must be above zero")
            settings.needs(.port(1, host: "localhost"), for: "prot")
        }
    }

    init(_ configuration: Configuration, context: PluginContext) {}
    func handle(_ request: OrderRequest, next: Next) async throws -> Reply { try await next(request) }
}

/// Has a key that looks like a path.
struct DottedMiddleware: MiddlewarePlugin {
    static let name = "dotted"
    static let summary = "Has a dot."

    struct Configuration: PluginConfiguration {
        init(from settings: inout Settings) { _ = settings.value("a.b", default: 1, "How much.") }
    }

    init(_ configuration: Configuration, context: PluginContext) {}
    func handle(_ request: OrderRequest, next: Next) async throws -> Reply { try await next(request) }
}

/// Shows documents, and claims others.
private struct ShowingMiddleware: MiddlewarePlugin {
    static let name = "showing"
    static let summary = "Shows documents."

    struct Configuration: PluginConfiguration {
        init(from settings: inout Settings) {
            settings.needs(.document(path: "/a"))
            settings.needs(.document(path: "/c"))
        }
    }

    private struct Empty: ServiceDocument {
        let path: String
        func content(for request: DocumentRequest) async -> DocumentContent {
            DocumentContent(type: "text/plain", bytes: [])
        }
    }

    var documents: [any ServiceDocument] { ["/a", "b", "b"].map(Empty.init) }

    init(_ configuration: Configuration, context: PluginContext) {}
    func handle(_ request: OrderRequest, next: Next) async throws -> Reply { try await next(request) }
}
