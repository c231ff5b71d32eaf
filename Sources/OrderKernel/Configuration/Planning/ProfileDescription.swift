/// Everything that a profile of one binary may say: the sections of the kernel and those of its plugins.
struct ProfileDescription: Sendable {
    /// The sections, in the order of the documents.
    let sections: [SettingDescription]
    let plugins: [PluginEntry]
    let places: KeyPlaces

    /// Exporters that a profile without `telemetry` has.
    let exporters: StandardExporters

    init(_ catalog: PluginCatalog, environment: [String: String]) {
        exporters = StandardExporters(environment)
        func plugins(_ key: String, _ kind: String, _ summary: String) -> SettingDescription {
            SettingDescription(
                key: key, summary: summary, shape: .plugins(catalog.section(of: kind)), presence: .optional)
        }
        func section<C: PluginConfiguration>(_ key: String, _ type: C.Type, _ summary: String) -> SettingDescription {
            SettingDescription(
                key: key, summary: summary, shape: .section(C.descriptions()),
                presence: .standard("{}"))
        }
        sections = [
            section("service", ServiceSettings.self, "The service as a whole."),
            section("orders", OrdersSection.self, "What an order may be."),
            plugins("storage", "storage", "Where orders are kept: exactly one storage."),
            plugins("transport", "transport", "How requests come in: at least one transport."),
            plugins("telemetry", "exporter", "Where traces, metrics and logs go: any number of exporters."),
            plugins("middleware", "middleware", "What stands between transports and orders, outermost first."),
            section("recording", RecordingSettings.self, "What is recorded for exporters, whichever they are."),
            section("logging", LoggingSettings.self, "The service's own log, on stderr."),
        ]
        self.plugins = catalog.entries
        places = KeyPlaces(sections)
    }
}
