/* What SQLite can do at most: a loop over its C interface that inserts orders, many in one transaction.
 *
 *     plain-loop FILE ROWS ROWS_PER_TRANSACTION SYNCHRONOUS
 *
 * FILE is a database that orderd made, so the table and its indexes are orderd's. ROWS 0 or more, ROWS_PER_TRANSACTION
 * 1 or more, SYNCHRONOUS is `off`, `normal` or `full`. Prints one line: the seconds that the loop took. */

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const char *const wood_types[] = {"oak", "maple", "birch", "elm", "pine"};

static void check(sqlite3 *db, int code, const char *what) {
    if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return;
    fprintf(stderr, "plain-loop: %s: %s\n", what, sqlite3_errmsg(db));
    exit(1);
}

static void execute(sqlite3 *db, const char *sql) { check(db, sqlite3_exec(db, sql, NULL, NULL, NULL), sql); }

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql) {
    sqlite3_stmt *statement;
    check(db, sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL), sql);
    return statement;
}

static sqlite3_int64 highest_id(sqlite3 *db) {
    sqlite3_stmt *statement = prepare(db, "SELECT ifnull(max(id), 0) FROM orders");
    check(db, sqlite3_step(statement), "highest id");
    sqlite3_int64 id = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return id;
}

static sqlite3_int64 milliseconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static sqlite3 *open_orders(const char *file, const char *synchronous) {
    sqlite3 *db;
    char pragma[64];
    check(NULL, sqlite3_open_v2(file, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL), file);
    snprintf(pragma, sizeof pragma, "PRAGMA synchronous=%s", synchronous);
    execute(db, "PRAGMA journal_mode=WAL");
    execute(db, pragma);
    execute(db, "PRAGMA foreign_keys=on");
    return db;
}

/* The same orders, in the same order, as the lines that orderd reads; see driver/orders.py. */
static void insert(sqlite3 *db, sqlite3_stmt *statement, sqlite3_int64 id, int row, sqlite3_int64 time) {
    char customer[32];
    int length = snprintf(customer, sizeof customer, "cust_%d", (int)(row * 7919LL % 10007));
    sqlite3_bind_int64(statement, 1, id);
    sqlite3_bind_text(statement, 2, customer, length, SQLITE_TRANSIENT);
    sqlite3_bind_text(statement, 3, wood_types[row % 5], -1, SQLITE_STATIC);
    sqlite3_bind_int(statement, 4, 1 + row % 100);
    sqlite3_bind_text(statement, 5, "registered", 10, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 6, time);
    check(db, sqlite3_step(statement), "insert");
    sqlite3_reset(statement);
}

int main(int count, char **arguments) {
    if (count != 5 || atoi(arguments[3]) < 1) {
        fputs("usage: plain-loop FILE ROWS ROWS_PER_TRANSACTION SYNCHRONOUS\n", stderr);
        return 64;
    }
    int rows = atoi(arguments[2]), batch = atoi(arguments[3]);
    sqlite3 *db = open_orders(arguments[1], arguments[4]);
    sqlite3_stmt *statement = prepare(
        db, "INSERT INTO orders(id, customer_id, wood_type, quantity, status, created_at, updated_at, revision) "
            "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, 1)");
    sqlite3_stmt *begin = prepare(db, "BEGIN IMMEDIATE"), *commit = prepare(db, "COMMIT");
    sqlite3_int64 id = highest_id(db), began = milliseconds(CLOCK_MONOTONIC);

    for (int row = 0; row < rows;) {
        int end = rows - row < batch ? rows : row + batch;
        sqlite3_int64 now = milliseconds(CLOCK_REALTIME);
        check(db, sqlite3_step(begin), "begin");
        sqlite3_reset(begin);
        for (; row < end; row++) insert(db, statement, ++id, row, now);
        check(db, sqlite3_step(commit), "commit");
        sqlite3_reset(commit);
    }
    printf("%.3f\n", (milliseconds(CLOCK_MONOTONIC) - began) / 1000.0);

    sqlite3_finalize(statement);
    sqlite3_finalize(begin);
    sqlite3_finalize(commit);
    check(db, sqlite3_close(db), "close");
    return 0;
}
