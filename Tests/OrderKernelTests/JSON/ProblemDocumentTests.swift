import OrderKernel
import Testing

@Suite("Problems in JSON")
struct ProblemDocumentTests {
    private func text(_ problem: Problem) throws -> String {
        let id = try #require(RequestID("r-1"))
        return String(decoding: ProblemDocument(problem, requestID: id).json, as: UTF8.self)
    }

    @Test("a problem repeats its detail for older clients and names its request")
    func plain() throws {
        let expected =
            #"{"type":"/problems/unknown_order","title":"No such order","status":404,"#
            + #""detail":"There is no order 7.","error":"There is no order 7.","request_id":"r-1"}"#
        #expect(try text(Problem(.unknownOrder, "There is no order 7.")) == expected)
    }

    @Test("a problem lists errors, and says where the input cannot be read")
    func complete() throws {
        let error = Problem.MemberError(pointer: "/a\"b", detail: "must be given")
        let problem = Problem(.invalidOrder, "No.", errors: [error, error], offset: 3, pointer: "/x")
        let expected =
            #"{"type":"/problems/invalid_order","title":"Not a valid order","status":422,"detail":"No.","#
            + #""errors":[{"pointer":"/a\"b","detail":"must be given"},{"pointer":"/a\"b","detail":"must be given"}],"#
            + #""offset":3,"pointer":"/x","error":"No.","request_id":"r-1"}"#
        #expect(try text(problem) == expected)
    }

    @Test("every code's problem fits its capacity, at its longest", arguments: ProblemCode.allCases)
    func capacity(code: ProblemCode) throws {
        let nasty = String(repeating: "\u{1}", count: 300)
        let error = Problem.MemberError(pointer: nasty, detail: nasty)
        let id = try #require(RequestID(String(repeating: "\\", count: 128)))
        let problem = Problem(code, nasty, errors: Array(repeating: error, count: 100), offset: .max, pointer: nasty)
        let document = ProblemDocument(problem, requestID: id)
        #expect(document.json.count <= document.jsonCapacity)
    }
}
