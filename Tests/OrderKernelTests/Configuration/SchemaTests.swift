import Foundation
import OrderKernel
import OrderKernelTesting
import Testing

@Suite("The JSON Schema of profiles")
struct SchemaTests {
    /// Profiles on which the schema and `validate` must agree: unknown and missing keys, types, choices, ranges.
    private static let corpus = [
        "", "{}", "service:", "service: {name: 1.0}", "service: {nme: x}", "service: {shutdown_grace: 5}",
        "service: {shutdown_grace: 1m30s}", "service: {shutdown_grace: soon}", "service: {shutdown_grace: '${GRACE}'}",
        "service: [a]", "nonsense: {}", "orders: {wood_types: [oak, 1]}", "orders: {wood_types: []}",
        "orders: {wood_types: oak}", "orders: {customer_id: maybe}", "orders: {customer_id: optional}",
        "orders: {transitions: {registered: [ready], closed: []}}", "orders: {transitions: {registered: [redy]}}",
        "orders: {transitions: {redy: []}}", "orders: {transitions: {redy: null}}",
        "orders: {transitions: {ready: null}}", "storage: {}", "storage: {sqlite: }", "storage: {sqlite: {path: a}}",
        "storage: {sqlite: {path: a, readers: 65}}", "storage: {sqlite: {path: a, readers: 64}}",
        "storage: {sqlite: {path: a, readers: '4'}}", "storage: {sqlite: {path: a, readers: '${READERS}'}}",
        "storage: {sqlite: false, postgres: {url: x://y, password: z}}", "transport: {http: '${A}'}",
        "storage: {sqlite: {path: ''}}", "storage: {sqlite: {path: [a]}}", "storage: {sqlit: {path: a}}",
        "storage: {sqlite: {path: ~/a}}", "storage: {sqlite: {path: ~a}}", "storage: {sqlite: {path: ./~/a}}",
        "storage: {sqlite: {path: \"\\n~/\"}}", "storage: {sqlite: {path: 1}}", "storage: {sqlite: {path: '${DIR}'}}",
        "storage: {postgres: {url: x://y}}", "storage: {postgres: {url: x://y, password: z}}",
        "storage: {postgres: {url: nowhere, password: z}}", "transport: {}", "transport: {http: }",
        "transport: {http: false, json_lines: }", "transport: {http: true}", "transport: {http/: }",
        "transport: {http/admin: {port: 1}}", "transport: {http: {port: -1}}", "transport: {http: {port: 65535}}",
        "transport: {http: {port: five}}", "transport: {http: {port: null}}", "transport: {http: {mode: off}}",
        "transport: {http: {mode: http3}}", "transport: {http: {quiet: yes}}", "transport: {http: {quiet: tRuE}}",
        "transport: {http: {quiet: 1}}", "transport: {http: {quiet: 'true'}}", "transport: {http: {quiet: 'FALSE'}}",
        "transport: {http: {quiet: True}}", "transport: {http: {quiet: '${QUIET}'}}",
        "transport: {http: {quiet: '$${QUIET}'}}", "transport: {http: {port: '$$${PORT}'}}",
        "transport: {http: {port: 'a$$$${PORT}'}}", "transport: {http: {port: 'a${PORT}'}}",
        "transport: {http: {timeout: 10}}", "transport: {http: {max_body: 64KiB}}", "transport: {http: {max_body: 64}}",
        "transport: {http: {max_body: 64KiBs}}", "transport: {http: {protocols: [http1, http2]}}",
        "transport: {http: {protocols: [spdy]}}", "transport: {http: {tls: {}}}", "transport: {http: {tls: }}",
        "transport: {http: {tls: {certificate: a}}}", "transport: {http: {tls: {cert: a, certificate: a}}}",
        "transport: {http: {rules: [{match: a}]}}", "transport: {http: {rules: [{weight: 1}]}}",
        "transport: {http: {rules: [{match: a, weight: 1.5}]}}", "transport: {http: {rules: {match: a}}}",
        "transport: {http: {peers: {one: {match: a}, two: {match: b, weight: 0}}}}",
        "transport: {http: {peers: {one: }}}", "transport: {http: {names: {a: 1, b: null}}}",
        "transport: {http: {names: {a: b}}}", "telemetry: {}", "telemetry: {otlp: {endpoint: http://x}}",
        "telemetry: {otlp: }", "telemetry: {otlp: {endpoint: http://x, headers: {a: 1, b: [c]}}}", "middleware: []",
        "middleware: [{rate_limit: {per_second: 1}}]", "middleware: [{rate_limit: {per_second: 0}}]",
        "middleware: [{rate_limit: }]", "middleware: [{}]", "middleware: {rate_limit: {per_second: 1}}",
        "middleware: [{limit: {}}]", "logging: {level: WARN}", "logging: {level: Critical, format: json}",
        "logging: {level: FATAL}", "logging: {level: notset}",
        "logging: {level: loud}", "logging: {format: JSON}",
    ]

    @Test(
        "schema and validate agree on a corpus of good and broken profiles",
        .needs("Python's jsonschema", if: Validator.isThere))
    func agreement() throws {
        let planner = try ProfilePlanner(plugins: SamplePlugins.all, environment: [:])
        let verdicts = try Validator.verdicts(schema: planner.schema(), profiles: Self.corpus)
        try #require(verdicts.count == Self.corpus.count)
        for (profile, accepted) in zip(Self.corpus, verdicts) {
            let problems = try PlannedProfile(profile, withoutEnvironment: true).lines
            #expect(accepted == problems.isEmpty, "\(profile): schema says \(accepted), validate \(problems)")
        }
        #expect(verdicts.contains(true) && verdicts.contains(false))
    }

    @Test("defaults meet the schema of their own setting", .needs("Python's jsonschema", if: Validator.isThere))
    func defaults() throws {
        let planner = try ProfilePlanner(plugins: SamplePlugins.all, environment: [:])
        let (count, wrong) = try Validator.defaults(of: planner.schema())
        #expect(count > 20 && wrong.isEmpty, "\(wrong)")
    }

    @Test("samples and effective profiles meet the schema", .needs("Python's jsonschema", if: Validator.isThere))
    func samples() throws {
        let profile = try PlannedProfile("")
        let sample = try profile.planner.sample(storage: "postgres", transports: ["http"])
        let profiles = [sample, profile.planner.show(profile.loaded)]
        #expect(try Validator.verdicts(schema: profile.planner.schema(), profiles: profiles) == [true, true])
    }
}

/// The validator of the Python package `jsonschema`.
private enum Validator {
    /// Reads a schema and the number of bytes of each profile from the first line, then the profiles.
    private static let program = """
        import json, sys, yaml, jsonschema
        schema, *profiles = json.load(sys.stdin)
        schema = json.loads(schema)
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        print(json.dumps([validator.is_valid(yaml.safe_load(profile)) for profile in profiles]))
        """

    /// Reads a schema; prints how many defaults it has, and those that are wrong.
    private static let defaultsProgram = """
        import json, sys, jsonschema
        schema = json.loads(json.load(sys.stdin)[0])
        def defaults(node):
            if isinstance(node, dict):
                if "default" in node and "description" in node: yield node
                for below in node.values(): yield from defaults(below)
            elif isinstance(node, list):
                for below in node: yield from defaults(below)
        found = list(defaults(schema))
        wrong = [json.dumps(node["default"]) for node in found
                 if not jsonschema.Draft202012Validator({**node, "$defs": schema["$defs"]}).is_valid(node["default"])]
        print(json.dumps([str(len(found))] + wrong))
        """

    static func defaults(of schema: String) throws -> (count: Int, wrong: [String]) {
        let output = try run(defaultsProgram, input: try JSONEncoder().encode([schema]))
        let words = try JSONDecoder().decode([String].self, from: output)
        return (words.first.flatMap { Int($0) } ?? 0, Array(words.dropFirst()))
    }

    /// The interpreter that `make setup-tests` installs packages for.
    private static let python = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../../.build/python/bin/python").standardized

    static var isThere: Bool {
        (try? run("import yaml, jsonschema; jsonschema.Draft202012Validator", input: Data())) != nil
    }

    static func verdicts(schema: String, profiles: [String]) throws -> [Bool] {
        let output = try run(program, input: try JSONEncoder().encode([schema] + profiles))
        return try JSONDecoder().decode([Bool].self, from: output)
    }

    private struct Failed: Error { let status: Int32 }

    private static func run(_ program: String, input: Data) throws -> Data {
        let process = Process()
        process.executableURL = python
        process.arguments = ["-c", program]
        let (stdin, stdout) = (Pipe(), Pipe())
        (process.standardInput, process.standardOutput) = (stdin, stdout)
        try process.run()
        // The program reads all of its input before it writes.
        try stdin.fileHandleForWriting.write(contentsOf: input)
        try stdin.fileHandleForWriting.close()
        let output = try stdout.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failed(status: process.terminationStatus) }
        return output
    }
}
