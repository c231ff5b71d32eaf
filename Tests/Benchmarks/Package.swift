// swift-tools-version: 6.2
import PackageDescription

/// The Swift programs of the benchmarks. They see of orderd what a stranger's package sees.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "benchmarks",
    dependencies: [
        .package(name: "orderd", path: "../.."),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
    ],
    targets: [
        .executableTarget(
            name: "raw-nio",
            dependencies: [
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "recorder",
            dependencies: [
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "OrderCommand", package: "orderd"),
                .product(name: "OrderKernel", package: "orderd"),
                .product(name: "SQLitePlugin", package: "orderd"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "writers",
            dependencies: [
                .product(name: "Logging", package: "swift-log"),
                .product(name: "OrderCommand", package: "orderd"),
                .product(name: "OrderKernel", package: "orderd"),
                .product(name: "PostgresPlugin", package: "orderd"),
                .product(name: "SQLitePlugin", package: "orderd"),
            ],
            swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
