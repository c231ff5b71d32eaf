internal import OrderKernel

/// How telemetry travels to a collector.
enum OTLPTransfer: String, ChoiceValue {
    case grpc
    case protobuf = "http/protobuf"
    case json = "http/json"

    /// As `otel.component.type` has it.
    var conventionalName: String {
        switch self {
        case .grpc: "otlp_grpc"
        case .protobuf: "otlp_http"
        case .json: "otlp_http_json"
        }
    }
}
