import OrderKernel

/// A profile that is planned with the sample plugins.
struct PlannedProfile {
    let planner: ProfilePlanner
    let loaded: LoadedConfiguration
    let plan: ServicePlan?
    let problems: [ConfigurationProblem]

    /// - Parameters:
    ///   - layers: Texts of the files, lowest first.
    ///   - set: What stands after each `--set`.
    init(
        _ layers: String..., set: [String] = [], environment: [String: String] = [:], withoutEnvironment: Bool = false,
        plugins: [any Plugin.Type] = SamplePlugins.all, directory: String = ""
    ) throws {
        var planner = try ProfilePlanner(plugins: plugins, environment: environment)
        planner.directory = directory
        var loader = ConfigurationLoader(environment: environment)
        loader.withoutEnvironment = withoutEnvironment
        loader.unused = { [planner] in planner.unused(in: $0) }
        let sources = layers.enumerated().map { ProfileSource(name: "\($0).yaml", bytes: Array($1.utf8)) }
        loaded = loader.load(sources, overrides: try set.map { try SettingOverride($0) })
        self.planner = planner
        let (plan, problems) = planner.plan(loaded)
        self.plan = plan
        self.problems = problems.sorted()
    }

    /// The problems as the operator reads them, without excerpts: `0.yaml:2:3 unknown_key transport.htp: …`.
    var lines: [String] { problems.map { line($0) } }

    private func line(_ problem: ConfigurationProblem) -> String {
        let place =
            switch problem.origin.layer {
            case .standard: "default"
            case .environment(let name): name
            case .file(let index): "\(index).yaml:\(problem.origin.line):\(problem.origin.column)"
            case .set(let index): "--set \(index)"
            }
        return "\(place) \(problem.code.rawValue) \(problem.path ?? "-"): \(problem.message)"
    }
}

extension PlannedProfile {
    /// A profile with something of everything.
    static let rich = """
        service: {name: "a: b $$5"}
        storage: {postgres: {url: "postgresql://me:hunter2@db:5432/orders?a=1", password: hunter3}}
        transport:
          http/admin:
            port: 1
            token: hunter4
            protocols: [http2]
            rules: [{match: x}, {match: 'null', weight: 1}]
            peers: {one: {match: "with # sign"}}
            names: {a: 1}
        telemetry:
          console:
          otlp: {endpoint: http://me:hunter5@host, headers: {authorization: hunter6}}
        middleware:
          - rate_limit: {per_second: 7}
        """
}
