internal import ArgumentParser
internal import Glibc
public import OrderKernel

/// An `orderd`: the command line over one list of plugins.
///
/// The whole of a distribution's own code is that list:
///
///     @main
///     struct Orderd: Distribution {
///         static let plugins: [any Plugin.Type] = [SQLiteStorage.self, HTTPTransport.self]
///     }
public protocol Distribution {
    /// Every plugin that a profile may pick.
    static var plugins: [any Plugin.Type] { get }
}

extension Distribution {
    /// Runs the verb that the arguments name, and ends the process with its exit code.
    @concurrent
    public static func main() async {
        StandardFiles.occupy()
        signal(SIGPIPE, SIG_IGN)
        if let number = unreadableArgument {
            Terminal.error("orderd: argument \(number) is not UTF-8 text")
            exit(ExitStatus.usage.rawValue)
        }
        exit(await ExitStatus.running(Array(CommandLine.arguments.dropFirst()), plugins: plugins).rawValue)
    }

    /// The first argument, counted from 1, that would not be handed on byte for byte.
    private static var unreadableArgument: Int? {
        (1..<max(1, Int(CommandLine.argc))).first { number in
            CommandLine.unsafeArgv[number].map { String(validatingCString: $0) == nil } ?? false
        }
    }
}
