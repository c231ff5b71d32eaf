internal import Glibc

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
