/// Composes libyaml's events into a tree, within the limits of a profile.
struct ProfileComposer {
    /// Lists and maps within each other, the outermost counted.
    static let deepest = 64
    /// Bytes of a key: each problem below repeats it. libyaml has the same limit for a key without a '?'.
    static let longestKey = 1_024
    /// Keys, values, lists and maps, after aliases.
    static let mostNodes = 100_000
    /// Duplicate keys beyond this number are not told: each has its path, and a hostile profile could ask for
    /// gigabytes.
    static let mostProblems = 1_000

    /// A node and how many levels of lists and maps it has.
    private struct Composed {
        var node: ConfigurationNode
        var height: Int
    }

    private enum Anchor {
        /// Its node is not complete yet.
        case open
        case complete(Composed, nodes: Int)
    }

    private let events: YAMLEvents
    private let layer: ConfigurationOrigin.Layer
    private var anchors: [String: Anchor] = [:]
    /// Where an anchor stands alone, without a value, and no alias has used it.
    private var bareAnchors: [String: SourcePosition] = [:]
    private var nodes = 0
    private var path: [ConfigurationPath.Step]
    /// Mistakes that leave the tree whole: duplicate keys.
    private(set) var problems: [ConfigurationProblem] = []

    init(events: YAMLEvents, layer: ConfigurationOrigin.Layer, path: [ConfigurationPath.Step]) {
        self.events = events
        self.path = path
        self.layer = layer
    }

    /// The one document's tree; a null where there is no document.
    mutating func compose() throws(ProfileFailure) -> ConfigurationNode {
        var event = try events.next()
        while case .streamStart = event.kind { event = try events.next() }
        guard case .documentStart = event.kind else {
            return ConfigurationNode(content: .null, origin: origin(SourcePosition(line: 1, column: 1)))
        }
        let root = try compose(try events.next()).node
        _ = try events.next()
        event = try events.next()
        guard case .streamEnd = event.kind else {
            throw syntax("a second document begins here; a profile is one document", at: event.start)
        }
        if let position = bareAnchors.values.min() {
            throw syntax("a text that begins with '&' needs quotes", at: position)
        }
        return root
    }

    private mutating func compose(_ event: YAMLEvent) throws(ProfileFailure) -> Composed {
        if case .alias(let name) = event.kind { return try expand(name, at: event.start) }
        let before = nodes
        try count(1, at: event.start)
        if let anchor = event.anchor { anchors[anchor] = .open }
        let composed = try content(of: event)
        if let anchor = event.anchor {
            anchors[anchor] = .complete(composed, nodes: nodes - before)
            bareAnchors[anchor] = event.isEmpty ? event.start : nil
        }
        return composed
    }

    private mutating func content(of event: YAMLEvent) throws(ProfileFailure) -> Composed {
        switch event.kind {
        case .listStart(isFlow: false) where !layer.isFile, .mapStart(isFlow: false) where !layer.isFile:
            throw syntax(
                "the value of a --set is a scalar, [a, list] or {a: map}; quote a text with ': '", at: event.start)
        case .listStart(let isFlow):
            try check(event.tag, is: "seq", at: event.start)
            return try withBracket(isFlow ? event.start : nil) { composer throws(ProfileFailure) in
                try composer.list(from: event.start)
            }
        case .mapStart(let isFlow):
            try check(event.tag, is: "map", at: event.start)
            return try withBracket(isFlow ? event.start : nil) { composer throws(ProfileFailure) in
                try composer.map(from: event.start)
            }
        case .scalar(let text, let isPlain):
            let content = try scalar(text, isPlain: isPlain, event)
            return Composed(node: ConfigurationNode(content: content, origin: origin(event.start)), height: 0)
        default:
            throw syntax("a value is missing here", at: event.start)
        }
    }

    private mutating func expand(_ name: String, at position: SourcePosition) throws(ProfileFailure) -> Composed {
        bareAnchors[name] = nil
        switch anchors[name] {
        case .complete(var composed, let nodes):
            try count(nodes, at: position)
            try check(depth: path.count + composed.height, at: position)
            composed.node.origin = origin(position)
            return composed
        case .open:
            throw syntax("the alias stands inside the value that it names", at: position)
        case nil:
            throw syntax("no value above has this anchor; a text that begins with '*' needs quotes", at: position)
        }
    }

    /// Has what libyaml refuses know the innermost bracket around it.
    private mutating func withBracket(
        _ bracket: SourcePosition?, _ body: (inout Self) throws(ProfileFailure) -> Composed
    ) throws(ProfileFailure) -> Composed {
        do throws(ProfileFailure) {
            return try body(&self)
        } catch {
            guard case .yaml(var failure) = error else { throw error }
            failure.bracket = failure.bracket ?? bracket
            throw .yaml(failure)
        }
    }

    private mutating func list(from start: SourcePosition) throws(ProfileFailure) -> Composed {
        try check(depth: path.count + 1, at: start)
        var elements: [ConfigurationNode] = []
        var height = 0
        while true {
            let event = try events.next()
            if case .listEnd = event.kind { break }
            path.append(.element(elements.count))
            let element = try compose(event)
            path.removeLast()
            elements.append(element.node)
            height = max(height, element.height)
        }
        return Composed(node: ConfigurationNode(content: .list(elements), origin: origin(start)), height: height + 1)
    }

    private mutating func map(from start: SourcePosition) throws(ProfileFailure) -> Composed {
        try check(depth: path.count + 1, at: start)
        var map = MapBuilder()
        var height = 0
        while true {
            let event = try events.next()
            if case .mapEnd = event.kind { break }
            let key = try key(event, in: start)
            guard key.text.utf8.count <= Self.longestKey else {
                throw syntax("a key has more than \(Self.longestKey) bytes", at: event.start)
            }
            path.append(.key(key.text))
            let value = try compose(try events.next())
            height = max(height, value.height)
            let entry = ConfigurationNode.Entry(
                key: key.text, keyOrigin: origin(event.start), value: value.node)
            if let earlier = map.add(entry, isMerge: key.isMerge) { reportDuplicate(entry, of: earlier) }
            path.removeLast()
        }
        if let origin = map.merge() {
            throw syntax("'<<' takes a map or a list of maps", at: SourcePosition(origin))
        }
        return Composed(node: ConfigurationNode(content: .map(map.entries), origin: origin(start)), height: height + 1)
    }

    private mutating func key(
        _ event: YAMLEvent, in map: SourcePosition
    ) throws(ProfileFailure) -> (text: String, isMerge: Bool) {
        let notText = syntax("a key is a text, not a list or a map", at: event.start)
        switch event.kind {
        case .scalar("", isPlain: true):
            throw syntax("a key is missing before the ':'", at: event.start)
        case .scalar(let text, let isPlain):
            _ = try compose(event)
            return (text, text == "<<" && isPlain && (event.tag ?? YAMLTag.merge) == YAMLTag.merge)
        case .alias:
            guard case .scalar(let scalar) = try compose(event).node.content else { throw notText }
            return (scalar.text, false)
        case .mapStart(isFlow: true) where event.start == SourcePosition(line: map.line, column: map.column + 1):
            throw syntax("'{{' begins a template that nothing has filled in; a profile is taken as it is", at: map)
        default:
            throw notText
        }
    }

    private mutating func reportDuplicate(_ entry: ConfigurationNode.Entry, of earlier: ConfigurationOrigin) {
        guard problems.count < Self.mostProblems else { return }
        let place = earlier.line > 0 ? "on line \(earlier.line)" : "before"
        let name = entry.shownName
        let key = name.withoutPasswords
        let more = problems.count + 1 == Self.mostProblems ? "; what else is set twice is not told" : ""
        problems.append(
            ConfigurationProblem(
                code: .duplicateKey, origin: entry.keyOrigin, path: (path.dropLast() + [.key(name)]).text,
                message: "'\(key)' is already set \(place)\(more)",
                related: [ConfigurationProblem.Related(origin: earlier, message: "'\(key)' is first set here")]))
    }
}

// MARK: - Scalars and limits

extension ProfileComposer {
    private func scalar(
        _ text: String, isPlain: Bool, _ event: YAMLEvent
    ) throws(ProfileFailure) -> ConfigurationNode.Content {
        switch event.tag {
        case nil where isPlain && YAMLTag.nulls.contains(text): return .null
        case nil:
            let isContinued = isPlain && event.start.line < event.end.line
            return .scalar(ConfigurationNode.Scalar(text: text, isPlain: isPlain, isContinued: isContinued))
        case let tag? where YAMLTag.texts.contains(tag):
            return .scalar(ConfigurationNode.Scalar(text: text, isPlain: false))
        case let tag? where YAMLTag.literals.contains(tag):
            return .scalar(ConfigurationNode.Scalar(text: text, isPlain: true))
        case YAMLTag.null where YAMLTag.nulls.contains(text): return .null
        case YAMLTag.null: throw syntax("a value with the tag '!!null' is empty, '~' or 'null'", at: event.start)
        case _?: throw unknownTag(at: event.start)
        }
    }

    private func check(_ tag: String?, is name: String, at position: SourcePosition) throws(ProfileFailure) {
        guard let tag, tag != "!", tag != YAMLTag.prefix + name else { return }
        throw unknownTag(at: position)
    }

    private func unknownTag(at position: SourcePosition) -> ProfileFailure {
        syntax(
            "this tag has no meaning here; !!str, !!int, !!float, !!bool and !!null do, "
                + "and a text that begins with '!' needs quotes", at: position)
    }

    private mutating func count(_ more: Int, at position: SourcePosition) throws(ProfileFailure) {
        nodes += more
        guard nodes > Self.mostNodes else { return }
        throw failure(
            .tooManyNodes, "the profile has more than \(Self.mostNodes) keys and values, aliases included", at: position
        )
    }

    private func check(depth: Int, at position: SourcePosition) throws(ProfileFailure) {
        guard depth > Self.deepest else { return }
        throw failure(.tooDeep, "lists and maps are nested deeper than \(Self.deepest)", at: position)
    }

    private func syntax(_ message: String, at position: SourcePosition) -> ProfileFailure {
        failure(.syntax, message, at: position)
    }

    private func failure(
        _ code: ConfigurationProblem.Code, _ message: String, at position: SourcePosition
    ) -> ProfileFailure {
        .problem(
            ConfigurationProblem(
                code: code, origin: origin(position), path: path.isEmpty ? nil : path.text, message: message))
    }

    private func origin(_ position: SourcePosition) -> ConfigurationOrigin {
        ConfigurationOrigin(layer, position)
    }
}
