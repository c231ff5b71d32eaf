internal import ArgumentParser
internal import Glibc
internal import OrderKernel

/// Which profile a verb works on.
struct ProfileOptions: ParsableArguments {
    /// The profile that is taken when none is named.
    private static let usual = "orderd.yaml"

    @Option(
        name: .customLong("config"),
        help: ArgumentHelp(
            "A profile; may be repeated: the later wins. Without it ./orderd.yaml, or else the built-in default.",
            valueName: "file"),
        completion: .file(extensions: ["yaml", "yml"]))
    var files: [String] = []

    @Option(
        name: .customLong("set"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp("One setting, over every profile; may be repeated.", valueName: "a.b=c"))
    var settings: [String] = []

    /// Not while parsing: the parser would repeat what was given, which may be a secret.
    func validate() throws {
        if files.contains("") { throw ValidationError("The name of a file after --config is empty.") }
        do throws(SettingOverrideError) {
            for setting in settings { _ = try SettingOverride(setting) }
        } catch {
            throw ValidationError(error.description)
        }
    }

    /// Reads the profile: everything that it says, and everything that is wrong with it.
    /// - Parameter withoutEnvironment: Whether a `${NAME}` or `${file:}` without a value is let pass.
    /// - Throws: ``PluginError`` where the binary's own list of plugins is at fault.
    func read(
        for plugins: [any Plugin.Type], withoutEnvironment: Bool = false
    ) throws(PluginError) -> ProfileReading {
        let (environment, unreadable) = (ProcessEnvironment.variables(), ProcessEnvironment.unreadable())
        var planner = try ProfilePlanner(plugins: plugins, environment: environment, unreadable: unreadable)
        planner.directory = ProcessEnvironment.directory
        var loader = ConfigurationLoader(environment: environment)
        loader.unreadableVariables = unreadable
        loader.withoutEnvironment = withoutEnvironment
        loader.unused = { [planner] in planner.unused(in: $0) }
        let paths = files.isEmpty && Self.isThere(Self.usual) ? [Self.usual] : files.withoutRepetitions
        let sources = paths.map { ProfileSource(path: $0) }
        let loaded = loader.load(sources, overrides: settings.compactMap { try? SettingOverride($0) })
        let (plan, problems) = planner.plan(loaded)
        return ProfileReading(paths: paths, loaded: loaded, planner: planner, plan: plan, problems: problems)
    }

    /// Whether there is such a file, even if it is a link that leads nowhere.
    static func isThere(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// Reads the profile and hands on its plan, and how it was read, if it is valid; says what is wrong with it
    /// otherwise.
    func withPlan(
        for plugins: [any Plugin.Type], _ body: (ServicePlan, ProfileReading) async throws -> ExitStatus
    ) async throws -> ExitStatus {
        let reading = try read(for: plugins)
        guard let plan = reading.plan else {
            Terminal.error(reading.report.text)
            return .configuration
        }
        return try await body(plan, reading)
    }
}

extension [String] {
    /// Each once, where it stands last: what a profile says twice counts in its higher place.
    fileprivate var withoutRepetitions: [String] {
        enumerated().filter { index, file in
            !self[(index + 1)...].contains { $0.utf8.elementsEqual(file.utf8) }
        }.map(\.element)
    }
}

/// A profile that was read.
struct ProfileReading {
    /// The profiles' files; empty for the built-in default.
    let paths: [String]
    let loaded: LoadedConfiguration
    let planner: ProfilePlanner
    /// `nil` when there are problems.
    let plan: ServicePlan?
    let problems: [ConfigurationProblem]

    /// The profiles, as an operator would name them.
    var name: String {
        guard paths.isEmpty else { return paths.joined(separator: ", ") }
        let isMisnamed = ProfileOptions.isThere("orderd.yml")
        return "the built-in default" + (isMisnamed ? "; orderd.yml is read only where --config names it" : "")
    }

    /// What is wrong, for people or for programs.
    var report: ProblemReport { ProblemReport(problems, in: loaded, secrecy: planner.secrecy) }
}
