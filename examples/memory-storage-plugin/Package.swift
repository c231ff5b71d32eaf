// swift-tools-version: 6.2
import PackageDescription

// Without the trait HTTP nothing of SwiftNIO is fetched or built: this orderd reads JSON lines alone.
let package = Package(
    name: "memory-storage-plugin",
    products: [.library(name: "MemoryStoragePlugin", targets: ["MemoryStoragePlugin"])],
    dependencies: [.package(name: "orderd", path: "../..", traits: [])],
    targets: [
        .target(name: "MemoryStoragePlugin", dependencies: [.product(name: "OrderKernel", package: "orderd")]),
        .executableTarget(
            name: "memory-orderd",
            dependencies: [
                "MemoryStoragePlugin",
                .product(name: "JSONLinesPlugin", package: "orderd"),
                .product(name: "OrderCommand", package: "orderd"),
                .product(name: "OrderKernel", package: "orderd"),
            ]),
        .testTarget(
            name: "MemoryStoragePluginTests",
            dependencies: ["MemoryStoragePlugin", .product(name: "OrderKernelTesting", package: "orderd")]),
    ]
)
