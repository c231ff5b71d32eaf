public import OrderKernel

/// The tables of a storage, as a list of steps that only grows.
///
/// The database records which steps were taken, and the oldest schema that a program must know to use it. A program
/// takes the steps that it has and the database has not; it leaves newer ones alone as long as it is new enough to use
/// them. So a rolling update and a step back both work.
public struct SchemaSteps: Sendable {
    /// One step. A step that was released is never changed.
    public struct Step: Sendable {
        /// From 1, without a gap.
        public let version: Int64
        /// The oldest version that can still read and write the tables after this step.
        public let needs: Int64
        /// What is done. A `;` at an end counts in the checksum, and for nothing else.
        public let statements: [String]

        public init(version: Int64, needs: Int64, statements: [String]) {
            self.version = version
            self.needs = needs
            self.statements = statements
        }

        /// FNV-1a with 64 bits over the statements, as published by Fowler, Noll and Vo.
        public var checksum: Int64 {
            let bytes = statements.joined(separator: ";\n").utf8
            let hash = bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
            return Int64(bitPattern: hash)
        }
    }

    /// What the database has recorded of a step that was taken.
    public struct Record: Sendable {
        let needs: Int64
        let checksum: Int64

        public init(needs: Int64, checksum: Int64) {
            self.needs = needs
            self.checksum = checksum
        }
    }

    private let table: String
    /// By version.
    public let steps: [Step]
    /// Makes the table of the steps that were taken, before the first of them.
    public let register: String

    /// - Parameters:
    ///   - table: The table of the steps that were taken, as SQL names it.
    ///   - register: Makes that table where it is not there.
    public init(recordedIn table: String, register: String, _ steps: [Step]) {
        self.table = table
        self.register = register
        self.steps = steps
    }

    /// Reads the records: version, needs, checksum.
    public var selection: String { "SELECT version, needs, checksum FROM \(table)" }

    /// Why this program must leave the database alone, in words that go on from its name; `nil` if it need not.
    /// - Parameter taken: The records of the database, by version.
    public func objection(to taken: [Int64: Record]) -> String? {
        let known = steps.last?.version ?? 0
        if let needs = taken.values.map(\.needs).max(), needs > known {
            return "its schema needs a newer orderd: it asks for version \(needs), this one knows \(known)"
        }
        let differing = steps.first { step in taken[step.version].map { $0.checksum != step.checksum } ?? false }
        return differing.map { "its schema was not made by this orderd: step \($0.version) differs" }
    }

    /// The steps that the database has not taken.
    public func missing(from taken: [Int64: Record]) -> [Step] { steps.filter { taken[$0.version] == nil } }

    /// What takes a step, once the register is there: its statements, each without a `;` at its end, and its record.
    public func statements(of step: Step) -> [String] {
        step.statements.map { $0.hasSuffix(";") ? String($0.dropLast()) : $0 } + [
            """
            INSERT INTO \(table) (version, needs, checksum) \
            VALUES (\(step.version), \(step.needs), \(step.checksum))
            """
        ]
    }

    /// Every step that this program or the database knows, and whether it was taken.
    public func report(_ taken: [Int64: Record]) -> [SchemaReport.Step] {
        let known = steps.map { step in
            SchemaReport.Step(
                version: Int(step.version), isTaken: taken[step.version] != nil,
                statements: (step.version == 1 ? [register] : []) + statements(of: step))
        }
        let newer = taken.keys.filter { version in !steps.contains { $0.version == version } }.sorted()
        return known + newer.map { SchemaReport.Step(version: Int($0), isTaken: true, statements: []) }
    }
}
