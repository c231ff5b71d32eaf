/// Where the values of a profile stand in its text, and of which setting each is.
///
/// Made when a problem is shown, from the same events as the tree.
struct ProfileScalars {
    /// A stretch of the text that holds a value, or a key that may be one.
    struct Span {
        /// Whether it is a key of the map at its place.
        var isKey = false
        var start: SourcePosition
        /// Just behind the last character.
        var end: SourcePosition
        /// Which of ``places`` it is the value of; `nil` where that cannot be told from its place alone: it is used
        /// through an alias too, or it is a key and a value that lack the space between.
        var place: Int?
    }

    /// A path as its last step and the place that it goes on from.
    private var places: [(parent: Int?, step: ConfigurationPath.Step)] = []
    /// In the order of the text.
    private(set) var spans: [Span] = []
    private var anchors: [String: Range<Int>] = [:]
    private var aliased: [Range<Int>] = []

    /// - Returns: `nil` when the text is no YAML.
    init?(_ lines: SourceLines, path: [ConfigurationPath.Step] = []) {
        var place: Int?
        for step in path { place = add(step, to: place) }
        do throws(ProfileFailure) {
            try YAMLEvents.read(lines.bytes) { (events) throws(ProfileFailure) in
                var event = try events.next()
                while event.isPrologue { event = try events.next() }
                try visit(event, at: place, events, depth: 0)
            }
        } catch {
            return nil
        }
        hideAliased()
    }

    /// Whether what a span holds may be shown.
    func isShown(_ span: Span, _ secrecy: ExcerptSecrecy) -> Bool {
        guard let path = path(of: span) else { return false }
        return span.isKey ? secrecy.holdsNames(path) : secrecy.isRevealable(path)
    }

    /// The path of a span's setting.
    private func path(of span: Span) -> [ConfigurationPath.Step]? {
        var steps: [ConfigurationPath.Step] = []
        var place = span.place
        while let index = place {
            steps.append(places[index].step)
            place = places[index].parent
        }
        return span.place.map { _ in steps.reversed() }
    }

    /// The spans that have a part in a line.
    func spans(onLine number: Int) -> some Sequence<Span> {
        spans[spans.partitioningIndex { $0.end.line >= number }...].prefix { $0.start.line <= number }
    }

    private mutating func add(_ step: ConfigurationPath.Step, to parent: Int?) -> Int {
        places.append((parent, step))
        return places.count - 1
    }

    private mutating func visit(
        _ event: YAMLEvent, at place: Int?, _ events: YAMLEvents, depth: Int
    ) throws(ProfileFailure) {
        guard depth <= ProfileComposer.deepest else { return }
        let first = spans.count
        switch event.kind {
        case .scalar where event.start < event.end:
            spans.append(Span(start: event.start, end: event.end, place: place))
        case .listStart:
            addAnchor(event, at: place)
            try visitList(at: place, events, depth: depth)
        case .mapStart:
            addAnchor(event, at: place)
            try visitMap(at: place, events, depth: depth)
        case .alias(let name):
            if let range = anchors[name] { aliased.append(range) }
            spans.append(Span(start: event.start, end: event.end, place: place))
        default:
            break
        }
        if let anchor = event.anchor { anchors[anchor] = first..<spans.count }
    }

    /// The anchor of a list or map may be the beginning of a secret: `password: &4x7 [y`.
    private mutating func addAnchor(_ event: YAMLEvent, at place: Int?) {
        guard event.anchor != nil, event.start < event.end, place != nil else { return }
        spans.append(Span(isKey: true, start: event.start, end: event.end, place: place))
    }

    private mutating func visitList(at place: Int?, _ events: YAMLEvents, depth: Int) throws(ProfileFailure) {
        var index = 0
        while true {
            let event = try events.next()
            if event.isEnd { return }
            try visit(event, at: add(.element(index), to: place), events, depth: depth + 1)
            index += 1
        }
    }

    private mutating func visitMap(at place: Int?, _ events: YAMLEvents, depth: Int) throws(ProfileFailure) {
        while true {
            let key = try events.next()
            if key.isEnd { return }
            if case .scalar(let text, _) = key.kind {
                let value = try events.next()
                if place != nil { spans.append(Span(isKey: true, start: key.start, end: key.end, place: place)) }
                hideValue(inKey: text, key, before: value)
                try visit(value, at: add(.key(text), to: place), events, depth: depth + 1)
            } else {
                try visit(key, at: nil, events, depth: depth + 1)
                try visit(try events.next(), at: nil, events, depth: depth + 1)
            }
        }
    }

    /// A key such as `password:x` in braces holds a value, because the space after the colon is missing; one such as
    /// `password x` may, where no value follows.
    private mutating func hideValue(inKey text: String, _ event: YAMLEvent, before value: YAMLEvent) {
        let name = KeyWithoutSpace(text)?.key ?? (value.isEmpty ? String(text.prefix { !$0.isWhitespace }) : text)
        guard name.count < text.count else { return }
        let start = SourcePosition(line: event.start.line, column: event.start.column + name.unicodeScalars.count + 1)
        spans.append(Span(start: start, end: event.end, place: nil))
    }

    private mutating func hideAliased() {
        var depths = [Int](repeating: 0, count: spans.count + 1)
        for range in aliased {
            depths[range.lowerBound] += 1
            depths[range.upperBound] -= 1
        }
        var depth = 0
        for index in spans.indices {
            depth += depths[index]
            if depth > 0, !spans[index].isKey { spans[index].place = nil }
        }
    }
}

extension YAMLEvent {
    fileprivate var isPrologue: Bool {
        switch kind {
        case .streamStart, .documentStart: true
        default: false
        }
    }

    fileprivate var isEnd: Bool {
        switch kind {
        case .listEnd, .mapEnd, .streamEnd, .documentEnd: true
        default: false
        }
    }
}
