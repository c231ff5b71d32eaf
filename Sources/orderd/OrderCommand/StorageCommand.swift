internal import ArgumentParser
internal import OrderKernel

/// `orderd storage`
struct StorageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "storage",
        abstract: "Looks after the storage of a profile: how its schema is, and what brings it up to date.",
        discussion: """
            Example:
              \(Root.name) storage status
            """,
        subcommands: [Status.self, Migrate.self, Plan.self])

    /// `orderd storage status`
    struct Status: Verb {
        static let configuration = CommandConfiguration(
            commandName: "status",
            abstract: "Says which steps of the schema were taken; changes nothing.",
            discussion: """
                Ends with 0 where the schema is up to date, and with 69 where steps are missing or the storage cannot \
                be had, as `run` does with `migrate: never`.

                Example:
                  \(Root.name) storage status --config config/postgres.yaml
                """)

        @OptionGroup var profile: ProfileOptions

        func run(with plugins: [any Plugin.Type]) async throws -> ExitStatus {
            try await profile.withSchema(.inspect, for: plugins) { report in
                let printed = Terminal.output(report.status)
                return printed == .done && !report.missing.isEmpty ? .unavailable : printed
            }
        }
    }

    /// `orderd storage migrate`
    struct Migrate: Verb {
        static let configuration = CommandConfiguration(
            commandName: "migrate",
            abstract: "Takes the steps of the schema that are missing: all of them, or none.",
            discussion: """
                Example:
                  \(Root.name) storage migrate --config config/postgres.yaml
                """)

        @OptionGroup var profile: ProfileOptions

        func run(with plugins: [any Plugin.Type]) async throws -> ExitStatus {
            try await profile.withSchema(.migrate, for: plugins) { Terminal.output($0.status) }
        }
    }

    /// `orderd storage plan`
    struct Plan: Verb {
        static let configuration = CommandConfiguration(
            commandName: "plan",
            abstract: "Prints the SQL that `migrate` would run; changes nothing.",
            discussion: """
                Example:
                  \(Root.name) storage plan --config config/postgres.yaml | psql -v ON_ERROR_STOP=1 "$DATABASE_URL"
                """)

        @OptionGroup var profile: ProfileOptions

        func run(with plugins: [any Plugin.Type]) async throws -> ExitStatus {
            try await profile.withSchema(.inspect, for: plugins) { Terminal.output($0.plan) }
        }
    }
}

extension ProfileOptions {
    /// Asks the storage of a profile for its schema, and lends the answer.
    ///
    /// That there is none goes to standard error: standard output may be piped into a database's client.
    fileprivate func withSchema(
        _ work: SchemaWork, for plugins: [any Plugin.Type], _ tell: (SchemaReport) -> ExitStatus
    ) async throws -> ExitStatus {
        try await withPlan(for: plugins) { plan, _ in
            plan.tellWarnings()
            let name = "storage.\(plan.storage.name)"
            let logger = LogOutput(plan.logging, allowsColour: false).logger(name, telemetry: nil)
            do {
                let context = PluginContext.standalone(plan.storage.name, logger: logger, time: SystemTime())
                guard let report = try await plan.storage.make(context).schema(work) else {
                    Terminal.error("orderd: \(name), as it is set up, has no schema to bring up to date")
                    return .done
                }
                return tell(report)
            } catch {
                return .telling(PluginFault(plugin: name, error: error))
            }
        }
    }
}

extension SchemaReport {
    /// For people: a line for each step.
    fileprivate var status: String {
        let lines = steps.map { step in
            "  step \(step.version): "
                + (step.isTaken ? step.statements.isEmpty ? "taken by a newer orderd" : "taken" : "missing")
        }
        let end =
            missing.isEmpty ? "up to date" : "not up to date; `\(Root.name) storage migrate` takes what is missing"
        return ([place] + lines + [end]).joined(separator: "\n")
    }

    /// For a database's own client: one transaction.
    fileprivate var plan: String {
        guard !missing.isEmpty else { return "-- nothing to do: \(place) is up to date" }
        let statements = ["BEGIN"] + missing.flatMap(\.statements) + ["COMMIT"]
        return (["-- \(place)"] + statements.map { $0 + ";" }).joined(separator: "\n")
    }
}
