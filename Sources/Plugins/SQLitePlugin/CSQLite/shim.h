#include <errno.h>
#include <linux/stat.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

// `sqlite3_config` takes a varying list of arguments, which Swift cannot give.
static inline int sqlite3_config_memstatus(int isOn) {
    return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, isOn);
}

// Likewise `sqlite3_db_config`.
static inline int sqlite3_db_config_no_checkpoint_on_close(sqlite3 *db) {
    return sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)0);
}

// The system's `statx`, which Swift's Glibc does not have, or, where a container forbids that, `fstatat`.
static inline int system_statx(int directory, const char *path, int flags, unsigned mask, struct statx *status) {
    struct stat other;
    if (syscall(SYS_statx, directory, path, flags, mask, status) == 0) return 0;
    if (errno == ENOENT || errno == ENOTDIR || fstatat(directory, path, &other, flags) != 0) return -1;
    status->stx_dev_major = major(other.st_dev);
    status->stx_dev_minor = minor(other.st_dev);
    status->stx_ino = other.st_ino;
    status->stx_nlink = (unsigned)other.st_nlink;
    status->stx_size = (unsigned long long)other.st_size;
    return 0;
}
