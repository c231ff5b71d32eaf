internal import OrderKernel

/// What the service says of its own state, without asking storage.
struct HealthDocument: JSONRepresentable {
    enum Kind: Sendable {
        /// Whether all is well, as the replaced service said it.
        case health
        /// That the process lives.
        case liveness
        /// Whether each plugin does its work.
        case readiness
    }

    private let kind: Kind
    private let isReady: Bool
    private let plugins: [PluginEntry]

    init(_ kind: Kind, _ readiness: Readiness) {
        self.kind = kind
        self.isReady = kind == .liveness || readiness.isReady
        self.plugins = kind == .readiness ? readiness.plugins.map(PluginEntry.init) : []
    }

    /// The HTTP status that goes with the document.
    var status: Int { isReady ? 200 : 503 }

    var jsonCapacity: Int { 64 + plugins.jsonCapacity }

    func write(to json: inout JSONWriter) {
        switch (kind, isReady) {
        case (.liveness, _): json.raw("{\"status\":\"alive\"}")
        case (.health, true): json.raw("{\"status\":\"healthy\"}")
        case (.health, false): json.raw("{\"status\":\"unhealthy\"}")
        case (.readiness, true): writePlugins(after: "{\"status\":\"ready\",\"plugins\":", to: &json)
        case (.readiness, false): writePlugins(after: "{\"status\":\"not_ready\",\"plugins\":", to: &json)
        }
    }

    private func writePlugins(after start: StaticString, to json: inout JSONWriter) {
        json.raw(start)
        plugins.write(to: &json)
        json.raw("}")
    }
}

/// One plugin's state.
private struct PluginEntry: JSONRepresentable {
    let report: Readiness.Report

    var jsonCapacity: Int {
        128 + [report.kind, report.name, report.state.code ?? ""].reduce(0) { $0 + JSONWriter.capacity(of: $1) }
    }

    func write(to json: inout JSONWriter) {
        json.raw("{\"kind\":")
        json.string(report.kind)
        json.raw(",\"name\":")
        json.string(report.name)
        json.raw(",\"state\":")
        json.string(report.state.name)
        json.raw(",\"since\":")
        json.timestamp(report.since)
        if let code = report.state.code {
            json.raw(",\"error\":")
            json.string(code)
        }
        json.raw("}")
    }
}

extension Readiness.State {
    fileprivate var name: String {
        switch self {
        case .starting: "starting"
        case .ready: "ready"
        case .unavailable: "unavailable"
        case .ended: "ended"
        @unknown default: "unknown"
        }
    }

    /// Why the plugin cannot do its work, or could not do all of it.
    fileprivate var code: String? {
        switch self {
        case .unavailable(let code): code
        case .ended(let code): code
        default: nil
        }
    }
}
