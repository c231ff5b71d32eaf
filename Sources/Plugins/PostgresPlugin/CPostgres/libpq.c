// The functions of libpq that the storage calls, each handed on to the library, which is loaded when it is wanted:
// a program that is linked with it maps twenty libraries more at every start, for TLS, Kerberos and LDAP.
#include "CPostgres.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>

#define FUNCTIONS(f)                                                                                                   \
    f(int, PQbackendPID, (const PGconn *c), (c))                                                                       \
    f(void, PQclear, (PGresult *r), (r))                                                                               \
    f(PostgresPollingStatusType, PQconnectPoll, (PGconn *c), (c))                                                      \
    f(PGconn *, PQconnectStartParams, (const char *const *k, const char *const *v, int expand), (k, v, expand))        \
    f(PQconninfoOption *, PQconninfo, (PGconn *c), (c))                                                                \
    f(void, PQconninfoFree, (PQconninfoOption *o), (o))                                                                \
    f(PQconninfoOption *, PQconninfoParse, (const char *text, char **message), (text, message))                        \
    f(int, PQcancel, (PGcancel *c, char *message, int size), (c, message, size))                                       \
    f(int, PQconsumeInput, (PGconn *c), (c))                                                                           \
    f(int, PQenterPipelineMode, (PGconn *c), (c))                                                                      \
    f(char *, PQerrorMessage, (const PGconn *c), (c))                                                                  \
    f(void, PQfinish, (PGconn *c), (c))                                                                                \
    f(int, PQflush, (PGconn *c), (c))                                                                                  \
    f(void, PQfreeCancel, (PGcancel *c), (c))                                                                          \
    f(PGcancel *, PQgetCancel, (PGconn *c), (c))                                                                       \
    f(PGresult *, PQgetResult, (PGconn *c), (c))                                                                       \
    f(int, PQgetisnull, (const PGresult *r, int row, int column), (r, row, column))                                    \
    f(int, PQgetlength, (const PGresult *r, int row, int column), (r, row, column))                                    \
    f(char *, PQgetvalue, (const PGresult *r, int row, int column), (r, row, column))                                  \
    f(int, PQisBusy, (PGconn *c), (c))                                                                                 \
    f(PGresult *, PQmakeEmptyPGresult, (PGconn *c, ExecStatusType status), (c, status))                                \
    f(int, PQntuples, (const PGresult *r), (r))                                                                        \
    f(const char *, PQparameterStatus, (const PGconn *c, const char *name), (c, name))                                 \
    f(int, PQpipelineSync, (PGconn *c), (c))                                                                           \
    f(char *, PQresultErrorField, (const PGresult *r, int field), (r, field))                                          \
    f(char *, PQresultErrorMessage, (const PGresult *r), (r))                                                          \
    f(ExecStatusType, PQresultStatus, (const PGresult *r), (r))                                                        \
    f(int, PQsendPrepare, (PGconn *c, const char *name, const char *sql, int n, const Oid *types),                     \
      (c, name, sql, n, types))                                                                                        \
    f(int, PQsendQueryParams,                                                                                          \
      (PGconn *c, const char *sql, int n, const Oid *types, const char *const *values, const int *lengths,             \
       const int *formats, int format),                                                                                \
      (c, sql, n, types, values, lengths, formats, format))                                                            \
    f(int, PQsendQueryPrepared,                                                                                        \
      (PGconn *c, const char *name, int n, const char *const *values, const int *lengths, const int *formats,          \
       int format),                                                                                                    \
      (c, name, n, values, lengths, formats, format))                                                                  \
    f(PGVerbosity, PQsetErrorVerbosity, (PGconn *c, PGVerbosity verbosity), (c, verbosity))                            \
    f(PQnoticeReceiver, PQsetNoticeReceiver, (PGconn *c, PQnoticeReceiver r, void *argument), (c, r, argument))       \
    f(PQnoticeProcessor, PQsetNoticeProcessor, (PGconn *c, PQnoticeProcessor p, void *argument), (c, p, argument))     \
    f(int, PQsetResultAttrs, (PGresult *r, int n, PGresAttDesc *attributes), (r, n, attributes))                       \
    f(int, PQsetnonblocking, (PGconn *c, int on), (c, on))                                                             \
    f(int, PQsetvalue, (PGresult *r, int row, int column, char *value, int length), (r, row, column, value, length))   \
    f(int, PQsocket, (const PGconn *c), (c))                                                                           \
    f(ConnStatusType, PQstatus, (const PGconn *c), (c))                                                                \
    f(PGTransactionStatusType, PQtransactionStatus, (const PGconn *c), (c))                                            \
    f(Oid, PQftype, (const PGresult *r, int column), (r, column))

#define FORWARD(result, name, parameters, arguments)                                                                   \
    static result(*loaded_##name) parameters;                                                                          \
    result name parameters { return loaded_##name arguments; }

FUNCTIONS(FORWARD)

#define SYMBOL(result, name, parameters, arguments) {#name, (void **)&loaded_##name},

static const struct {
    const char *name;
    void **function;
} symbols[] = {FUNCTIONS(SYMBOL)};

static const char *failure;

static void load(void) {
    void *library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        failure = dlerror();
        return;
    }
    for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++) {
        *symbols[i].function = dlsym(library, symbols[i].name);
        if (*symbols[i].function == NULL) {
            failure = dlerror();
            return;
        }
    }
}

const char *loadPostgresLibrary(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load);
    return failure;
}
