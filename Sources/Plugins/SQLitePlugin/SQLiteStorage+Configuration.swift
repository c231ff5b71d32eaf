public import OrderKernel

extension SQLiteStorage {
    /// What a profile says of the storage.
    public struct Configuration: PluginConfiguration {
        let path: SettingPath
        let readers: Int
        let synchronous: Synchronous
        let busyTimeout: Duration

        public init(from settings: inout Settings) {
            path = settings.value(
                "path", default: SettingPath("orders.db"),
                "File that holds the orders; `\":memory:\"` keeps them in RAM.")
            // SQLite itself would take the first as a name of another file, and with other rules.
            settings.check(
                "path", holds: !path.text.hasPrefix("file:") && !path.text.contains("://"),
                "must be the path of a file, such as orders.db, and no URL")
            readers = settings.value(
                "readers", default: 2, "Lists that are read at the same time, each on a thread.", in: 1...64)
            synchronous = settings.value(
                "synchronous", default: .full,
                """
                When a commit is done: `full` when the disk has it; with `normal` a loss of power can undo the last \
                commits that were answered; with `off` it can also destroy the file.
                """)
            busyTimeout = settings.value(
                "busy_timeout", default: .seconds(5), "Longest wait for another process that writes.",
                in: .zero ... .seconds(60))
            // The file, and those that SQLite and the turnstile have beside it.
            for suffix in ["", "-wal", "-shm", "-journal", "-turn"] {
                settings.needs(.output(path.text + suffix), for: "path")
            }
            settings.needs(.descriptors(2 * (readers + 1)), for: "readers")
        }
    }

    /// When a commit counts as done.
    public enum Synchronous: String, ChoiceValue {
        /// When the disk has it: what was answered survives a loss of power.
        case full
        /// When the system has it: a loss of power can undo the last commits, a crash of the process none.
        case normal
        /// As `normal`, but a loss of power can also destroy the file.
        case off
    }
}
