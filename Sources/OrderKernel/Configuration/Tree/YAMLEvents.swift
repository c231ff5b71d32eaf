internal import CYAML

/// libyaml's events over one text, as values.
struct YAMLEvents {
    private let parser: UnsafeMutablePointer<yaml_parser_t>

    /// Lends the events of a text in UTF-8 without a byte order mark; they end with the closure.
    static func read<Result>(
        _ bytes: some Sequence<UInt8>, _ body: (YAMLEvents) throws(ProfileFailure) -> Result
    ) throws(ProfileFailure) -> Result {
        try Array(bytes).withUnsafeBufferPointer { (text) throws(ProfileFailure) -> Result in
            let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
            defer { parser.deallocate() }
            guard yaml_parser_initialize(parser) == 1 else { throw .yaml(YAMLFailure(problem: "out of memory")) }
            defer { yaml_parser_delete(parser) }
            yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
            yaml_parser_set_input_string(parser, text.baseAddress, text.count)
            return try body(YAMLEvents(parser: parser))
        }
    }

    /// The next event; ``YAMLEvent/Kind/streamEnd`` for ever after the last.
    func next() throws(ProfileFailure) -> YAMLEvent {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw .yaml(YAMLFailure(parser.pointee)) }
        defer { yaml_event_delete(&event) }
        return YAMLEvent(event)
    }
}

/// Why a profile has no tree.
enum ProfileFailure: Error {
    /// libyaml refused the text.
    case yaml(YAMLFailure)
    /// The text is YAML, but no profile.
    case problem(ConfigurationProblem)
}

extension SourcePosition {
    fileprivate init(_ mark: yaml_mark_t) {
        self.init(line: mark.line + 1, column: mark.column + 1)
    }
}

/// One event of libyaml.
struct YAMLEvent {
    enum Kind {
        case streamStart
        case streamEnd
        case documentStart
        case documentEnd
        case alias(String)
        case scalar(String, isPlain: Bool)
        case listStart(isFlow: Bool)
        case listEnd
        case mapStart(isFlow: Bool)
        case mapEnd
    }

    var kind: Kind
    var anchor: String?
    var tag: String?
    var start: SourcePosition
    /// Just behind the last character.
    var end: SourcePosition

    var isStreamEnd: Bool {
        if case .streamEnd = kind { true } else { false }
    }

    /// Whether it is a scalar of which nothing is written, but perhaps an anchor or a tag.
    var isEmpty: Bool {
        if case .scalar("", isPlain: true) = kind { true } else { false }
    }
}

extension YAMLEvent {
    fileprivate init(_ event: yaml_event_t) {
        let data = event.data
        self.init(kind: .streamEnd, start: SourcePosition(event.start_mark), end: SourcePosition(event.end_mark))
        switch event.type {
        case YAML_STREAM_START_EVENT: kind = .streamStart
        case YAML_DOCUMENT_START_EVENT: kind = .documentStart
        case YAML_DOCUMENT_END_EVENT: kind = .documentEnd
        case YAML_SEQUENCE_END_EVENT: kind = .listEnd
        case YAML_MAPPING_END_EVENT: kind = .mapEnd
        case YAML_ALIAS_EVENT:
            kind = .alias(text(data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            let bytes = UnsafeBufferPointer(start: data.scalar.value, count: data.scalar.length)
            kind = .scalar(
                String(decoding: bytes, as: UTF8.self), isPlain: data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
            (anchor, tag) = (text(data.scalar.anchor), text(data.scalar.tag))
        case YAML_SEQUENCE_START_EVENT:
            kind = .listStart(isFlow: data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE)
            (anchor, tag) = (text(data.sequence_start.anchor), text(data.sequence_start.tag))
        case YAML_MAPPING_START_EVENT:
            kind = .mapStart(isFlow: data.mapping_start.style == YAML_FLOW_MAPPING_STYLE)
            (anchor, tag) = (text(data.mapping_start.anchor), text(data.mapping_start.tag))
        default: kind = .streamEnd
        }
    }

    private func text(_ characters: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        characters.map { String(cString: $0) }
    }
}

/// What libyaml says of a text that it refuses.
struct YAMLFailure {
    var problem: String
    /// Where that began which libyaml was about, such as a map; `nil` where it does not say.
    var start: SourcePosition?
    var position: SourcePosition?
    /// Where the text itself is at fault (bad UTF-8, a control character), in bytes; there is no position then.
    var offset: Int?
    /// Where the innermost list or map in brackets begins that the text is in.
    var bracket: SourcePosition?
}

extension YAMLFailure {
    fileprivate init(_ parser: yaml_parser_t) {
        problem = parser.problem.map { String(cString: $0) } ?? "out of memory"
        guard parser.error != YAML_READER_ERROR else {
            offset = parser.problem_offset
            return
        }
        position = SourcePosition(parser.problem_mark)
        if parser.context != nil { start = SourcePosition(parser.context_mark) }
    }
}
