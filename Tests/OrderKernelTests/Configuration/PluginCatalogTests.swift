import Testing

@testable import OrderKernel

@Suite("The plugins of a program")
struct PluginCatalogTests {
    @Test("two plugins of one kind and name are refused with both types")
    func duplicates() throws {
        let error = try #require(throws: PluginError.self) {
            try ProfilePlanner(plugins: [SampleStorage.self, SampleHTTP.self, SampleStorage.self], environment: [:])
        }
        #expect(error.description == "SampleStorage in OrderKernelTests is listed twice")
        let other = try #require(throws: PluginError.self) {
            try ProfilePlanner(plugins: [FakeMiddleware.self, SecondFake.self], environment: [:])
        }
        #expect(
            other.description
                == "two plugins are the middleware fake: FakeMiddleware in OrderKernelTests, "
                + "SecondFake in OrderKernelTests")
    }

    @Test("a default, a bound or a variable that nobody can write is a mistake of the plugin's")
    func unwritable() {
        #expect(
            OddLimit.declared().mistakes.map(\.description) == [
                "the setting wait has the default or the bound -5.0 seconds, which a profile cannot write",
                "the setting pause has the default or the bound 5e-09 seconds, which a profile cannot write",
                "the setting share has the default or the bound inf, which a profile cannot write",
                "the setting share has the variable 'A B', which is no name of one",
            ])
    }

    @Test("a plugin that declares its settings as they must not be is refused with its name, and nothing else happens")
    func misdeclared() throws {
        func refusal(_ plugin: any Plugin.Type) throws -> String {
            try #require(throws: PluginError.self) {
                try ProfilePlanner(plugins: SamplePlugins.all + [plugin], environment: [:])
            }.description
        }
        #expect(
            try refusal(TwiceLimit.self)
                == "the middleware twice in OrderKernelTests: the setting peers.most is declared twice")
        #expect(
            try refusal(DottedMiddleware.self)
                == "the middleware dotted in OrderKernelTests: the setting a.b needs a key in lower_snake_case")
        #expect(
            try refusal(WordyLimit.self)
                == "the middleware wordy in OrderKernelTests: the setting most has a summary of more than one line")
        #expect(
            try refusal(EndlessLimit.self)
                == "the middleware endless in OrderKernelTests: the setting rules is a section within itself, "
                + "and so without end")
        #expect(
            try refusal(VerboseFake.self)
                == "the middleware verbose in OrderKernelTests has a summary of more than one line")
    }
}

private struct VerboseFake: MiddlewarePlugin {
    static let name = "verbose"
    static let summary = "Says much.\nAnd more."

    init(_ configuration: NoSettings, context: PluginContext) {}
    func handle(_ request: OrderRequest, next: Next) async throws -> Reply { try await next(request) }
}

/// Has a setting that is described in two lines, the second of which would be no comment.
struct WordyLimit: MiddlewarePlugin {
    static let name = "wordy"
    static let summary = "Says much."

    struct Configuration: PluginConfiguration {
        init(from settings: inout Settings) { _ = settings.value("most", default: 1, "How much.\nNot more.") }
    }

    init(_ configuration: Configuration, context: PluginContext) {}
    func handle(_ request: OrderRequest, next: Next) async throws -> Reply { try await next(request) }
}

private struct EndlessLimit: MiddlewarePlugin {
    static let name = "endless"
    static let summary = "Has rules that have rules."

    struct Configuration: PluginConfiguration {
        let rules: [Configuration]
        init(from settings: inout Settings) { rules = settings.sections("rules", "More of them.") }
    }

    init(_ configuration: Configuration, context: PluginContext) {}
    func handle(_ request: OrderRequest, next: Next) async throws -> Reply { try await next(request) }
}

/// Has values that a profile would show as others.
private struct OddLimit: PluginConfiguration {
    init(from settings: inout Settings) {
        _ = settings.value("wait", default: Duration.seconds(-5), "How long.")
        _ = settings.value("pause", default: Duration.nanoseconds(5), "How long.")
        _ = settings.value("share", default: 1, "How much.", in: 0...Double.infinity, environment: "A B")
    }
}

private struct TwiceLimit: MiddlewarePlugin {
    static let name = "twice"
    static let summary = "Declares a setting twice."

    struct Peer: PluginConfiguration {
        init(from settings: inout Settings) {
            _ = settings.value("most", default: 1, "How much.")
            _ = settings.value("most", default: 1, "How much.")
        }
    }

    struct Configuration: PluginConfiguration {
        init(from settings: inout Settings) { let _: [Peer] = settings.sections("peers", "Limits.") }
    }

    init(_ configuration: Configuration, context: PluginContext) {}
    func handle(_ request: OrderRequest, next: Next) async throws -> Reply { try await next(request) }
}

private struct SecondFake: MiddlewarePlugin {
    static let name = "fake"
    static let summary = "Has the name of another."

    init(_ configuration: NoSettings, context: PluginContext) {}
    func handle(_ request: OrderRequest, next: Next) async throws -> Reply { try await next(request) }
}
