internal import OTLPFormat
public import OrderKernel

extension OTLPExporter {
    /// The settings of an OTLP exporter.
    public struct Configuration: PluginConfiguration {
        let signals: TelemetrySignals
        let demand: TelemetryDemand
        let temporality: Temporality
        private let general: TargetSettings
        private let own: [OTLPRequest.Signal: TargetSettings]

        public init(from settings: inout Settings) {
            signals = TelemetrySignals.read(from: &settings, exporter: OTLPExporter.name)
            general = TargetSettings(from: &settings, variables: "OTEL_EXPORTER_OTLP")
            let traces: Traces = settings.section("traces", "What is different for traces.")
            let metrics: Metrics = settings.section("metrics", "What is different for metrics.")
            let logs: Logs = settings.section("logs", "What is different for log records.")
            own = [.traces: traces.target, .metrics: metrics.target, .logs: logs.target]
            settings.check(
                "endpoint", holds: general.endpoint?.query == nil,
                "holds a query, which only the endpoint of a signal may: traces, metrics or logs")
            settings.check(
                "endpoint", holds: general.endpoint?.path.contains(/\/v1\/(traces|metrics|logs)\/?$/) != true,
                "ends with the path of one signal, which is added for each; leave it out, or say it for that signal")
            let targets: [(name: OTLPRequest.Signal, own: TargetSettings)] = [
                (.traces, traces.target), (.metrics, metrics.target), (.logs, logs.target),
            ]
            for (name, own) in targets where own.endpoint?.query != nil {
                settings.check(
                    "\(name.rawValue).endpoint", holds: OTLPTarget(name, own, general).transfer != .grpc,
                    "holds a query, which gRPC has no place for")
            }
            Self.checkPairs(&settings, general, targets.map(\.own))
            Self.checkEffects(&settings, general, targets)
            temporality = settings.value(
                "temporality", default: .cumulative,
                """
                Whether metrics add up from the beginning, or from the export before; with `lowmemory` the latter only \
                of what orderd itself counts.
                """, environment: .openTelemetry("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", as: .choice))
            _ = settings.value(
                "histograms", default: HistogramAggregation.explicit, "How histograms are made.",
                environment: .openTelemetry("OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION", as: .choice))
            demand = TelemetryDemand(from: &settings)
        }

        /// - Parameter own: What is said for traces, metrics and logs.
        private static func checkPairs(_ settings: inout Settings, _ general: TargetSettings, _ own: [TargetSettings]) {
            let (given, missing) = general.half
            settings.check(
                given, missing, holds: general.isPaired(over: general) || own.allSatisfy(\.hasPart),
                "goes with \(missing), which is not given")
            for (section, target) in zip(["traces", "metrics", "logs"], own) {
                let (given, missing) = target.half
                settings.check(
                    "\(section).\(given)", "client_certificate", "client_key",
                    holds: !target.hasPart || target.isPaired(over: general),
                    "goes with \(missing), which is not given")
            }
        }

        /// Tells what is said of TLS where there is none, and what the scheme of an endpoint overrules.
        private static func checkEffects(
            _ settings: inout Settings, _ general: TargetSettings,
            _ signals: [(name: OTLPRequest.Signal, own: TargetSettings)]
        ) {
            func isPlain(_ signal: OTLPRequest.Signal, _ own: TargetSettings) -> Bool {
                OTLPTarget(signal, own, general).security == nil
            }
            func overruled(_ signal: OTLPRequest.Signal, _ own: TargetSettings) -> String? {
                let endpoint = own.endpoint ?? general.endpoint
                guard endpoint == nil || endpoint?.isSecure != nil,
                    let isInsecure = own.isInsecure ?? general.isInsecure, isInsecure != isPlain(signal, own)
                else { return nil }
                guard endpoint != nil else { return "no endpoint is given, and the default begins with http://" }
                let scheme = isInsecure ? "https://, which means TLS" : "http://, which means no TLS"
                return "the endpoint begins with \(scheme); change that, or leave insecure out"
            }
            let plain = "nothing goes there over TLS; the endpoint must begin with https://"
            for key in ["certificate", "client_certificate", "client_key"] {
                settings.checkEffect(key, isNone: signals.allSatisfy { isPlain($0.name, $0.own) } ? plain : nil)
                for (name, own) in signals {
                    settings.checkEffect("\(name.rawValue).\(key)", isNone: isPlain(name, own) ? plain : nil)
                }
            }
            let heirs = signals.filter { $0.own.isInsecure == nil }
            let reasons = heirs.compactMap { overruled($0.name, $0.own) }
            let reason = heirs.isEmpty ? "each signal has its own" : reasons.first
            settings.checkEffect("insecure", isNone: reasons.count == heirs.count ? reason : nil)
            for (name, own) in signals {
                settings.checkEffect("\(name.rawValue).insecure", isNone: overruled(name, own))
            }
        }

        /// Where a signal goes, and how.
        func target(for signal: OTLPRequest.Signal) -> OTLPTarget {
            OTLPTarget(signal, own[signal] ?? general, general)
        }
    }
}

/// The one way in which histograms are made here.
private enum HistogramAggregation: String, ChoiceValue {
    case explicit = "explicit_bucket_histogram"
}

/// Settings that may be said for all signals, and again for one.
struct TargetSettings {
    let endpoint: OTLPEndpoint?
    let transfer: OTLPTransfer?
    let isInsecure: Bool?
    /// None of them where it is empty; `nil` where nothing is said.
    let headers: [FieldName: FieldValue]?
    let timeout: Duration?
    let compression: OTLPCompression?
    let certificate: SettingPath?
    let clientCertificate: SettingPath?
    let clientKey: SettingPath?

    /// - Parameter variables: What OpenTelemetry's variables begin with.
    init(from settings: inout Settings, variables: String) {
        endpoint = settings.optional(
            "endpoint", "Where the collector is; http://localhost:4318, or :4317 for gRPC, where nothing is said.",
            environment: .openTelemetry(variables + "_ENDPOINT"), example: "http://localhost:4317")
        transfer = settings.optional(
            "protocol", "How telemetry travels; without it gRPC to port 4317, and http/protobuf elsewhere.",
            environment: .openTelemetry(variables + "_PROTOCOL", as: .choice))
        isInsecure = settings.optional(
            "insecure", "Whether gRPC is without TLS where the endpoint has no scheme.",
            environment: .openTelemetry(variables + "_INSECURE", as: .boolean))
        headers = settings.optionalMap(
            "headers", "Fields of each request, such as keys; those of one signal replace the others.",
            environment: .openTelemetry(variables + "_HEADERS", as: .pairs))
        timeout = settings.optional(
            "timeout", "How long one export may take with all its attempts: 10s where nothing is said, 0 for ever.",
            in: .zero ... .seconds(3_600), environment: .openTelemetry(variables + "_TIMEOUT", as: .milliseconds),
            example: "10s")
        compression = settings.optional(
            "compression", "How requests are made smaller.",
            environment: .openTelemetry(variables + "_COMPRESSION", as: .choice))
        certificate = settings.optional(
            "certificate", "File with the certificates that the collector's is trusted by; without it the system's.",
            environment: .openTelemetry(variables + "_CERTIFICATE"), example: "/etc/orderd/authorities.pem")
        clientCertificate = settings.optional(
            "client_certificate", "File with the certificate that orderd shows to the collector.",
            environment: .openTelemetry(variables + "_CLIENT_CERTIFICATE"), example: "/etc/orderd/client.pem")
        clientKey = settings.optional(
            "client_key", "File with the key of that certificate.",
            environment: .openTelemetry(variables + "_CLIENT_KEY"), example: "/etc/orderd/client.key")
    }
}

extension TargetSettings {
    /// Whether a certificate to show comes with its key: what is said for one signal counts more, setting by setting.
    fileprivate func isPaired(over general: TargetSettings) -> Bool {
        ((clientCertificate ?? general.clientCertificate) == nil) == ((clientKey ?? general.clientKey) == nil)
    }

    /// The one of the pair that is there, where only one is, and the other.
    fileprivate var half: (given: String, missing: String) {
        clientKey == nil ? ("client_certificate", "client_key") : ("client_key", "client_certificate")
    }

    /// Whether one of the pair is said.
    fileprivate var hasPart: Bool { clientCertificate != nil || clientKey != nil }
}

private struct Traces: PluginConfiguration {
    let target: TargetSettings
    init(from settings: inout Settings) {
        target = TargetSettings(from: &settings, variables: "OTEL_EXPORTER_OTLP_TRACES")
    }
}

private struct Metrics: PluginConfiguration {
    let target: TargetSettings
    init(from settings: inout Settings) {
        target = TargetSettings(from: &settings, variables: "OTEL_EXPORTER_OTLP_METRICS")
    }
}

private struct Logs: PluginConfiguration {
    let target: TargetSettings
    init(from settings: inout Settings) {
        target = TargetSettings(from: &settings, variables: "OTEL_EXPORTER_OTLP_LOGS")
    }
}
