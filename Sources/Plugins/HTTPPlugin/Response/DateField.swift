internal import Glibc
internal import OrderKernel
internal import Synchronization

/// The value of the `Date` field (RFC 9110, section 5.6.7), made once a second.
final class DateField: Sendable {
    private struct State {
        var second = Int64.min
        var text = ""
    }

    private let state = Mutex(State())  // protects the text, and the second it is for
    private let time: any TimeSource

    init(time: any TimeSource) {
        self.time = time
    }

    /// Such as `Sun, 06 Nov 1994 08:49:37 GMT`.
    var value: String {
        let second = time.date.milliseconds / 1_000
        return state.withLock { state in
            if state.second != second { state = State(second: second, text: Self.text(of: second)) }
            return state.text
        }
    }

    static func text(of second: Int64) -> String {
        var parts = tm()
        var second = time_t(second)
        gmtime_r(&second, &parts)
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let date = "\(pad(parts.tm_mday)) \(months[Int(parts.tm_mon)]) \(parts.tm_year + 1_900)"
        return
            "\(days[Int(parts.tm_wday)]), \(date) \(pad(parts.tm_hour)):\(pad(parts.tm_min)):\(pad(parts.tm_sec)) GMT"
    }

    private static func pad(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
