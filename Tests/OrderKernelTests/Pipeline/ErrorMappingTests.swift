import Testing

@testable import OrderKernel

@Suite("Errors as problems")
struct ErrorMappingTests {
    @Test("a deadline that passes while storage waits for something says for what, and a mere deadline nothing more")
    func lateness() {
        func text(_ code: String) -> String {
            let error = StorageError(.deadlineExceeded, code: code, detail: "for the operator alone")
            return ErrorMapping.problem(for: StorageTrouble(since: .now, error: error).lateness).detail
        }
        #expect(text("locked") == "Storage could not go on before the deadline (locked); nothing was done.")
        #expect(text("deadline") == "The deadline passed; nothing was done.")
    }
}
