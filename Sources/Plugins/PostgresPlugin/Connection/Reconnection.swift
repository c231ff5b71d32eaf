/// Where the next attempt to connect goes, and how much time it gets.
///
/// Several hosts are tried one after another, each with a time of its own: libpq would wait for the first one, and a
/// machine that is gone does not even refuse. Most attempts are short, so that a server that drops packets is found
/// within a second of its return; some are longer, for a server that is slow to answer: every fourth, until one has
/// succeeded and shown how long it takes.
struct Reconnection {
    private let places: [Place]
    /// What a longer attempt gets.
    private let longest: Duration
    private var attempts = 0
    /// The place that is tried first.
    private var first = 0
    /// Three times what the last connection took.
    private var experience: Duration?

    init(_ server: Server) {
        self.init(places: server.places, longest: server.patience)
    }

    /// - Parameter places: At least one.
    init(places: [Place], longest: Duration = .seconds(3)) {
        self.places = places
        self.longest = longest
    }

    /// Whether every host has been tried since the last connection.
    var hasTriedAll: Bool { attempts >= places.count }

    /// Whether every host has been given its longer time since the last connection.
    var hasTriedAllLong: Bool { attempts >= places.count * 4 }

    mutating func next() -> (place: Place, patience: Duration) {
        defer { attempts += 1 }
        let round = attempts / places.count
        let isLong = experience == nil ? round % 4 == 3 : round % 16 == 15
        return (
            places[(first + attempts) % places.count], isLong ? longest : max(.milliseconds(700), experience ?? .zero)
        )
    }

    /// Tries a place first from now on; does nothing where there is no such place.
    mutating func begin(with place: Place) {
        guard let index = places.firstIndex(of: place) else { return }
        (first, attempts) = (index, 0)
    }

    /// How long to wait before the next attempt, after one that failed at once.
    var pause: Duration { attempts % places.count == 0 ? .milliseconds(200) : .zero }

    /// A connection was made.
    /// - Parameter duration: What it took.
    mutating func succeed(after duration: Duration) {
        attempts = 0
        experience = min(longest, duration * 3)
    }
}
