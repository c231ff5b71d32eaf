import OrderKernel
import Testing

@testable import OrderCommand

@Suite("What the operator is told of an error")
struct ExitStatusTests {
    private struct DriverError: Error, CustomStringConvertible {
        let description = "no route to postgresql://orders:s3cret@db/orders"
    }

    @Test("a driver's error is told without the password that it repeats")
    func password() {
        let (text, status) = ExitStatus.words(for: PluginFault(plugin: "storage.own", error: DriverError()))
        #expect(text == "storage.own: no route to postgresql://orders:…@db/orders")
        #expect(status == .internalError)
    }

    @Test("a storage that cannot be had is unavailable, whoever throws its error")
    func storage() {
        let error = StorageError(.unavailable, code: "away", detail: "http://a:s3cret@b")
        for error in [error, PluginFault(plugin: "storage.own", error: error)] as [any Error] {
            let (text, status) = ExitStatus.words(for: error)
            #expect(text == "storage is unavailable (away): http://a:…@b")
            #expect(status == .unavailable)
        }
    }

    @Test("what a plugin lacks is told with its name, and is unavailable")
    func lacking() {
        let error = PluginError("the key of http://a:s3cret@b does not fit")
        let (text, status) = ExitStatus.words(for: PluginFault(plugin: "middleware.gate/two", error: error))
        #expect(text == "middleware.gate/two: the key of http://a:…@b does not fit")
        #expect(status == .unavailable)
        #expect(ExitStatus.words(for: error).status == .unavailable)
    }

    @Test(
        "the gravest of a failure and the others' ends decides the exit code",
        arguments: [
            (.internalError, 70), (.outputFailed, 74), (.stoppedEarly, 69), (.someRefused, 69),
        ] as [(TransportEnd, Int32)])
    func precedence(othersEnd: TransportEnd, code: Int32) {
        var fault = PluginFault(plugin: "transport.own", error: PluginError("no input"))
        fault.othersEnd = othersEnd
        #expect(ExitStatus.words(for: fault).status.rawValue == code)
        fault = PluginFault(plugin: "transport.own", error: DriverError())
        fault.othersEnd = othersEnd
        #expect(ExitStatus.words(for: fault).status == .internalError)
    }
}
