/// A place in a text, both from 1; columns count Unicode scalars.
struct SourcePosition: Hashable, Comparable {
    var line: Int
    var column: Int

    static func < (left: SourcePosition, right: SourcePosition) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

extension SourcePosition {
    init(_ origin: ConfigurationOrigin) {
        self.init(line: origin.line, column: origin.column)
    }
}

extension ConfigurationOrigin {
    /// A place in a file; an override is one place.
    init(_ layer: Layer, _ position: SourcePosition) {
        if layer.isFile {
            self.init(layer: layer, line: position.line, column: position.column)
        } else {
            self.init(layer)
        }
    }
}
