/// The profile's `recording` section: what is recorded for exporters, whichever they are.
package struct RecordingSettings: Sendable {
    /// Which traces without a parent are recorded, and whether those with one follow it.
    package enum Sampler: String, CaseIterable, Sendable {
        case alwaysOn = "always_on"
        case alwaysOff = "always_off"
        case ratio = "traceidratio"
        case parentBasedAlwaysOn = "parentbased_always_on"
        case parentBasedAlwaysOff = "parentbased_always_off"
        case parentBasedRatio = "parentbased_traceidratio"
    }

    /// A form of headers that carries a trace, or what belongs to it, from service to service.
    package enum Propagator: String, CaseIterable, Sendable {
        case traceContext = "tracecontext"
        case baggage
        case b3
        case b3Multiple = "b3multi"
        case none
    }

    /// Which measurements lead to a trace.
    package enum ExemplarFilter: String, CaseIterable, Sendable {
        case traceBased = "trace_based"
        case alwaysOn = "always_on"
        case alwaysOff = "always_off"
    }

    /// Which log records exporters are given.
    package enum LogFilter: String, CaseIterable, Sendable {
        case all
        /// As the setting `trace_based` of a logger in OpenTelemetry's specification.
        case traceBased = "trace_based"
    }

    package var isEnabled = true
    package var sampler = Sampler.parentBasedAlwaysOn
    /// Part of the traces that a sampler by ratio records, 0...1.
    package var ratio = 1.0
    package var propagators: [Propagator] = [.traceContext, .baggage]
    package var exemplars = ExemplarFilter.traceBased
    package var logs = LogFilter.all
    /// What the service is, beside what it says of itself.
    package var attributes: [String: String] = [:]
    package var limits = RecordLimits()

    package init() {}
}

/// How much of a record is kept: what is beyond is left out and counted in the record.
package struct RecordLimits: Sendable, Equatable {
    package var spanAttributes = 128
    /// Most characters of a text; `nil` for as many as there are.
    package var spanText: Int?
    package var events = 128
    package var links = 128
    package var eventAttributes = 128
    package var linkAttributes = 128
    package var logAttributes = 128
    /// Most characters of a text; `nil` for as many as there are.
    package var logText: Int?

    package init() {}
}

extension RecordingSettings.Sampler: ChoiceValue {}
extension RecordingSettings.Propagator: ChoiceValue {}
extension RecordingSettings.ExemplarFilter: ChoiceValue {}
extension RecordingSettings.LogFilter: ChoiceValue {}

extension RecordingSettings: PluginConfiguration {
    package init(from settings: inout Settings) {
        isEnabled = settings.value(
            "enabled", default: isEnabled,
            "Whether anything is recorded for exporters. Traces are passed on in any case.",
            environment: .openTelemetry("OTEL_SDK_DISABLED", as: .negatedBoolean))
        sampler = settings.value(
            "sampler", default: sampler,
            "Which traces are recorded; `parentbased_…` does what the caller did, and the rest of its name for others.",
            environment: .openTelemetry("OTEL_TRACES_SAMPLER", as: .choice))
        ratio = settings.value(
            "sampler_ratio", default: ratio, "Part of the traces that a sampler with `traceidratio` records.",
            in: 0...1,
            environment: .openTelemetry("OTEL_TRACES_SAMPLER_ARG"))
        settings.checkEffect("sampler_ratio", isNone: unheededRatio)
        propagators = settings.list(
            "propagators", default: propagators,
            "Headers that carry a trace, and what belongs to it; of several that are there, the later counts.",
            environment: .openTelemetry("OTEL_PROPAGATORS", as: .list))
        exemplars = settings.value(
            "exemplars", default: exemplars, "Which measurements name a trace as an example.",
            environment: .openTelemetry("OTEL_METRICS_EXEMPLAR_FILTER", as: .choice))
        logs = settings.value(
            "logs", default: logs,
            "Which log records are exported; `trace_based` leaves out those of traces that are not recorded.")
        attributes = settings.map(
            "attributes", default: attributes,
            "What the service is, such as `deployment.environment.name: production`.",
            environment: .resourceAttributes)
        settings.checkNames("attributes", fault: TelemetryResource.fault)
        limits = settings.section("limits", "How much of a span or log record is kept.")
    }
}

extension RecordingSettings {
    /// Why the ratio has no effect; `nil` where it has one, or leaves out nothing.
    private var unheededRatio: String? {
        let heeding: Sampler? =
            switch sampler {
            case .ratio, .parentBasedRatio: nil
            case .alwaysOn, .alwaysOff: .ratio
            case .parentBasedAlwaysOn, .parentBasedAlwaysOff: .parentBasedRatio
            }
        guard ratio < 1, let heeding else { return nil }
        return "the sampler is \(sampler.rawValue); set recording.sampler to \(heeding.rawValue)"
    }
}

extension RecordLimits: PluginConfiguration {
    package init(from settings: inout Settings) {
        let counts = 0...100_000
        spanAttributes = settings.value(
            "span_attributes", default: spanAttributes, "Most attributes of a span.", in: counts,
            environment: .openTelemetry("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT"))
        spanText = settings.optional(
            "span_text", "Most characters of a text in a span.", in: counts,
            environment: .openTelemetry("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT"))
        events = settings.value(
            "events", default: events, "Most events of a span.", in: counts,
            environment: .openTelemetry("OTEL_SPAN_EVENT_COUNT_LIMIT"))
        links = settings.value(
            "links", default: links, "Most links of a span.", in: counts,
            environment: .openTelemetry("OTEL_SPAN_LINK_COUNT_LIMIT"))
        eventAttributes = settings.value(
            "event_attributes", default: eventAttributes, "Most attributes of an event.", in: counts,
            environment: .openTelemetry("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT"))
        linkAttributes = settings.value(
            "link_attributes", default: linkAttributes, "Most attributes of a link.", in: counts,
            environment: .openTelemetry("OTEL_LINK_ATTRIBUTE_COUNT_LIMIT"))
        logAttributes = settings.value(
            "log_attributes", default: logAttributes, "Most attributes of a log record.", in: counts,
            environment: .openTelemetry("OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT"))
        logText = settings.optional(
            "log_text", "Most characters of a text in a log record's attributes.", in: counts,
            environment: .openTelemetry(
                "OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT"))
    }
}
