internal import ArgumentParser
internal import OrderKernel

/// The exit codes, as `sysexits.h` names them.
enum ExitStatus: Int32 {
    case done = 0
    case usage = 64
    case someRefused = 65
    case unavailable = 69
    case internalError = 70
    case outputFailed = 74
    case stoppedEarly = 75
    case configuration = 78

    init(_ end: TransportEnd) {
        self =
            switch end {
            case .complete: .done
            case .someRefused: .someRefused
            case .stoppedEarly: .stoppedEarly
            case .unavailable: .unavailable
            case .outputFailed: .outputFailed
            case .internalError: .internalError
            }
    }

    /// Tells the operator what a plugin threw that ended the service, or kept it from starting.
    static func telling(_ error: any Error) -> ExitStatus {
        let (text, status) = words(for: error)
        Terminal.error("orderd: \(text)")
        return status
    }

    /// What the operator is told of an error, without passwords: a driver may have repeated one.
    static func words(for error: any Error) -> (text: String, status: ExitStatus) {
        let fault = error as? PluginFault
        let cause = fault?.error ?? error
        let unavailable = ExitStatus(max(.unavailable, fault?.othersEnd ?? .complete))
        if let error = cause as? StorageError {
            return ("storage is unavailable (\(error.code)): \(error.detail.withoutPasswords)", unavailable)
        }
        return ("\(error)".withoutPasswords, cause is PluginError ? unavailable : .internalError)
    }
}
