internal import OrderKernel

extension ServicePlan {
    /// Where the log goes, in colours unless the environment has `NO_COLOR`.
    func logOutput() -> LogOutput {
        LogOutput(logging, allowsColour: ProcessEnvironment.variables()["NO_COLOR"] == nil)
    }

    /// What the service is, for exporters.
    func resource() -> [TelemetryAttribute] {
        TelemetryResource.attributes(
            serviceName: service.name, version: orderdVersion, others: recording.attributes)
    }

    /// Says what is odd with the profile and its environment, to whoever has no log of the service.
    func tellWarnings() {
        for warning in warnings { Terminal.error("orderd: \(warning.printable)") }
    }
}
