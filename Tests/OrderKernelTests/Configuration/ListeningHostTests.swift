import OrderKernel
import Testing

@Suite("Hosts to listen on")
struct ListeningHostTests {
    private struct Listening: PluginConfiguration {
        init(from settings: inout Settings) {
            let host = settings.value("host", default: "localhost", "Where to listen.")
            settings.checkListening("host", on: host)
        }
    }

    private func problems(_ host: String) -> [String] {
        do throws(InvalidConfiguration) {
            _ = try Listening(yaml: "host: '\(host)'")
            return []
        } catch {
            return error.problems.map { "\($0.line):\($0.column) \($0.code) \($0.path ?? "-"): \($0.message)" }
        }
    }

    @Test(
        "what is neither a name nor an address is refused",
        arguments: [
            "*", "http://x", "1.2.3.4:80", "localhost:80", "a b", "[::1]", "::1]:80", "::g", ".", "a..b", ".a", "a/b",
            "ä.example", " ",
        ])
    func refused(host: String) {
        #expect(
            problems(host) == [
                "1:7 check_failed host: must be a name or an address, without brackets and without a port; "
                    + "0.0.0.0 and :: listen on every address"
            ])
    }

    @Test("an empty host is told to be empty")
    func empty() {
        #expect(problems("") == ["1:7 check_failed host: is empty; 0.0.0.0 and :: listen on every address"])
    }

    @Test(
        "names and addresses are let pass",
        arguments: [
            "localhost", "LocalHost.", "orders-1.shop_2.example", "0.0.0.0", "127.1", "::", "::1", "::ffff:1.2.3.4",
            "fe80::1%eth0",
        ])
    func accepted(host: String) {
        #expect(problems(host) == [])
    }
}
