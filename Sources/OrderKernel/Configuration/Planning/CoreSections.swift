internal import Logging

extension ServiceSettings: PluginConfiguration {
    package init(from settings: inout Settings) {
        name = settings.value(
            "name", default: "order", "What telemetry calls the service.",
            environment: .openTelemetry("OTEL_SERVICE_NAME").or(
                .openTelemetry("OTEL_RESOURCE_ATTRIBUTES", as: .pair("service.name"))))
        shutdownDelay = settings.value(
            "shutdown_delay", default: .zero,
            "How long everything is still served after the signal to stop, for a load balancer to notice.",
            in: .zero ... .seconds(3_600))
        shutdownGrace = settings.value(
            "shutdown_grace", default: .seconds(25), "How long what is in flight may then take before it is cut.",
            in: .zero ... .seconds(3_600))
        settings.check("name", holds: !name.isEmpty, "is empty; telemetry needs a name")
    }
}

/// The profile's `orders` section.
struct OrdersSection: PluginConfiguration {
    private enum Customer: String, ChoiceValue {
        case required
        case optional
    }

    let rules: OrderRules

    init(from settings: inout Settings) {
        let standard = OrderRules.standard
        let woodTypes = settings.list(
            "wood_types", default: standard.woodTypes, "Wood types that may be ordered.")
        let customer = settings.value(
            "customer_id", default: Customer.required, "Whether an order must name its customer.")
        let transitions: [OrderStatus: [OrderStatus]] = settings.lists(
            "transitions",
            "Statuses that may follow each status; a status without a list may be followed by every other.")
        rules = OrderRules(
            woodTypes: woodTypes, requiresCustomer: customer == .required, transitions: transitions)
        var known: Set<String> = []
        settings.check("wood_types", each: woodTypes) { name in
            if name.isEmpty { return "is an empty name" }
            if name.first?.isWhitespace == true || name.last?.isWhitespace == true {
                return "begins or ends with a blank"
            }
            if !known.insert(name).inserted { return "is there twice" }
            return name.utf8.contains(0) ? "holds the character NUL, which not every storage can keep" : nil
        }
    }
}

extension LoggingSettings: PluginConfiguration {
    package init(from settings: inout Settings) {
        level =
            settings.value(
                "level", default: LogLevel(.info), "Least level that is logged. Its case does not count."
            ).level
        format = settings.value(
            "format", default: .auto, "How log lines look; `auto` is text on a terminal and JSON elsewhere.")
    }
}

extension LoggingSettings.Format: ChoiceValue {}

/// A log level in any case, and as Python names it.
private struct LogLevel: SettingValue {
    let level: Logger.Level

    init(_ level: Logger.Level) { self.level = level }

    static var form: SettingForm {
        var form = SettingForm.choice(Logger.Level.allCases.map(\.rawValue))
        form.foldsCase = true
        form.aliases = pythonNames.keys.sorted()
        return form
    }
    static var placeholder: LogLevel { LogLevel(.trace) }
    static var alternative: LogLevel { LogLevel(.critical) }

    init(reading text: SettingText) throws(SettingFault) {
        let name = text.text.lowercased()
        guard let level = Logger.Level(rawValue: name) ?? Self.pythonNames[name] else { throw text.unknownChoice() }
        self.level = level
    }

    /// The names of Python's `logging` that swift-log does not share.
    private static let pythonNames: [String: Logger.Level] = ["warn": .warning, "fatal": .critical, "notset": .trace]

    var settingText: String { level.rawValue }
}
