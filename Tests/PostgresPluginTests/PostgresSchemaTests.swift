import SchemaSteps
import Testing

@testable import PostgresPlugin

@Suite("The schema of PostgreSQL")
struct PostgresSchemaTests {
    @Test("a released schema step never changes")
    func releasedSteps() {
        #expect(Schema.steps.steps.map(\.version) == [1, 2])
        #expect(Schema.steps.steps.map(\.needs) == [1, 1])
        #expect(Schema.steps.steps.map(\.checksum) == [-8_842_082_162_681_140_288, 3_286_127_780_287_048_806])
    }
}
