import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix

/// What SwiftNIO can do at most: an HTTP server that answers a constant from the channel's own handler.
///
/// Listens on a port of 127.0.0.1 that the system chooses, prints `listening 127.0.0.1:PORT`, and serves until killed.
@main
struct RawNIO {
    static func main() async throws {
        let server = ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.configureHTTPServerPipeline()
                    try pipeline.addHandler(ConstantAnswer())
                }
            }
        let channel = try await server.bind(host: "127.0.0.1", port: 0).get()
        print("listening 127.0.0.1:\(channel.localAddress?.port ?? 0)")
        fflush(nil)
        try await channel.closeFuture.get()
    }
}
