internal import Glibc
internal import OrderKernel

/// Where the next attempt to connect goes, and how much time it gets.
///
/// Several hosts are tried one after another, each with a time of its own: libpq would wait for the first one, and a
/// machine that is gone does not even refuse. Most attempts are short, so that a server that drops packets is found
/// within a second of its return; some are longer, for a server that is slow to answer: every fourth, until one has
/// succeeded and shown how long it takes.
struct Reconnection {
    private let places: [Place]
    /// What a longer attempt gets.
    private let longest: Duration
    private var attempts = 0
    /// The place that is tried first.
    private var first = 0
    /// Three times what the last connection took.
    private var experience: Duration?

    init(_ server: Server) {
        self.init(places: server.places, longest: server.patience)
    }

    /// - Parameter places: At least one.
    init(places: [Place], longest: Duration = .seconds(3)) {
        self.places = places
        self.longest = longest
    }

    /// Whether every host has been tried since the last connection.
    var hasTriedAll: Bool { attempts >= places.count }

    /// Whether every host has been given its longer time since the last connection.
    var hasTriedAllLong: Bool { attempts >= places.count * 4 }

    mutating func next() -> (place: Place, patience: Duration) {
        defer { attempts += 1 }
        let round = attempts / places.count
        let isLong = experience == nil ? round % 4 == 3 : round % 16 == 15
        return (
            places[(first + attempts) % places.count], isLong ? longest : max(.milliseconds(700), experience ?? .zero)
        )
    }

    /// Tries a place first from now on; does nothing where there is no such place.
    mutating func begin(with place: Place) {
        guard let index = places.firstIndex(of: place) else { return }
        (first, attempts) = (index, 0)
    }

    /// How long to wait before the next attempt, after one that failed at once.
    var pause: Duration { attempts % places.count == 0 ? .milliseconds(200) : .zero }

    /// A connection was made.
    /// - Parameter duration: What it took.
    mutating func succeed(after duration: Duration) {
        attempts = 0
        experience = min(longest, duration * 3)
    }
}

/// One of the hosts of a connection string, or all of it: keywords that are said anew.
typealias Place = [String: String]

extension Server {
    /// What an attempt gets at most: three seconds, or longer where `connect_timeout` says so.
    var patience: Duration {
        let seconds = options()["connect_timeout"].flatMap { Int($0) } ?? 0
        return .seconds(max(3, min(seconds, 600)))
    }

    /// The hosts of the connection string, in its order.
    var places: [Place] {
        var options = options()
        if options["host"] == nil, options["hostaddr"] == nil {
            let effective = effectiveOptions()
            let names = ["host", "hostaddr", "port", "target_session_attrs"]
            // `any` is what libpq takes where nobody says anything.
            options = effective.filter { names.contains($0.key) && $0.value != "any" }
            if Self.parts(options["host"] ?? options["hostaddr"]).count < 2 { options = self.options() }
        }
        let hosts = Self.parts(options["host"])
        let addresses = Self.parts(options["hostaddr"])
        let ports = Self.parts(options["port"] ?? getenv("PGPORT").map { String(cString: $0) })
        let attributes = options["target_session_attrs"] ?? sessionAttributes
        guard max(hosts.count, addresses.count) > 1 else {
            return [attributes.isEmpty ? [:] : ["target_session_attrs": attributes]]
        }
        let places = (0..<max(hosts.count, addresses.count)).map { index in
            var place = Place()
            if index < hosts.count, !hosts[index].isEmpty { place["host"] = hosts[index] }
            if index < addresses.count, !addresses[index].isEmpty { place["hostaddr"] = addresses[index] }
            let port = index < ports.count ? ports[index] : ports.first ?? ""
            place["port"] = port.isEmpty ? "5432" : port  // what libpq takes for one of several
            return place
        }
        // Which host is a standby shows only when one is asked: first each of them as one, then each as it is.
        let wanted =
            attributes == "prefer-standby" ? ["standby", "any"] : [attributes.isEmpty ? "read-write" : attributes]
        return wanted.flatMap { attributes in
            places.map { $0.merging(["target_session_attrs": attributes]) { $1 } }
        }
    }
}
