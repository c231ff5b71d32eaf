// swift-tools-version: 6.2
import PackageDescription

/// Settings that every module of orderd is built with.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

/// A plugin module: it sees of the kernel what a stranger's plugin sees, its public symbols.
func plugin(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .target(
        name: name, dependencies: ["OrderKernel"] + dependencies, path: "Sources/Plugins/\(name)",
        exclude: exclude, packageAccess: false, swiftSettings: strict)
}

let package = Package(
    name: "orderd",
    products: [
        .executable(name: "orderd", targets: ["orderd"]),
        .library(name: "OrderKernel", targets: ["OrderKernel"]),
        .library(name: "OrderCommand", targets: ["OrderCommand"]),
        .library(name: "OrderKernelTesting", targets: ["OrderKernelTesting"]),
        .library(name: "ConsolePlugin", targets: ["ConsolePlugin"]),
        .library(name: "FilePlugin", targets: ["FilePlugin"]),
        .library(name: "HTTPPlugin", targets: ["HTTPPlugin"]),
        .library(name: "JSONLinesPlugin", targets: ["JSONLinesPlugin"]),
        .library(name: "OTLPPlugin", targets: ["OTLPPlugin"]),
        .library(name: "PostgresPlugin", targets: ["PostgresPlugin"]),
        .library(name: "PrometheusPlugin", targets: ["PrometheusPlugin"]),
        .library(name: "SQLitePlugin", targets: ["SQLitePlugin"]),
    ],
    traits: [
        .trait(name: "HTTP", description: "The HTTP transport, on SwiftNIO."),
        .trait(name: "OTLP", description: "The OTLP exporter, on SwiftNIO with HTTP/2 and TLS."),
        .trait(name: "Prometheus", description: "The Prometheus exporter, on SwiftNIO."),
        .default(enabledTraits: ["HTTP", "OTLP", "Prometheus"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing.git", from: "1.7.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-http2.git", from: "1.40.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.34.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(
            name: "CYAML", path: "Sources/OrderKernel/CYAML", pkgConfig: "yaml-0.1",
            providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(
            name: "CSQLite", path: "Sources/Plugins/SQLitePlugin/CSQLite", pkgConfig: "sqlite3",
            providers: [.apt(["libsqlite3-dev"])]),
        .target(name: "CPostgres", path: "Sources/Plugins/PostgresPlugin/CPostgres"),
        .systemLibrary(
            name: "CZlib", path: "Sources/Plugins/Gzip/CZlib", pkgConfig: "zlib",
            providers: [.apt(["zlib1g-dev"])]),

        .target(
            name: "OrderKernel",
            dependencies: [
                "CYAML",
                .product(name: "Instrumentation", package: "swift-distributed-tracing"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ],
            exclude: ["CYAML"], swiftSettings: strict),

        plugin("ConsolePlugin", [.product(name: "Logging", package: "swift-log")]),
        plugin(
            "FilePlugin",
            [
                "BlockingThreads", "OTLPFormat",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        plugin(
            "HTTPPlugin",
            [
                .target(name: "Listening", condition: .when(traits: ["HTTP"])),
                .product(name: "NIOCore", package: "swift-nio", condition: .when(traits: ["HTTP"])),
                .product(name: "NIOHTTP1", package: "swift-nio", condition: .when(traits: ["HTTP"])),
                .product(name: "NIOPosix", package: "swift-nio", condition: .when(traits: ["HTTP"])),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        plugin(
            "JSONLinesPlugin",
            [
                "BlockingThreads",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        // No plugins: threads that may block, where servers listen, how OTLP writes telemetry, how it is made smaller,
        // and how databases get their tables, for those that do.
        plugin("BlockingThreads"),
        plugin("Gzip", ["CZlib"], exclude: ["CZlib"]),
        plugin(
            "Listening",
            [
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio", condition: .when(traits: ["HTTP", "Prometheus"])),
                .product(name: "NIOPosix", package: "swift-nio", condition: .when(traits: ["HTTP", "Prometheus"])),
            ]),
        plugin("SchemaSteps"),
        plugin("OTLPFormat", [.product(name: "Logging", package: "swift-log")]),
        plugin(
            "OTLPPlugin",
            [
                "BlockingThreads", "OTLPFormat",
                .target(name: "Gzip", condition: .when(traits: ["OTLP"])),
                .product(name: "NIOCore", package: "swift-nio", condition: .when(traits: ["OTLP"])),
                .product(name: "NIOHTTP1", package: "swift-nio", condition: .when(traits: ["OTLP"])),
                .product(name: "NIOHTTP2", package: "swift-nio-http2", condition: .when(traits: ["OTLP"])),
                .product(name: "NIOPosix", package: "swift-nio", condition: .when(traits: ["OTLP"])),
                .product(name: "NIOSSL", package: "swift-nio-ssl", condition: .when(traits: ["OTLP"])),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        plugin(
            "PrometheusPlugin",
            [
                .target(name: "Gzip", condition: .when(traits: ["Prometheus"])),
                .target(name: "Listening", condition: .when(traits: ["Prometheus"])),
                .product(name: "NIOCore", package: "swift-nio", condition: .when(traits: ["Prometheus"])),
                .product(name: "NIOHTTP1", package: "swift-nio", condition: .when(traits: ["Prometheus"])),
                .product(name: "NIOPosix", package: "swift-nio", condition: .when(traits: ["Prometheus"])),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        plugin(
            "PostgresPlugin",
            [
                "BlockingThreads", "CPostgres", "SchemaSteps",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ], exclude: ["CPostgres"]),
        plugin(
            "SQLitePlugin",
            [
                "BlockingThreads", "CSQLite", "SchemaSteps",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ], exclude: ["CSQLite"]),

        .target(
            name: "OrderCommand",
            dependencies: [
                "BlockingThreads", "OrderKernel",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ],
            path: "Sources/orderd/OrderCommand", swiftSettings: strict),
        .executableTarget(
            name: "orderd",
            dependencies: [
                "OrderCommand", "OrderKernel", "ConsolePlugin", "FilePlugin", "JSONLinesPlugin", "PostgresPlugin",
                "SQLitePlugin",
                .target(name: "HTTPPlugin", condition: .when(traits: ["HTTP"])),
                .target(name: "OTLPPlugin", condition: .when(traits: ["OTLP"])),
                .target(name: "PrometheusPlugin", condition: .when(traits: ["Prometheus"])),
            ],
            path: "Sources/orderd/Main", swiftSettings: strict),

        .target(
            name: "OrderKernelTesting",
            dependencies: [
                "OrderKernel",
                .product(name: "InMemoryLogging", package: "swift-log"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "ServiceLifecycleTestKit", package: "swift-service-lifecycle"),
            ],
            path: "Tests/OrderKernelTesting", packageAccess: false, swiftSettings: strict),
        .target(
            name: "PostgresTesting", dependencies: ["OrderKernelTesting"], path: "Tests/PostgresTesting",
            exclude: ["throwaway-postgres"], packageAccess: false, swiftSettings: strict),
        .testTarget(
            name: "OrderKernelTests",
            dependencies: [
                "OrderKernel", "OrderKernelTesting",
                .product(name: "InMemoryLogging", package: "swift-log"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "ServiceLifecycleTestKit", package: "swift-service-lifecycle"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ], swiftSettings: strict),
        .testTarget(
            name: "BlockingThreadsTests", dependencies: ["BlockingThreads"], swiftSettings: strict),
        .testTarget(
            name: "SQLitePluginTests",
            dependencies: [
                "CSQLite", "SQLitePlugin", "SchemaSteps", "OrderKernelTesting",
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: strict),
        .testTarget(
            name: "PostgresPluginTests",
            dependencies: [
                "CPostgres", "PostgresPlugin", "SchemaSteps", "OrderKernelTesting", "PostgresTesting",
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: strict),
        .testTarget(
            name: "HTTPPluginTests",
            dependencies: [
                "HTTPPlugin", "OrderKernelTesting",
                .product(name: "InMemoryLogging", package: "swift-log"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio", condition: .when(traits: ["HTTP"])),
                .product(name: "NIOPosix", package: "swift-nio", condition: .when(traits: ["HTTP"])),
            ], swiftSettings: strict),
        .testTarget(
            name: "JSONLinesPluginTests", dependencies: ["JSONLinesPlugin", "OrderKernelTesting"],
            swiftSettings: strict),
        .testTarget(
            name: "ConsolePluginTests",
            dependencies: [
                "ConsolePlugin", "OrderKernelTesting",
                .product(name: "InMemoryLogging", package: "swift-log"),
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: strict),
        .testTarget(
            name: "FilePluginTests", dependencies: ["FilePlugin", "OTLPFormat", "OrderKernelTesting"],
            swiftSettings: strict),
        .testTarget(
            name: "OTLPPluginTests",
            dependencies: [
                "OTLPFormat", "OTLPPlugin", "OrderKernelTesting",
                .product(name: "InMemoryLogging", package: "swift-log"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio", condition: .when(traits: ["OTLP"])),
                .product(name: "NIOPosix", package: "swift-nio", condition: .when(traits: ["OTLP"])),
                .product(name: "ServiceLifecycleTestKit", package: "swift-service-lifecycle"),
            ],
            exclude: ["otlp-receiver.py"], swiftSettings: strict),
        .testTarget(
            name: "PrometheusPluginTests",
            dependencies: [
                "OrderKernel", "PrometheusPlugin", "OrderKernelTesting",
                .product(name: "InMemoryLogging", package: "swift-log"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
            ],
            exclude: ["check-openmetrics.py"], swiftSettings: strict),
        .testTarget(
            name: "PostgresStorageTests",
            dependencies: [
                "OrderKernel", "OrderKernelTesting", "PostgresPlugin", "PostgresTesting",
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: strict),
        .testTarget(
            name: "ServiceTests", dependencies: ["orderd", "OrderCommand", "OrderKernelTesting", "PostgresTesting"],
            exclude: ["Clients"], swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
