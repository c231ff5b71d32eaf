internal import Logging
public import OrderKernel
import ServiceLifecycle

/// Answers requests that come as lines of JSON, one result line for each, in the order of the input.
///
/// Lines take effect as if run one after another, though up to `window` of them are under way at once.
public struct JSONLinesTransport: TransportPlugin {
    public static let name = "json_lines"
    public static let summary = "Reads requests as lines of JSON and writes one result line for each."
    public static let endsWithItsInput = true

    /// The settings of the transport.
    public struct Configuration: PluginConfiguration {
        let input: SettingPath
        let output: SettingPath
        let window: Int
        let maxLine: ByteCount
        let retryFor: Duration
        let principal: String?

        public init(from settings: inout Settings) {
            input = settings.value(
                "input", default: SettingPath("-"), "File that holds the lines; `-` is standard input.")
            output = settings.value(
                "output", default: SettingPath("-"),
                "File that takes the results, emptied before the first or when there is none; `-` is standard output.")
            window = settings.value(
                "window", default: 8_192,
                "Lines under way at once; none is taken while lines and results hold more than 2 MiB.", in: 1...16_384)
            maxLine = settings.value(
                "max_line", default: .mebibytes(1), "Longest line; longer ones are refused and skipped.",
                in: .kibibytes(1) ... .mebibytes(16))
            retryFor = settings.value(
                "retry_for", default: .seconds(60), "How long passing trouble is waited out before the run stops.",
                in: .zero ... .seconds(86_400))
            principal = settings.optional("principal", "Who the requests count as, for idempotency keys.")
            settings.needs(.input(input.text), for: "input")
            settings.needs(.output(output.text), for: "output")
        }
    }

    private let configuration: Configuration
    private let context: PluginContext

    public init(_ configuration: Configuration, context: PluginContext) {
        self.configuration = configuration
        self.context = context
    }

    public func run(serving service: OrderService) async throws -> TransportEnd {
        let input = try LineInput(path: configuration.input.text)
        defer { input.close() }
        guard let output = try await open(besides: input) else {
            let notice = OperatorNotice(instance: context.instance)
            notice.stopped(after: 0)
            notice.summary(Tally(), after: .zero)
            return .stoppedEarly
        }
        // Nothing is to be stored whose result cannot be written.
        guard output.isOpenForWriting else {
            context.logger.error(
                "results cannot be written", metadata: ["reason": "standard output is closed", "after_line": "0"])
            OperatorNotice(instance: context.instance).summary(Tally(), after: .zero)
            return .outputFailed
        }
        let run: LineRun
        do {
            run = try LineRun(configuration, context: context, service: service, input: input, output: output)
        } catch {
            try? output.close()
            throw error
        }
        context.ready()
        return try await run.run()
    }

    /// - Returns: `nil` when the service stops before somebody reads the output.
    private func open(besides input: LineInput) async throws -> LineOutput? {
        do {
            return try await cancelWhenGracefulShutdown {
                try await LineOutput.open(configuration.output.text, besides: input, time: context.time)
            }
        } catch is CancellationError {
            return nil
        }
    }
}
