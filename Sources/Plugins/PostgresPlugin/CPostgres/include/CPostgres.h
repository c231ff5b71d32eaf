#pragma once

// Where pkg-config is not asked: Debian has libpq's header in a directory of its own.
#if __has_include(<postgresql/libpq-fe.h>)
#include <postgresql/libpq-fe.h>
#else
#include <libpq-fe.h>
#endif

/// Loads libpq, once. No other function may be called before it has succeeded.
///
/// - Returns: Why it cannot be loaded; a null pointer when it is there.
const char *_Nullable loadPostgresLibrary(void);
