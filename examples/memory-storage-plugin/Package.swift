// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "memory-storage-plugin",
    products: [.library(name: "MemoryStoragePlugin", targets: ["MemoryStoragePlugin"])],
    dependencies: [.package(name: "orderd", path: "../..")],
    targets: [
        .target(name: "MemoryStoragePlugin", dependencies: [.product(name: "OrderKernel", package: "orderd")]),
        .executableTarget(
            name: "memory-orderd",
            dependencies: [
                "MemoryStoragePlugin",
                .product(name: "OrderCommand", package: "orderd"),
                .product(name: "OrderKernel", package: "orderd"),
                .product(name: "HTTPPlugin", package: "orderd"),
                .product(name: "JSONLinesPlugin", package: "orderd"),
            ]),
        .testTarget(
            name: "MemoryStoragePluginTests",
            dependencies: ["MemoryStoragePlugin", .product(name: "OrderKernelTesting", package: "orderd")]),
    ]
)
