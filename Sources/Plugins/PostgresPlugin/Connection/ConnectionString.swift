internal import CPostgres
internal import Glibc
internal import OrderKernel

// What a connection string says, and what is wrong with it.
extension Server {
    /// A connection string without the driver that SQLAlchemy has in its scheme.
    static func withoutDriver(_ url: Secret) -> Secret {
        Secret(url.revealed.replacing(/^(postgres(ql)?)\+[a-z0-9_]+:\/\//, maxReplacements: 1) { "\($0.1)://" })
    }

    /// What is wrong with a connection string, as the rest of a sentence about it that shows no part of it; `nil` where
    /// nothing is. Without libpq, the start will tell.
    static func fault(in text: String) -> String? {
        if text.isEmpty { return "is empty; postgresql:// leaves all to libpq's own variables" }
        if let fault = faultOfCharacters(in: text) { return fault }
        if hasStrayMark(text) {
            return "has a / or @ in the user's name, the password or the database's name, "
                + "which must be written %2F or %40"
        }
        guard loadPostgresLibrary() == nil else { return nil }
        guard let options = options(of: text) else { return faultOfForm(text) }
        let ports = parts(options["port"])
        if ports.contains(where: { !$0.isEmpty && !(1...65_535).contains(Int($0) ?? 0) }) {
            return "has a port that is no number from 1 to 65535"
        }
        let hosts = max(parts(options["host"]).count, parts(options["hostaddr"]).count)
        if ports.count > 1, ports.count != hosts { return "has \(ports.count) ports for \(hosts) hosts" }
        for (option, choices) in choices where options[option].map({ !choices.contains($0) }) ?? false {
            return "has an unknown \(option): it is one of \(choices.joined(separator: ", "))"
        }
        if let replication = options["replication"], !["false", "off", "no", "0"].contains(replication) {
            return "asks for a connection that replicates, which takes no orders"
        }
        if let timeout = options["connect_timeout"], Int(timeout) == nil {
            return "has a connect_timeout that is no number of seconds"
        }
        return nil
    }

    /// What is wrong with the characters of a text for libpq: it would cut the text, or take more than was meant.
    static func faultOfCharacters(in text: String) -> String? {
        if text.utf8.contains(0) { return "holds a NUL" }
        return text.utf8.contains(where: "\r\n".utf8.contains)
            ? "holds a line break, as YAML's | and some files leave one at the end" : nil
    }

    /// What is wrong with a text that libpq does not understand; it says so itself, but with parts of the text.
    private static func faultOfForm(_ text: String) -> String {
        let forms = "such as postgresql://user@host/database or host=db dbname=orders"
        if text.hasPrefix("\"") || text.hasPrefix("'") { return "begins with a quote, which is no part of it" }
        guard text.starts(with: /postgres(ql)?:\/\//) else {
            return text.starts(with: /[A-Za-z][A-Za-z0-9+.:\-]*:\/\//)
                ? "is a URL of something else than PostgreSQL: it must be one \(forms)"
                : "is no connection string of libpq, \(forms); a value with a blank stands between single quotes"
        }
        if text.contains(/%(?![0-9A-Fa-f]{2})/) { return "has a % that stands for itself, which must be written %25" }
        if let mark = text.firstIndex(of: "?"), options(of: String(text[..<mark])) != nil {
            return "has a parameter behind its ? that libpq does not know, or without a value"
        }
        return "is no connection string of libpq, \(forms)"
    }

    /// Options of which libpq itself says only when it connects that it does not know them.
    private static let choices = [
        ("sslmode", ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]),
        ("target_session_attrs", ["any", "read-write", "read-only", "primary", "standby", "prefer-standby"]),
    ]

    /// Whether a URI is taken apart at a mark within a name or a password, so that a part of the password becomes the
    /// host's or the database's name, which are no secrets.
    private static func hasStrayMark(_ text: String) -> Bool {
        guard let scheme = ["postgresql://", "postgres://"].first(where: text.hasPrefix) else { return false }
        let place = text.dropFirst(scheme.count).prefix { $0 != "?" }
        guard let end = place.lastIndex(of: "@") else { return false }
        return place[..<end].contains { $0 == "/" || $0 == "@" }
    }

    /// What the connection string says itself, by keyword.
    func options() -> [String: String] { Self.options(of: url.revealed) ?? [:] }

    /// - Returns: `nil` for what libpq does not understand.
    private static func options(of text: String) -> [String: String]? {
        guard loadPostgresLibrary() == nil, let options = PQconninfoParse(text, nil) else { return nil }
        return taken(options)
    }

    /// What counts, also of what the environment and a service file say, which libpq tells of a connection alone: of
    /// one that it refuses to begin, as looking up a host may take long.
    func effectiveOptions() -> [String: String] {
        let variables: [String] = ["PGHOST", "PGHOSTADDR", "PGSERVICE"]
        let isElsewhere = options()["service"] != nil || variables.contains { getenv($0) != nil }
        let refused = [("dbname", url.revealed), ("sslmode", "none")]
        guard isElsewhere, loadPostgresLibrary() == nil, let handle = start(refused) else { return options() }
        defer { PQfinish(handle) }
        return PQconninfo(handle).map { Self.taken($0) } ?? options()
    }

    private static func taken(_ options: UnsafeMutablePointer<PQconninfoOption>) -> [String: String] {
        defer { PQconninfoFree(options) }
        var values: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { values[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        return values
    }

    /// The elements of a list with commas.
    static func parts(_ list: String?) -> [String] {
        list?.split(separator: ",", omittingEmptySubsequences: false).map(String.init) ?? []
    }
}
