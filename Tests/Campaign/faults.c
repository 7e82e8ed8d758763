// Faults below a program: a library for LD_PRELOAD that numbers the file-system calls a program makes through the C
// library, on paths below given folders, and lets any of them fail. Numbers run across all threads, which is what
// strace cannot do. Compiled by the campaign:  cc -shared -fPIC -O1 -o faults.so faults.c
//
//   VAULT_FAULT_AREAS   L=/folder:M=/folder…  which paths count, each with one letter; the first that fits
//   VAULT_FAULT_LOG     a file that gets lines: "loaded", "call N NAME AREA PATH" (with VAULT_FAULT_COUNT), "injected …"
//   VAULT_FAULT_COUNT   set: every call that counts is logged
//   VAULT_FAULT_ONLY    ,name,name,           only these calls count; without it all
//   VAULT_FAULT_IN      letters               only calls on these areas count; without it all
//   VAULT_FAULT_AT      N                     the call at which VAULT_FAULT_DO happens, from 1
//   VAULT_FAULT_DO      an error number | kill-before | kill-after | run:COMMAND (by the shell, before the call)
//   VAULT_FAULT_EVER    set: from call N on every call on the same area fails
//   VAULT_FAULT_SHORT   bytes                 no read or write moves more than this
//   VAULT_FAULT_STORM   set: half of all calls are interrupted first (EINTR)
//   VAULT_FAULT_SHUFFLE set: entries of directories come in another order
//   VAULT_FAULT_LIE     file | folder | all   fsync returns 0 and does nothing, for those
//   VAULT_FAULT_RECORD  a file: everything that changes the areas, in order, under a lock; FILE.data gets written bytes
//
// What it cannot see: calls that the C library makes inside itself (passwd, locale), and pages written through mmap.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

// The C library's own function of a name, looked up at its first use.
#define REAL(name) ({ \
    static typeof(name) *found; \
    if (!found) found = (typeof(name) *)dlsym(RTLD_NEXT, #name); \
    found; })

static struct { char letter; char path[PATH_MAX]; size_t length; } areas[16];
static int area_count;
static int log_fd = -1, record_fd = -1, data_fd = -1;
static int counts_all, is_ever, storms, shuffles, does_run, kills_before, kills_after, error_number;
static long fault_at, short_bytes, data_offset;
static const char *only, *in_areas, *run_command, *lie;
static atomic_long calls;
static atomic_int broken;  // letter of the area that fails for ever
static pthread_mutex_t record_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void say(int fd, const char *format, ...) {
    char line[PATH_MAX * 2 + 200];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (length >= (int)sizeof line) length = sizeof line - 1;
    // One line each, and text, whatever names there are. Names that are recorded are the program's own, all plain.
    for (int i = 0; i + 1 < length; i++) if ((line[i] < ' ' && line[i] != '\t') || line[i] == 127) line[i] = '?';
    if (fd >= 0 && length > 0) (void)!REAL(write)(fd, line, (size_t)length);
}

// A descriptor high up, where neither the program nor the limits that a test sets get in its way.
static int open_log(const char *path) {
    int fd = REAL(openat)(AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    int high = fcntl(fd, F_DUPFD_CLOEXEC, 500);
    if (fd < 0 || high < 0) abort();
    REAL(close)(fd);
    return high;
}

static void setup(void) {
    char *text = getenv("VAULT_FAULT_AREAS");
    while (text && *text && area_count < 16) {
        size_t length = strcspn(text, ":");
        if (length < 3 || length >= PATH_MAX) abort();
        areas[area_count].letter = text[0];
        memcpy(areas[area_count].path, text + 2, length - 2);
        areas[area_count++].length = length - 2;
        text += length + (text[length] == ':');
    }
    if ((text = getenv("VAULT_FAULT_LOG"))) log_fd = open_log(text);
    if ((text = getenv("VAULT_FAULT_RECORD"))) {
        char name[PATH_MAX];
        record_fd = open_log(text);
        snprintf(name, sizeof name, "%s.data", text);
        data_fd = open_log(name);
        struct stat status;
        if (REAL(fstat)(data_fd, &status) == 0) data_offset = status.st_size;
    }
    counts_all = getenv("VAULT_FAULT_COUNT") != NULL;
    is_ever = getenv("VAULT_FAULT_EVER") != NULL;
    storms = getenv("VAULT_FAULT_STORM") != NULL;
    shuffles = getenv("VAULT_FAULT_SHUFFLE") != NULL;
    only = getenv("VAULT_FAULT_ONLY");
    in_areas = getenv("VAULT_FAULT_IN");
    lie = getenv("VAULT_FAULT_LIE");
    if ((text = getenv("VAULT_FAULT_SHORT"))) short_bytes = atol(text);
    if ((text = getenv("VAULT_FAULT_AT"))) fault_at = atol(text);
    if ((text = getenv("VAULT_FAULT_DO"))) {
        kills_before = !strcmp(text, "kill-before");
        kills_after = !strcmp(text, "kill-after");
        does_run = !strncmp(text, "run:", 4);
        run_command = text + 4;
        error_number = atoi(text);
    }
    say(log_fd, "loaded\n");
}
__attribute__((constructor)) static void load(void) { pthread_once(&once, setup); }

// The path of what a descriptor and a path name, without following what the path leads to.
static void resolve(char out[PATH_MAX], int fd, const char *path) {
    char link[64] = "/proc/self/cwd";
    const char *rest = path ? path : "";
    if (rest[0] == '/') {
        int number, used = 0;
        if (sscanf(rest, "/proc/self/fd/%d%n", &number, &used) != 1 || (rest[used] && rest[used] != '/')) {
            snprintf(out, PATH_MAX, "%s", rest);
            return;
        }
        fd = number;
        rest += used + (rest[used] == '/');
    }
    if (fd != AT_FDCWD) snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = REAL(readlinkat)(AT_FDCWD, link, out, PATH_MAX - 1);
    if (length < 0) length = 0;
    out[length] = 0;
    if (*rest && strcmp(rest, ".")) snprintf(out + length, PATH_MAX - (size_t)length, "/%s", rest);
}

static char area_of(const char *path) {
    for (int i = 0; i < area_count; i++) {
        char next = path[areas[i].length];
        if (!strncmp(path, areas[i].path, areas[i].length) && (next == 0 || next == '/' || next == ' ')) {
            return areas[i].letter;
        }
    }
    return 0;
}

struct call { char area; int kills; char path[PATH_MAX]; };

// Begins a call: 0 to go on, -1 with errno set when it must fail without an effect.
static int enter(struct call *call, const char *name, int fd, const char *path) {
    int before = errno;
    pthread_once(&once, setup);
    call->area = call->kills = 0;
    if (area_count == 0) return 0;
    resolve(call->path, fd, path);
    call->area = area_of(call->path);
    errno = before;
    if (!call->area) return 0;
    if (in_areas && !strchr(in_areas, call->area)) return 0;
    if (only) {
        char wanted[64];
        snprintf(wanted, sizeof wanted, ",%s,", name);
        if (!strstr(only, wanted)) return 0;
    }
    long number = atomic_fetch_add(&calls, 1) + 1;
    if (counts_all) say(log_fd, "call %ld %s %c %s\n", number, name, call->area, call->path);
    if (storms && (number * 2654435761u >> 7 & 1) && strcmp(name, "close") && strcmp(name, "mmap")) {
        errno = EINTR;
        return -1;
    }
    if (number == fault_at) {
        say(log_fd, "injected %ld %s %c %s\n", number, name, call->area, call->path);
        if (kills_before) REAL(syscall)(SYS_kill, getpid(), SIGKILL);
        call->kills = kills_after;
        if (does_run) {
            char *arguments[] = {"/bin/sh", "-c", (char *)run_command, call->path, NULL};
            pid_t child;
            unsetenv("LD_PRELOAD");
            if (posix_spawn(&child, "/bin/sh", NULL, NULL, arguments, environ)) abort();
            while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
        }
        if (error_number && is_ever) atomic_store(&broken, call->area);
        if (error_number) { errno = error_number; return -1; }
    } else if (atomic_load(&broken) == call->area) {
        errno = error_number;
        return -1;
    }
    errno = before;
    return 0;
}

static void leave(struct call *call) {
    if (call->kills) REAL(syscall)(SYS_kill, getpid(), SIGKILL);
}

// A call that returns -1 for a failure. Effects that change the disk are recorded with `note`, under the lock.
#define CALL(type, name, fd, path, real, note) \
    struct call call; \
    if (enter(&call, name, fd, path)) return (type)-1; \
    int records = record_fd >= 0 && call.area; \
    if (records) pthread_mutex_lock(&record_lock); \
    type result = real; \
    if (records) { int number = errno; if (result != (type)-1) { note; } errno = number; \
                   pthread_mutex_unlock(&record_lock); } \
    leave(&call); \
    return result

static unsigned long inode(int fd) {
    struct stat status;
    return REAL(fstat)(fd, &status) ? 0 : status.st_ino;
}
static unsigned long inode_at(const char *path) {
    struct stat status;
    return REAL(fstatat)(AT_FDCWD, path, &status, AT_SYMLINK_NOFOLLOW) ? 0 : status.st_ino;
}
// The directory that a path is in, and the last name of the path.
static unsigned long parent(const char *path, const char **name) {
    char directory[PATH_MAX];
    const char *slash = strrchr(path, '/');
    *name = slash + 1;
    snprintf(directory, sizeof directory, "%.*s", (int)(slash - path), path);
    return inode_at(directory);
}
static void note_name(const char *what, const char *path, unsigned long number, const char *more) {
    const char *name;
    unsigned long directory = parent(path, &name);
    say(record_fd, "%s\t%lu\t%s\t%lu\t%s\n", what, directory, name, number, more);
}
static void note_data(int fd, long offset, const void *bytes, ssize_t length) {
    say(record_fd, "write\t%lu\t%ld\t%zd\t%ld\n", inode(fd), offset, length, data_offset);
    (void)!REAL(write)(data_fd, bytes, (size_t)length);
    data_offset += length;
}
static size_t shortened(struct call *call, size_t length) {
    return short_bytes && call->area && length > (size_t)short_bytes ? (size_t)short_bytes : length;
}

// Opening

static void note_open(int fd, const char *path, int flags, int existed) {
    if ((flags & O_TMPFILE) == O_TMPFILE) say(record_fd, "unnamed\t%lu\n", inode(fd));
    else if ((flags & O_CREAT) && !existed) note_name("create", path, inode(fd), "");
    else if (flags & O_TRUNC) say(record_fd, "truncate\t%lu\t0\n", inode(fd));
}
static int opening(int directory, const char *path, int flags, mode_t mode) {
    struct call call;
    if (enter(&call, "open", directory, path)) return -1;
    int records = record_fd >= 0 && call.area && (flags & (O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY)));
    if (records) pthread_mutex_lock(&record_lock);
    int existed = records && inode_at(call.path) != 0;
    int fd = REAL(openat)(directory, path, flags, mode);
    if (records) {
        int number = errno;
        if (fd >= 0) note_open(fd, call.path, flags, existed);
        errno = number;
        pthread_mutex_unlock(&record_lock);
    }
    leave(&call);
    return fd;
}
#define MODE(flags) mode_t mode = 0; \
    if ((flags) & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY))) { \
        va_list list; va_start(list, flags); mode = va_arg(list, mode_t); va_end(list); }
int openat(int directory, const char *path, int flags, ...) { MODE(flags) return opening(directory, path, flags, mode); }
int openat64(int directory, const char *path, int flags, ...) { MODE(flags) return opening(directory, path, flags, mode); }
int open(const char *path, int flags, ...) { MODE(flags) return opening(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) return opening(AT_FDCWD, path, flags, mode); }

int close(int fd) {
    struct call call;
    int failed = enter(&call, "close", fd, NULL), number = errno;
    int result = REAL(close)(fd);  // Linux gives the descriptor up whatever it says
    if (failed) { errno = number; return -1; }
    leave(&call);
    return result;
}

// Content

ssize_t read(int fd, void *buffer, size_t length) {
    CALL(ssize_t, "read", fd, NULL, REAL(read)(fd, buffer, shortened(&call, length)), );
}
ssize_t pread(int fd, void *buffer, size_t length, off_t offset) {
    CALL(ssize_t, "pread", fd, NULL, REAL(pread)(fd, buffer, shortened(&call, length), offset), );
}
ssize_t write(int fd, const void *bytes, size_t length) {
    if (fd == 1 && record_fd >= 0) say(record_fd, "output\n");
    long offset = record_fd >= 0 ? REAL(lseek)(fd, 0, SEEK_CUR) : 0;
    if (record_fd >= 0 && (fcntl(fd, F_GETFL) & O_APPEND)) offset = REAL(lseek)(fd, 0, SEEK_END);
    CALL(ssize_t, "write", fd, NULL, REAL(write)(fd, bytes, shortened(&call, length)),
         note_data(fd, offset, bytes, result));
}
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
    CALL(ssize_t, "pwrite", fd, NULL, REAL(pwrite)(fd, bytes, shortened(&call, length), offset),
         note_data(fd, offset, bytes, result));
}
int ftruncate(int fd, off_t length) {
    CALL(int, "ftruncate", fd, NULL, REAL(ftruncate)(fd, length),
         say(record_fd, "truncate\t%lu\t%ld\n", inode(fd), (long)length));
}
off_t lseek(int fd, off_t offset, int from) { CALL(off_t, "lseek", fd, NULL, REAL(lseek)(fd, offset, from), ); }
void *mmap(void *start, size_t length, int protection, int flags, int fd, off_t offset) {
    if (fd < 0) return REAL(mmap)(start, length, protection, flags, fd, offset);
    struct call call;
    if (enter(&call, "mmap", fd, NULL)) return MAP_FAILED;
    void *result = REAL(mmap)(start, length, protection, flags, fd, offset);
    leave(&call);
    return result;
}
static int lies_about(int fd) {
    struct stat status;
    if (!lie || REAL(fstat)(fd, &status)) return 0;
    return !strcmp(lie, "all") || !strcmp(lie, S_ISDIR(status.st_mode) ? "folder" : "file");
}
int fsync(int fd) {
    pthread_once(&once, setup);
    if (lies_about(fd)) return 0;
    CALL(int, "fsync", fd, NULL, REAL(fsync)(fd), say(record_fd, "sync\t%lu\n", inode(fd)));
}
int fdatasync(int fd) {
    pthread_once(&once, setup);
    if (lies_about(fd)) return 0;
    CALL(int, "fsync", fd, NULL, REAL(fdatasync)(fd), say(record_fd, "sync\t%lu\n", inode(fd)));
}

// Names

static void note_link(const char *path) { note_name("link", path, inode_at(path), ""); }
int linkat(int from, const char *old, int to, const char *new, int flags) {
    CALL(int, "linkat", to, new, REAL(linkat)(from, old, to, new, flags), note_link(call.path));
}
static void note_rename(const char *old, const char *new) {
    const char *old_name, *new_name;
    unsigned long from = parent(old, &old_name), to = parent(new, &new_name);
    say(record_fd, "rename\t%lu\t%s\t%lu\t%s\n", from, old_name, to, new_name);
}
int renameat(int from, const char *old, int to, const char *new) {
    char old_path[PATH_MAX];
    resolve(old_path, from, old);
    CALL(int, "rename", to, new, REAL(renameat)(from, old, to, new), note_rename(old_path, call.path));
}
int unlinkat(int directory, const char *path, int flags) {
    CALL(int, "unlinkat", directory, path, REAL(unlinkat)(directory, path, flags),
         note_name("unlink", call.path, 0, ""));
}
int mkdirat(int directory, const char *path, mode_t mode) {
    CALL(int, "mkdirat", directory, path, REAL(mkdirat)(directory, path, mode),
         note_name("mkdir", call.path, inode_at(call.path), ""));
}
int symlinkat(const char *target, int directory, const char *path) {
    CALL(int, "symlinkat", directory, path, REAL(symlinkat)(target, directory, path),
         note_name("symlink", call.path, inode_at(call.path), target));
}
int mknodat(int directory, const char *path, mode_t mode, dev_t device) {
    CALL(int, "mknodat", directory, path, REAL(mknodat)(directory, path, mode, device),
         note_name("create", call.path, inode_at(call.path), "special"));
}
ssize_t readlinkat(int directory, const char *path, char *buffer, size_t length) {
    CALL(ssize_t, "readlinkat", directory, path, REAL(readlinkat)(directory, path, buffer, length), );
}

// Attributes: they matter as calls that fail; what they change is not recorded.

int fstat(int fd, struct stat *s) { CALL(int, "fstat", fd, NULL, REAL(fstat)(fd, s), ); }
int fstatat(int d, const char *p, struct stat *s, int f) { CALL(int, "fstatat", d, p, REAL(fstatat)(d, p, s, f), ); }
int fchmod(int fd, mode_t m) { CALL(int, "fchmod", fd, NULL, REAL(fchmod)(fd, m), ); }
int fchmodat(int d, const char *p, mode_t m, int f) { CALL(int, "fchmod", d, p, REAL(fchmodat)(d, p, m, f), ); }
int fchown(int fd, uid_t u, gid_t g) { CALL(int, "fchown", fd, NULL, REAL(fchown)(fd, u, g), ); }
int fchownat(int d, const char *p, uid_t u, gid_t g, int f) {
    CALL(int, "fchown", d, p, REAL(fchownat)(d, p, u, g, f), );
}
int futimens(int fd, const struct timespec t[2]) { CALL(int, "utimens", fd, NULL, REAL(futimens)(fd, t), ); }
int utimensat(int d, const char *p, const struct timespec t[2], int f) {
    CALL(int, "utimens", d, p, REAL(utimensat)(d, p, t, f), );
}
#define PATH_XATTR(name, type, parameters, values) \
    type name parameters { CALL(type, #name, AT_FDCWD, p, REAL(name) values, ); }
PATH_XATTR(getxattr, ssize_t, (const char *p, const char *n, void *v, size_t s), (p, n, v, s))
PATH_XATTR(lgetxattr, ssize_t, (const char *p, const char *n, void *v, size_t s), (p, n, v, s))
PATH_XATTR(listxattr, ssize_t, (const char *p, char *v, size_t s), (p, v, s))
PATH_XATTR(llistxattr, ssize_t, (const char *p, char *v, size_t s), (p, v, s))
PATH_XATTR(setxattr, int, (const char *p, const char *n, const void *v, size_t s, int f), (p, n, v, s, f))
PATH_XATTR(lsetxattr, int, (const char *p, const char *n, const void *v, size_t s, int f), (p, n, v, s, f))
PATH_XATTR(removexattr, int, (const char *p, const char *n), (p, n))
PATH_XATTR(lremovexattr, int, (const char *p, const char *n), (p, n))
ssize_t flistxattr(int fd, char *v, size_t s) { CALL(ssize_t, "flistxattr", fd, NULL, REAL(flistxattr)(fd, v, s), ); }
ssize_t fgetxattr(int fd, const char *n, void *v, size_t s) {
    CALL(ssize_t, "fgetxattr", fd, NULL, REAL(fgetxattr)(fd, n, v, s), );
}
int flock(int fd, int operation) { CALL(int, "flock", fd, NULL, REAL(flock)(fd, operation), ); }
int ioctl(int fd, unsigned long request, ...) {
    va_list list;
    va_start(list, request);
    void *argument = va_arg(list, void *);
    va_end(list);
    CALL(int, "ioctl", fd, NULL, REAL(ioctl)(fd, request, argument), );
}

// Calls that have no function in the C library of the day.

struct entry { unsigned long inode; long next; unsigned short length; };  // linux_dirent64 as far as needed
static void shuffle(char *buffer, long length) {
    char *copy = malloc((size_t)length);
    char **starts = malloc((size_t)(length / 16 + 1) * sizeof *starts);
    long count = 0, place = 0;
    if (!copy || !starts) abort();
    memcpy(copy, buffer, (size_t)length);
    for (long at = 0; at < length; at += ((struct entry *)(copy + at))->length) starts[count++] = copy + at;
    unsigned long state = (unsigned long)length * 6364136223846793005u + 1442695040888963407u;
    while (count > 0) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        long chosen = (long)((state >> 33) % (unsigned long)count);
        unsigned short size = ((struct entry *)starts[chosen])->length;
        memcpy(buffer + place, starts[chosen], size);
        place += size;
        starts[chosen] = starts[--count];
    }
    free(copy);
    free(starts);
}
long syscall(long number, ...) {
    va_list list;
    va_start(list, number);
    long a[6];
    for (int i = 0; i < 6; i++) a[i] = va_arg(list, long);
    va_end(list);
    if (number == SYS_openat2) {
        CALL(long, "open", (int)a[0], (const char *)a[1], REAL(syscall)(number, a[0], a[1], a[2], a[3]),
             note_open((int)result, call.path, (int)*(unsigned long *)a[2], 0));
    }
    if (number == SYS_renameat2) {
        char old_path[PATH_MAX];
        resolve(old_path, (int)a[0], (const char *)a[1]);
        CALL(long, "rename", (int)a[2], (const char *)a[3], REAL(syscall)(number, a[0], a[1], a[2], a[3], a[4]),
             note_rename(old_path, call.path));
    }
    if (number == SYS_getdents64) {
        struct call call;
        if (enter(&call, "getdents", (int)a[0], NULL)) return -1;
        long result = REAL(syscall)(number, a[0], a[1], a[2]);
        if (shuffles && call.area && result > 0) shuffle((char *)a[1], result);
        leave(&call);
        return result;
    }
    if (number == SYS_syncfs) {
        CALL(long, "syncfs", (int)a[0], NULL, REAL(syscall)(number, a[0]), say(record_fd, "syncfs\n"));
    }
    return REAL(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
