extension VariableWarning {
    /// Variables that say where a collector is, in a profile that has no exporter to send anything there.
    ///
    /// Whoever takes `otlp` out of the profile, or names the exporters of all signals, wants it so, and is told
    /// nothing.
    /// - Parameters:
    ///   - root: The profile, without defaults.
    ///   - exporters: Those that it picks.
    ///   - plugins: Those that it could pick.
    static func unheardEndpoints(
        in environment: [String: String], _ root: ConfigurationNode, picking exporters: [PluginInstance],
        among plugins: PluginSection?
    ) -> [VariableWarning] {
        func isSet(_ name: String) -> Bool { environment[name]?.isEmpty == false }
        let section = root.child("telemetry")?.value.asSection
        let hasSection = section?.isNull == false
        let isWanted =
            exporters.contains { $0.plugin == "otlp" } || section?.child("otlp") != nil
            || !hasSection && NamingVariables.exporters.allSatisfy(isSet)
        if isWanted { return [] }
        let problem =
            if plugins?.plugin(of: "otlp") == nil {
                "this program has no exporter otlp"
            } else if hasSection {
                "the profile has no exporter otlp; add 'otlp: {}' to its section telemetry"
            } else {
                "no exporter otlp is in use; set OTEL_TRACES_EXPORTER=otlp, or give the profile 'telemetry: {otlp: {}}'"
            }
        let names = ["", "TRACES_", "METRICS_", "LOGS_"].map { "OTEL_EXPORTER_OTLP_\($0)ENDPOINT" }
        return names.filter(isSet).map { name in
            let text = environment[name, default: ""]
            return VariableWarning(name: name, text: SettingForm.address.hides(text) ? "…" : text, problem: problem)
        }
    }
}
