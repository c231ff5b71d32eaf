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
}
