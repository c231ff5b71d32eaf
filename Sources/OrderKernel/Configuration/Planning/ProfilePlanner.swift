/// Turns a merged profile into a plan, or into everything that is wrong with it. Pure: opens and reads nothing.
package struct ProfilePlanner: Sendable {
    let catalog: PluginCatalog
    let description: ProfileDescription
    let environment: [String: String]
    fileprivate let warnings: [VariableWarning]
    /// Where relative paths start; empty where that is nowhere in particular.
    package var directory = ""

    /// - Parameters:
    ///   - plugins: All that the binary has.
    ///   - environment: The process's variables; empty where they do not count.
    ///   - unreadable: Names of others, whose values are not UTF-8 text: what a setting would read counts as unset.
    /// - Throws: Two plugins of one kind and name, with both types; a name that is not `lower_snake_case`.
    package init(
        plugins: [any Plugin.Type], environment: [String: String], unreadable: Set<String> = []
    ) throws(PluginError) {
        catalog = try PluginCatalog(plugins)
        let exporters = catalog.section(of: "exporter").plugins.map(\.name)
        let variables = NamingVariables(environment, exporters: exporters)
        self.environment = variables.environment
        description = ProfileDescription(catalog, environment: variables.environment)
        let missed = unreadable.intersection(description.sections.variableNames).sorted()
        warnings =
            variables.warnings
            + missed.map { VariableWarning(name: $0, text: "…", problem: "is not UTF-8 text") }
    }

    /// Dotted paths of storages that a higher layer replaced, and of map values that a null took back: nothing need be
    /// substituted there.
    package func unused(in root: ConfigurationNode) -> Set<String> {
        PluginSelection(root, description).replaced.union(root.reset(description.sections, path: ""))
    }

    /// Reads every section.
    /// - Returns: The plan, unless there are problems; the loader's and all others, unsorted.
    package func plan(_ loaded: LoadedConfiguration) -> (plan: ServicePlan?, problems: [ConfigurationProblem]) {
        var reading = PlanReading(self, loaded)
        var plan = reading.plan()
        let found = loaded.problems.compactMap(visible)
        guard loaded.isComplete else {
            // What lacks a variable may be what the layer that could not be read replaces.
            let certain = found.filter { $0.code != .missingVariable }
            return (nil, certain + reading.problems.filter { Self.isFaulty($0.code) })
        }
        let names = PlaceNames(loaded)
        let idle = reading.idle.map { "\($0.path) (\(names.text($0.origin))) has no effect: \($0.reason)" }
        plan?.warnings =
            reading.warnings.map(\.description) + idle + ResourceClaim.unserved(reading.claims) + reading.untaken
        let profiles = ResourceClaim.profiles(loaded.texts)
        plan?.claims = profiles + reading.claims
        plan?.readsStandardInput = ResourceClaim.namesStandardInput(reading.claims, loaded.texts)
        let conflicts = ResourceConflicts.problems(reading.claims, besides: profiles, in: directory)
        let empty = loaded.overrides.enumerated().compactMap { emptiness(of: $1, number: $0) }
        let problems = found + reading.problems.filter { !loaded.mayHold($0) } + empty + conflicts
        return (problems.isEmpty ? plan : nil, problems)
    }

    /// What is wrong with a `--set` that leaves a value empty, as a shell does with a variable that is not set.
    private func emptiness(of override: SettingOverride, number: Int) -> ConfigurationProblem? {
        guard override.value.allSatisfy({ $0 == " " }),
            case .setting(let setting)? = try? description.place(at: override.steps)
        else { return nil }
        switch setting.shape {
        case .value, .list:
            return ConfigurationProblem(
                code: .outOfRange, origin: ConfigurationOrigin(.set(number)), path: override.path,
                message: "is empty; null stands for the default")
        case .map, .lists, .section, .sections, .instances, .plugins: return nil
        }
    }

    /// Whether a problem lies in what a profile says, and not in what it does not say, or in how two settings go
    /// together: another layer could put that right.
    private static func isFaulty(_ code: ConfigurationProblem.Code) -> Bool {
        [.unknownKey, .misplacedKey, .unknownPlugin, .wrongType, .outOfRange, .unknownChoice].contains(code)
    }

    /// A problem as it may be told: one that lies in a map where a single value belongs, or below a key that nobody
    /// knows, such as a password that is misspelled, has a path that would show what may be a secret in braces.
    /// - Returns: `nil` where what is wrong with the map or the key is told anyway: unless the layer ended there.
    private func visible(_ problem: ConfigurationProblem) -> ConfigurationProblem? {
        let steps = ConfigurationPath.steps(problem.path ?? "")
        let hidden = steps.indices.first { !isPlace(Array(steps[..<$0])) || hidesValue(at: Array(steps[..<$0])) }
        guard let hidden else { return problem }
        guard problem.code.endsLayer else { return nil }
        var problem = problem
        problem.path = steps[..<hidden].text
        return problem
    }

    /// The environment without the variables that will not do, where the defaults hold, and what was said of those.
    func heeded(in loaded: LoadedConfiguration) -> (environment: [String: String], warnings: [VariableWarning]) {
        var reading = PlanReading(self, loaded)
        _ = reading.plan()
        return (environment.without(reading.warnings.dropFirst(warnings.count)), reading.warnings)
    }
}

extension LoadedConfiguration {
    /// Whether a problem is that something is missing, and it may stand where a key was given before: of two equal keys
    /// only the later one's value is there.
    fileprivate func mayHold(_ problem: ConfigurationProblem) -> Bool {
        guard problem.code == .missing, let missing = problem.path else { return false }
        return problems.contains { duplicate in
            guard duplicate.code == .duplicateKey, let path = duplicate.path else { return false }
            return missing == path || missing.hasPrefix(path + ".")
        }
    }
}

/// One pass over a merged profile.
private struct PlanReading {
    private let catalog: PluginCatalog
    private let root: ConfigurationNode
    private let environment: [String: String]
    private let isWithoutEnvironment: Bool
    private let sections: [SettingDescription]
    private let selection: PluginSelection
    private(set) var problems: [ConfigurationProblem]
    private(set) var claims: [ResourceClaim] = []
    /// Each once, though several instances may ask for the variable.
    private(set) var warnings: [VariableWarning] = []
    private(set) var idle: [IdleSetting] = []
    private var servesOn = false

    /// What variables leave to exporters that the profile lacks.
    let untaken: [String]

    init(_ planner: ProfilePlanner, _ loaded: LoadedConfiguration) {
        catalog = planner.catalog
        environment = planner.environment
        sections = planner.description.sections
        warnings = planner.warnings
        root = loaded.root
        isWithoutEnvironment = loaded.isWithoutEnvironment
        selection = PluginSelection(root, planner.description)
        var keys = KeyCheck(places: planner.description.places)
        keys.check(root, against: planner.description.sections, path: "")
        problems = selection.problems + keys.problems
        if let file = environment["OTEL_CONFIG_FILE"], !file.isEmpty {
            let problem = "orderd reads its own profile, not OpenTelemetry's declarative configuration"
            warnings.append(VariableWarning(name: "OTEL_CONFIG_FILE", text: file, problem: problem))
        }
        untaken = NamingVariables.untaken(
            in: environment, by: selection.exporters, among: planner.description.plugins(in: "telemetry"))
        warnings += VariableWarning.unheardEndpoints(
            in: environment, root, picking: selection.exporters,
            among: planner.description.plugins(in: "telemetry"))
    }

    /// `nil` where the profile picks no storage that there is.
    mutating func plan() -> ServicePlan? {
        let service = section("service", ServiceSettings.self)
        let orders = section("orders", OrdersSection.self)
        let recording = section("recording", RecordingSettings.self)
        let logging = section("logging", LoggingSettings.self)
        let storages = planStorages()
        let transports = selection.transports.compactMap { planTransport($0) }
        let exporters = selection.exporters.compactMap { planExporter($0) }
        let middleware = selection.middleware.compactMap { planMiddleware($0) }
        guard let storage = storages.first else { return nil }
        return ServicePlan(
            service: service, rules: orders.rules, recording: recording, logging: logging, storage: storage,
            transports: transports, servesOn: servesOn, exporters: exporters, middleware: middleware)
    }

    /// Of several storages nobody knows which is meant: what they need, and what they lack, is no problem yet.
    private mutating func planStorages() -> [PlannedPlugin<any StoragePlugin>] {
        let before = (claims: claims, problems: problems.count)
        let storages = selection.storages.compactMap { planStorage($0) }
        if selection.storages.count > 1 {
            claims = before.claims
            problems = problems[..<before.problems] + problems[before.problems...].filter { $0.code != .missing }
        }
        return storages
    }

    private mutating func planStorage(_ instance: PluginInstance) -> PlannedPlugin<any StoragePlugin>? {
        guard case .storage(let type) = catalog.kind("storage", name: instance.plugin) else { return nil }
        return PlannedPlugin(name: instance.name, make: make(type, instance))
    }

    private mutating func planTransport(_ instance: PluginInstance) -> PlannedPlugin<any TransportPlugin>? {
        guard case .transport(let type) = catalog.kind("transport", name: instance.plugin) else { return nil }
        if !type.endsWithItsInput { servesOn = true }
        return PlannedPlugin(name: instance.name, make: make(type, instance))
    }

    private mutating func planExporter(_ instance: PluginInstance) -> PlannedPlugin<any ExporterPlugin>? {
        guard case .exporter(let type) = catalog.kind("exporter", name: instance.plugin) else { return nil }
        return PlannedPlugin(name: instance.name, make: make(type, instance))
    }

    private mutating func planMiddleware(_ instance: PluginInstance) -> PlannedPlugin<any MiddlewarePlugin>? {
        guard case .middleware(let type) = catalog.kind("middleware", name: instance.plugin) else { return nil }
        return PlannedPlugin(name: instance.name, make: make(type, instance))
    }

    private mutating func make<P: Plugin>(
        _ type: P.Type, _ instance: PluginInstance
    ) -> @Sendable (PluginContext) throws -> P {
        let configuration = read(P.Configuration.self, instance.node.entries, instance.path, instance.origin)
        return { context in try P(configuration, context: context) }
    }

    private mutating func section<C: PluginConfiguration>(_ key: String, _ type: C.Type) -> C {
        let entry = root.child(key)
        let node = entry?.value.asSection
        var reader = NodeReader()
        let settings = sections.first { $0.key == key }?.nested ?? []
        let entries = node.flatMap { $0.isNull ? nil : reader.entries($0, key, hint: settings.advice(for: $0)) } ?? []
        problems += reader.problems
        return read(type, entries, key, entry?.keyOrigin ?? root.origin)
    }

    private mutating func read<C: PluginConfiguration>(
        _ type: C.Type, _ entries: [ConfigurationNode.Entry], _ path: String, _ origin: ConfigurationOrigin
    ) -> C {
        let (configuration, settings) = C.read(
            ConfigurationSection(
                path: path, origin: origin, entries: entries, environment: environment,
                isWithoutEnvironment: isWithoutEnvironment))
        problems += settings.problems
        claims += settings.claims
        idle += settings.idle
        for warning in settings.warnings where !warnings.contains(warning) { warnings.append(warning) }
        return configuration
    }
}
