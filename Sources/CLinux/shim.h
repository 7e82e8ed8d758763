// System calls and constants that Swift cannot import from Glibc: variadic functions, and names that the C library
// hides behind _GNU_SOURCE. Each wrapper is one system call; none of them keeps state.
#ifndef VAULT_CLINUX_SHIM_H
#define VAULT_CLINUX_SHIM_H
#include <fcntl.h>
#include <malloc.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/types.h>
#include <sys/xattr.h>
#include <unistd.h>

// Hidden behind _GNU_SOURCE; the values differ between processors, so they come from the C library's internal names.
static const int vault_O_NOATIME = __O_NOATIME;
static const int vault_O_PATH = __O_PATH;
static const int vault_O_TMPFILE = __O_TMPFILE;
static const int vault_AT_EMPTY_PATH = 0x1000;
static const int vault_SEEK_DATA = 3;
static const int vault_SEEK_HOLE = 4;

extern char **environ;
static inline char **vault_environment(void) { return environ; }

static inline int vault_openat(int directory, const char *path, int flags, unsigned mode) {
    return openat(directory, path, flags, mode);
}

// struct open_how of <linux/openat2.h>, which older kernel headers lack.
static inline int vault_openat2(int directory, const char *path, int flags, unsigned mode, uint64_t resolve) {
    struct { uint64_t flags, mode, resolve; } how = { (uint64_t)(unsigned)flags, mode, resolve };
    return (int)syscall(437 /* SYS_openat2, the same on every processor */, directory, path, &how, sizeof how);
}
static const uint64_t vault_RESOLVE_NO_MAGICLINKS = 0x02;
static const uint64_t vault_RESOLVE_NO_SYMLINKS = 0x04;
static const uint64_t vault_RESOLVE_BENEATH = 0x08;

static inline int vault_rename_noreplace(int from_directory, const char *from, int to_directory, const char *to) {
    return (int)syscall(SYS_renameat2, from_directory, from, to_directory, to, 1u /* RENAME_NOREPLACE */);
}

static inline int vault_syncfs(int fd) { return (int)syscall(SYS_syncfs, fd); }

static inline long vault_getdents64(int fd, void *buffer, size_t length) {
    return syscall(SYS_getdents64, fd, buffer, length);
}

// Hidden behind _DEFAULT_SOURCE. <spawn.h> is not included here, or types that Glibc declares would become this module's.
extern int vault_addclosefrom(void *actions, int fd) __asm__("posix_spawn_file_actions_addclosefrom_np");
extern int vault_addchdir(void *actions, const char *path) __asm__("posix_spawn_file_actions_addchdir_np");
static inline int vault_spawn_closing_from(void *actions, int fd) { return vault_addclosefrom(actions, fd); }
static inline int vault_spawn_in_directory(void *actions, const char *path) { return vault_addchdir(actions, path); }

static inline int vault_pipe_cloexec(int fds[2]) { return (int)syscall(SYS_pipe2, fds, O_CLOEXEC); }

// A file in memory without a name, for what a program writes to its errors.
static inline int vault_memory_file(void) { return (int)syscall(SYS_memfd_create, "errors", 1u /* MFD_CLOEXEC */); }

// fcntl is variadic.
static inline int vault_widen_pipe(int fd, int byte_count) { return fcntl(fd, 1031 /* F_SETPIPE_SZ */, byte_count); }

static inline int vault_set_nonblocking(int fd) { return fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); }

// FS_IOC_GETFLAGS and FS_IOC_SETFLAGS are declared with long but move an int.
static inline int vault_get_file_flags(int fd, uint32_t *flags) { return ioctl(fd, _IOR('f', 1, long), flags); }
static inline int vault_set_file_flags(int fd, const uint32_t *flags) { return ioctl(fd, _IOW('f', 2, long), flags); }

// Columns of a terminal, or -1.
static inline int vault_terminal_columns(int fd) {
    struct winsize size;
    return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : -1;
}

// prctl is variadic. An exec sets the flag back, so children are not affected.
static inline int vault_set_not_dumpable(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

// malloc.h is in no module. Setting either number ends their growth with what is given up.
static inline void vault_return_blocks_above(int byte_count) {
    mallopt(M_MMAP_THRESHOLD, byte_count);
    mallopt(M_TRIM_THRESHOLD, byte_count);
}

// Priorities of the calling thread, which threads started later inherit. The constants are hidden behind _GNU_SOURCE,
// and setpriority takes an enum that Swift imports under varying names.
static inline int vault_set_nice(int nice) { return setpriority(PRIO_PROCESS, 0, nice); }
static inline int vault_set_batch(void) {
    struct sched_param none = { 0 };
    return sched_setscheduler(0, 3 /* SCHED_BATCH */, &none);
}
static inline int vault_set_idle_io(void) {
    return (int)syscall(SYS_ioprio_set, 1 /* IOPRIO_WHO_PROCESS */, 0, 3 << 13 /* IOPRIO_CLASS_IDLE */);
}
// Asks the disk to begin with a part of a file that was written. Only advice.
static inline int vault_start_writing(int fd, int64_t offset, int64_t count) {
    return (int)syscall(SYS_sync_file_range, fd, offset, count, 2u /* SYNC_FILE_RANGE_WRITE */);
}

// Whether another process holds a lock on a part of a file that forbids reading. fcntl is variadic.
static inline int vault_is_locked(int fd) {
    struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
    return fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

// Processors this process may run on, or -1.
static inline int vault_processor_count(void) {
    unsigned long mask[128]; // 8,192 processors
    long bytes = syscall(SYS_sched_getaffinity, 0, sizeof mask, mask);
    if (bytes < 0) return -1;
    int count = 0;
    for (size_t i = 0; i < (size_t)bytes / sizeof mask[0]; i++) count += __builtin_popcountl(mask[i]);
    return count;
}
#endif
