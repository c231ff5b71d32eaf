import JSONLinesPlugin
import MemoryStoragePlugin
import OrderCommand
import OrderKernel

/// An orderd that keeps its orders in memory.
@main
struct MemoryOrderd: Distribution {
    static let plugins: [any Plugin.Type] = [MemoryStorage.self, JSONLinesTransport.self]
}
