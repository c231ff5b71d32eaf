import OrderKernel
import Testing

@testable import OTLPPlugin

@Suite("OTLPAnswer")
struct OTLPAnswerTests {
    private func verdict(_ fields: [(name: String, value: String)], status: Int = 200) -> OTLPVerdict {
        OTLPAnswer(status: status, fields: fields, body: []).verdict(.grpc, at: Timestamp(milliseconds: 0))
    }

    @Test("the codes that may pass are those of the specification", arguments: 1...16)
    func codes(code: Int) {
        let verdict = verdict([("grpc-status", String(code)), ("grpc-message", "so%20it is")])
        let name = RPCCode(rawValue: code).name
        if [1, 4, 10, 11, 14, 15].contains(code) {
            #expect(verdict == .busy(name, "so it is", after: nil))
        } else {
            #expect(verdict == .refused(name, "so it is"))
        }
    }

    @Test("a percent sign of a message that encodes nothing stays as it is")
    func message() {
        let verdict = verdict([("grpc-status", "13"), ("grpc-message", "50%+fast%2c %zz %41%4")])
        #expect(verdict == .refused("INTERNAL", "50%+fast, %zz A%4"))
    }

    @Test(
        "an answer that is none of gRPC is judged by its HTTP status",
        arguments: [(404, "UNIMPLEMENTED"), (200, "UNKNOWN")])
    func noCall(status: Int, name: String) {
        guard case .refused(name, _) = verdict([], status: status) else {
            Issue.record("\(verdict([], status: status))")
            return
        }
    }

    @Test(
        "Retry-After is seconds or a date; what cannot be read is ignored",
        arguments: [
            ("3", .seconds(3)), ("0", .zero), ("Sun, 06 Nov 1994 08:49:47 GMT", .seconds(10)),
            ("Sun, 06 Nov 1994 08:49:27 GMT", .zero), ("soon", nil), ("-1", nil), ("", nil),
            ("Sun, 99 Nov 1994 08:49:47 GMT", nil), ("99999999999999999999", .seconds(1_000_000)),
        ] as [(String, Duration?)])
    func retryAfter(value: String, duration: Duration?) {
        let now = Timestamp(milliseconds: 784_111_777_000)
        #expect(RetryAfter.duration(value, at: now) == duration)
    }

    @Test(
        "of a refusal's body the message is told, whatever its encoding, and never too much",
        arguments: [
            ("application/json", #"{"code":3,"message":"hello"}"#, "hello"),
            ("application/json; charset=utf-8", #"{"message":"a\nb"}"#, "a\nb"),
            ("application/json", "no object", "no object"), ("text/plain", "", "no reason given"),
            ("text/plain", " \n", "no reason given"), ("text/plain", "404: not found\r\n", "404: not found"),
            ("text/plain", String(repeating: "e\u{301}", count: 150), String(repeating: "e\u{301}", count: 100)),
        ])
    func refusal(type: String, body: String, message: String) {
        let answer = OTLPAnswer(status: 400, fields: [("content-type", type)], body: Array(body.utf8))
        #expect(answer.verdict(.json, at: Timestamp(milliseconds: 0)) == .refused("400", message))
    }

    @Test("a redirect is not followed, and says where to")
    func redirect() {
        let answer = OTLPAnswer(status: 308, fields: [("location", "https://c/v1/traces?key=k")], body: [])
        let words = "redirects are not followed, here to https://c/v1/traces"
        #expect(answer.verdict(.protobuf, at: Timestamp(milliseconds: 0)) == .refused("308", words))
    }

    @Test("a body in a coding that was not asked for is not read")
    func coded() {
        func verdict(_ status: Int, _ coding: String) -> OTLPVerdict {
            let answer = OTLPAnswer(status: status, fields: [("content-encoding", coding)], body: [0x1f, 0x8b])
            return answer.verdict(.protobuf, at: Timestamp(milliseconds: 0))
        }
        #expect(verdict(400, "gzip") == .refused("400", "the reason came in gzip, which is not read"))
        let words = "the answer came in gzip, which is not read: what it rejects is not known"
        #expect(verdict(200, "gzip") == .accepted(words))
        #expect(verdict(200, "Identity") == .accepted(nil))
    }

    @Test("a web page is no answer of a receiver", arguments: [OTLPTransfer.json, .protobuf])
    func page(transfer: OTLPTransfer) {
        // Some receivers leave the type to their server, and answer nothing.
        func verdict(_ body: String) -> OTLPVerdict {
            let answer = OTLPAnswer(status: 200, fields: [("content-type", "text/html")], body: Array(body.utf8))
            return answer.verdict(transfer, at: Timestamp(milliseconds: 0))
        }
        #expect(
            verdict("\r\n<!DOCTYPE html>") == .refused("no_receiver", "a web page came back: is the endpoint right?"))
        #expect(verdict("") == .accepted(nil))
    }

    @Test("bytes that are no message are read as nothing, and never too far")
    func garbage() {
        var random = SystemRandomNumberGenerator()
        for length in 0..<200 {
            let bytes = (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &random) }
            _ = PartialSuccess(protobuf: bytes)
            _ = RPCStatus(protobuf: bytes)
            _ = PartialSuccess(json: bytes)
        }
        #expect(PartialSuccess(protobuf: [0x0a, 0xff]).rejected == 0)
    }
}
