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

    init(_ configuration: InMemoryStorage.Configuration, context: PluginContext) {
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
