#include <sqlite3.h>

// `sqlite3_config` takes a varying list of arguments, which Swift cannot give.
static inline int sqlite3_config_memstatus(int isOn) {
    return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, isOn);
}
