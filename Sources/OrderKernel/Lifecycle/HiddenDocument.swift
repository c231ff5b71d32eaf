/// A document of a plugin that nobody can ask for, and why.
///
/// What plugins claim is looked at before the start; this finds what they show without a claim.
struct HiddenDocument: Equatable {
    let plugin: String
    let path: String
    /// For the operator, in words.
    let reason: String

    /// - Parameters:
    ///   - documents: In the order in which transports look for them, with the plugin that shows each.
    ///   - claims: Among others, the paths that transports serve themselves.
    static func all(
        among documents: [(plugin: String, path: String)], beside claims: [ResourceClaim]
    ) -> [HiddenDocument] {
        let endpoints = Set(claims.compactMap { if case .endpoint(let path) = $0.resource { path } else { nil } })
        var owners: [String: String] = [:]
        return documents.compactMap { plugin, path in
            let paths = PathText.withAncestors(path)
            let whole = paths.last ?? "/"
            let reason: String? =
                if !path.hasPrefix("/") {
                    "its path begins without a slash"
                } else if path.contains(where: { $0.isWhitespace || $0 == "?" || $0 == "#" }) {
                    "its path holds what no path can hold"
                } else if let endpoint = paths.first(where: endpoints.contains) {
                    "a transport serves \(endpoint) itself"
                } else {
                    owners[whole].map { "\($0) shows one there already" }
                }
            if let reason { return HiddenDocument(plugin: plugin, path: path, reason: reason) }
            owners[whole] = plugin
            return nil
        }
    }
}
