internal import OrderKernel

/// How requests are made smaller.
enum OTLPCompression: String, ChoiceValue {
    case none
    case gzip
}
