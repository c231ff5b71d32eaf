internal import OrderKernel

extension StorageContract {
    static let durability = [
        Rule("what was acknowledged is kept at once, not when the storage is closed", for: .durable) { trial in
            try await trial.opened { desk in
                let created = try await desk.create(.oak("a"), .oak("b"), .oak(nil))
                guard created.count == 3 else { return trial.violate("nothing created") }
                _ = try await desk.update(created[1].id, .ready)
                try await trial.expectKept(try await desk.orders(OrderQuery()))
            }
        }
    ]
}

extension StorageTrial {
    /// Looks for the orders of a storage that is open: in a copy of its folder, as the end of its process would leave
    /// it.
    fileprivate func expectKept(_ orders: [Order]) async throws {
        guard !names(in: folder).isEmpty else { return await expectSeenBeside(orders) }
        var reason = ""
        // What the storage puts in order meanwhile may tear a copy, but hardly each one.
        for _ in 0..<3 {
            do {
                let found = try await ordersOfCopy()
                if found == orders { return }
                reason = "\(found) instead of \(orders)"
            } catch {
                reason = "\(error)"
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        violate("in a copy of the folder of an open storage: \(reason)")
    }

    private func ordersOfCopy() async throws -> [Order] {
        try await withFolder("storage-contract-copy") { copy in
            // By another process: who closes a file here gives up the locks that this process has on it.
            let program = try SpawnedProgram(
                "cp", ["-a", "--", folder + "/.", copy], in: "/", input: "/dev/null", output: "/dev/null",
                environment: [:])
            let code = program.wait { _ in }
            guard code == 0 else { throw PluginError("cp ended with \(code)") }
            return try await opened(in: copy) { try await $0.orders(OrderQuery()) }
        }
    }

    /// Asks a second storage, where the first one keeps nothing in its folder: in a database, say. One that lets no
    /// second one in is believed.
    private func expectSeenBeside(_ orders: [Order]) async {
        let hasEnded = Latch()
        // Not structured: a storage that waits until the first is closed would never let its test end.
        let second = Task {
            defer { hasEnded.open() }
            return try? await opened { try await $0.orders(OrderQuery()) }
        }
        guard await hasEnded.opens(within: .seconds(10)) else { return second.cancel() }
        if let found = await second.value { expectEqual(found, orders, "orders that a second storage finds beside it") }
    }
}
