extension Statement {
    static let begin = Statement(name: "begin", sql: "BEGIN ISOLATION LEVEL READ COMMITTED", types: [])
    static let commit = Statement(name: "commit", sql: "COMMIT", types: [])
    static let rollback = Statement(name: "rollback", sql: "ROLLBACK", types: [])

    /// Settings of a transaction, where the session is not ours alone: how long a statement may take, how long its
    /// locks are held when this program is cut off, and that an answered order survives a loss of power, also where the
    /// role or the database has it otherwise.
    static let transactionSettings = Statement(
        name: "settings",
        sql: """
            SELECT set_config('statement_timeout', $1, true), \
            set_config('idle_in_transaction_session_timeout', $1, true), \
            CASE WHEN current_setting('synchronous_commit') = 'off' \
            THEN set_config('synchronous_commit', 'on', true) END
            """, types: [.text])

    static let mark = Statement(name: "mark", sql: "SAVEPOINT mark", types: [])
    static let takeBack = Statement(name: "take_back", sql: "ROLLBACK TO SAVEPOINT mark", types: [])

    /// Asks for nothing, to see whether anybody answers.
    static let ping = Statement(name: "ping", sql: "SELECT 1", types: [])
}
