internal import OrderKernel

extension Server {
    /// What telemetry says of the database, as far as the connection string says it: an address where there is one
    /// host, and its port where that is not PostgreSQL's usual one.
    func database(schema: String) -> DatabaseDescription {
        let options = options()
        let name = options["dbname"] ?? options["user"]
        let hosts = options["host"] ?? options["hostaddr"]
        let port = options["port"].flatMap { Int($0) }
        return DatabaseDescription(
            system: "postgresql", namespace: [name, schema].compactMap(\.self).joined(separator: "|"),
            address: hosts.flatMap { $0.contains(",") ? nil : $0 }, port: port == 5_432 ? nil : port, isRemote: true)
    }
}

extension Server: CustomStringConvertible {
    /// The server as an operator would name it, without a password.
    var description: String {
        var options = options()
        if options["host"] == nil, options["hostaddr"] == nil {
            let service = options["service"]
            options = effectiveOptions()
            if let service, options["host"] == nil, options["hostaddr"] == nil {
                return "PostgreSQL of the service \"\(service)\""
            }
        }
        let hosts = Self.parts(options["host"] ?? options["hostaddr"] ?? "localhost")
        let ports = Self.parts(options["port"])
        let places = hosts.indices.map { index in
            let port = index < ports.count ? ports[index] : ports.first ?? ""
            return port.isEmpty ? hosts[index] : "\(hosts[index]):\(port)"
        }
        let database = (options["dbname"] ?? options["user"]).map { ", database \($0)," } ?? ""
        return "PostgreSQL at \(places.joined(separator: ", "))\(database)"
    }
}
