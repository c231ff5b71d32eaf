/// A finished span, as OpenTelemetry's data model has it.
public struct SpanRecord: Sendable, Equatable {
    /// What a span's work is to others.
    @nonexhaustive
    public enum Kind: Sendable, Hashable {
        case `internal`
        case server
        case client
        case producer
        case consumer
    }

    /// How the work ended; `unset` is good.
    public enum Status: Sendable, Hashable {
        case unset
        case ok
        case error(String)
    }

    /// The span that this one is part of.
    public struct Parent: Sendable, Hashable {
        /// 8 bytes, not all zero.
        public var spanID: UInt64
        /// Whether it belongs to another process.
        public var isRemote: Bool

        public init(spanID: UInt64, isRemote: Bool) {
            self.spanID = spanID
            self.isRemote = isRemote
        }
    }

    /// Something that happened at one moment of a span.
    public struct Event: Sendable, Equatable {
        public var name: String
        /// When it happened.
        public var time: TelemetryTime
        public var attributes: [TelemetryAttribute]

        public init(name: String, time: TelemetryTime, attributes: [TelemetryAttribute] = []) {
            self.name = name
            self.time = time
            self.attributes = attributes
        }
    }

    /// Another span that has to do with this one.
    public struct Link: Sendable, Equatable {
        /// The other span.
        public var context: TraceContext
        public var attributes: [TelemetryAttribute]

        public init(context: TraceContext, attributes: [TelemetryAttribute] = []) {
            self.context = context
            self.attributes = attributes
        }
    }

    /// Of low cardinality: `GET /orders/{id}`.
    public var name: String
    public var kind: Kind
    /// Ids of the span itself.
    public var context: TraceContext
    /// `nil` for the first span of a trace.
    public var parent: Parent?
    public var start: TelemetryTime
    /// Never before ``start``.
    public var end: TelemetryTime
    /// Each key once.
    public var attributes: TelemetryAttributes
    public var events: [Event] = []
    public var links: [Link] = []
    public var status: Status {
        get { rest.first?.status ?? .unset }
        set { changeRest { $0.status = newValue } }
    }
    /// Attributes, events and links beyond what is kept, which were left out.
    public var dropped: Dropped {
        get { rest.first?.dropped ?? Dropped() }
        set { changeRest { $0.dropped = newValue } }
    }
    /// What few spans have; none where all of it is empty: a record goes through several hands.
    private var rest: [Rest] = []

    private struct Rest: Equatable {
        var status: Status = .unset
        var dropped = Dropped()
    }

    private mutating func changeRest(_ body: (inout Rest) -> Void) {
        if rest.isEmpty { rest.append(Rest()) }
        body(&rest[0])
        if rest[0] == Rest() { rest = [] }
    }

    /// How much was left out of a span.
    public struct Dropped: Sendable, Hashable {
        public var attributes = 0
        public var events = 0
        public var links = 0

        public init() {}
    }

    public init(
        name: String, kind: Kind, context: TraceContext, parent: Parent? = nil, start: TelemetryTime,
        end: TelemetryTime, attributes: TelemetryAttributes = []
    ) {
        self.name = name
        self.kind = kind
        self.context = context
        self.parent = parent
        self.start = start
        self.end = end
        self.attributes = attributes
    }
}

extension SpanRecord {
    /// A span whose parent is this process's, as well.
    /// - Parameter parent: `nil` for the first span of a trace.
    init(
        _ name: String, _ kind: Kind, as context: TraceContext, of parent: UInt64?, _ interval: TelemetryInterval,
        _ attributes: TelemetryAttributes = []
    ) {
        self.init(
            name: name, kind: kind, context: context, parent: parent.map { Parent(spanID: $0, isRemote: false) },
            start: interval.start, end: interval.end, attributes: attributes)
    }
}

extension SpanRecord: Recorded {
    var size: Int { 256 + attributes.size + events.count * 256 + links.count * 128 }

    mutating func limit(to limits: RecordLimits) {
        var beyond = Dropped()
        beyond.attributes = attributes.limit(to: limits.spanAttributes, text: limits.spanText)
        beyond.events = max(0, events.count - limits.events)
        events = events.prefix(limits.events).map { event in
            var event = event
            _ = event.attributes.limit(to: limits.eventAttributes, text: limits.spanText)
            return event
        }
        beyond.links = max(0, links.count - limits.links)
        links = links.prefix(limits.links).map { link in
            var link = link
            _ = link.attributes.limit(to: limits.linkAttributes, text: limits.spanText)
            return link
        }
        if beyond != Dropped() { dropped += beyond }
    }
}

extension SpanRecord.Dropped {
    fileprivate static func += (all: inout SpanRecord.Dropped, more: SpanRecord.Dropped) {
        all.attributes += more.attributes
        all.events += more.events
        all.links += more.links
    }
}
