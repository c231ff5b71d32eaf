/// What other programs call settings and plugins of a profile.
enum OtherNames {
    /// By another name: what it may be here, the likeliest first.
    private static let names: [String: [String]] = {
        let lines: KeyValuePairs = [
            "url endpoint": "uri address dsn server target collector host hostname",
            "endpoint url": "url endpoint", "url": "port user username dbname connection_string",
            "url path": "database",
            "host": "listen bind interface ip addr address hostname", "path": "file filename file_path filepath db",
            "level": "loglevel log_level severity verbosity", "format": "log_format",
            "postgres": "pg postgresql psql", "otlp": "otel opentelemetry", "console": "stdout stderr",
            "json_lines": "jsonl ndjson stdin", "prometheus": "prom",
        ]
        return lines.reduce(into: [:]) { names, line in
            for other in line.value.split(separator: " ") {
                names[String(other), default: []] += line.key.split(separator: " ").map(String.init)
            }
        }
    }()

    /// What a name most likely means among those that there are.
    static func meaning(of name: String, among known: [String]) -> String? {
        names[name.lowercased().replacing("-", with: "_")]?.first { known.contains($0) && $0 != name }
    }
}
