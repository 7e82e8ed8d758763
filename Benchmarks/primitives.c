/* The work that an encrypting, deduplicating backup cannot avoid, and nothing else, on all cores:

     primitives seal SOURCE TARGET    reads every file in pieces, hashes them (ids), drops those that it has seen, and makes
                                      of the others blocks that are compressed (zstd, level 3), encrypted with AES-256-GCM,
                                      hashed (names) and written to files of 32 MiB, each with fsync; - for SOURCE is the
                                      standard input
     primitives open TARGET RESULT    the same backwards: each block is decrypted and decompressed, each piece hashed, and
                                      all is written to files of 32 MiB
     primitives durable TARGET RESULT the same, with one syncfs at the end
     primitives verify TARGET         as open, with the hash of each file (names), and nothing is written

   What reads derives a key from a passphrase first, as whoever restores must: scrypt with N = 2^17, r = 8. It cuts at
   fixed places, has no index on disk, no log, no trees, no attributes, and one file for all content, so it is a bound and
   no tool. The key that it uses is constant: the output is for measuring only. Built by Benchmarks/compare:
   cc -O2 primitives.c -lcrypto -lzstd -lpthread */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <ftw.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

enum { PIECE = 64 << 10, BLOCK = 1 << 20, OUT = 32 << 20, TAG = 16, HEAD = 8, SEEN = 1 << 22 };

static char **files;
static size_t count, room;
static atomic_size_t next, outputs;
static const char *target;
static enum { SEAL, OPEN, DURABLE, VERIFY } mode;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t *seen; /* the first eight bytes of each id; a table that is never full */

static int visit(const char *path, const struct stat *status, int type, struct FTW *place) {
    (void)place;
    if (type != FTW_F || !S_ISREG(status->st_mode)) return 0;
    if (count == room) files = realloc(files, (room = room ? 2 * room : 1024) * sizeof *files);
    if (!files || !(files[count++] = strdup(path))) err(1, "memory");
    return 0;
}

struct worker {
    EVP_CIPHER_CTX *cipher;
    EVP_MD_CTX *hash;
    ZSTD_CCtx *compressor;
    ZSTD_DCtx *decompressor;
    unsigned char *in, *small, *out; /* a file or block as read, one compressed block, an output file */
    size_t held, used;
};

static uint64_t digest(struct worker *w, const unsigned char *bytes, size_t length) {
    unsigned char result[32];
    uint64_t first;
    if (EVP_DigestInit_ex2(w->hash, EVP_sha256(), NULL) != 1 || EVP_DigestUpdate(w->hash, bytes, length) != 1 ||
        EVP_DigestFinal_ex(w->hash, result, NULL) != 1) errx(1, "SHA-256");
    memcpy(&first, result, sizeof first);
    return first | 1;
}

static int is_new(uint64_t id) {
    size_t k = id >> 42;
    pthread_mutex_lock(&lock);
    while (seen[k] && seen[k] != id) k = (k + 1) % SEEN;
    int found = seen[k] == id;
    seen[k] = id;
    pthread_mutex_unlock(&lock);
    return !found;
}

static void flush(struct worker *w) {
    char path[4096];
    if (!w->used) return;
    snprintf(path, sizeof path, "%s/%06zu", target, atomic_fetch_add(&outputs, 1));
    if (mode == SEAL) digest(w, w->out, w->used);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (fd < 0) err(1, "%s", path);
    for (size_t done = 0; done < w->used;) {
        ssize_t n = write(fd, w->out + done, w->used - done);
        if (n < 0) err(1, "%s", path);
        done += (size_t)n;
    }
    if ((mode == SEAL && fsync(fd) != 0) || close(fd) != 0) err(1, "%s", path);
    w->used = 0;
}

/* Encrypts or decrypts `length` bytes; the tag stands behind what is encrypted. */
static void cipher(struct worker *w, unsigned char *to, unsigned char *from, size_t length) {
    static const unsigned char key[32] = {1}, nonce[12];
    int n, sealing = mode == SEAL;
    unsigned char *tag = (sealing ? to : from) + length;
    if (EVP_CipherInit_ex2(w->cipher, EVP_aes_256_gcm(), key, nonce, sealing, NULL) != 1 ||
        (!sealing && EVP_CIPHER_CTX_ctrl(w->cipher, EVP_CTRL_AEAD_SET_TAG, TAG, tag) != 1) ||
        EVP_CipherUpdate(w->cipher, to, &n, from, (int)length) != 1 ||
        EVP_CipherFinal_ex(w->cipher, to + length, &n) != 1 ||
        (sealing && EVP_CIPHER_CTX_ctrl(w->cipher, EVP_CTRL_AEAD_GET_TAG, TAG, tag) != 1)) errx(1, "AES-256-GCM");
}

/* Compresses and seals what is held; what does not become smaller in a sample is taken as it is. */
static void seal(struct worker *w) {
    uint32_t head[2] = {(uint32_t)w->held, (uint32_t)w->held};
    unsigned char *from = w->in;
    size_t sample = w->held < PIECE ? w->held : PIECE, bound = ZSTD_compressBound(BLOCK + PIECE);
    if (!w->held) return;
    size_t small = ZSTD_compressCCtx(w->compressor, w->small, bound, w->in, sample, 3);
    if (!ZSTD_isError(small) && small < sample - sample / 32) {
        small = ZSTD_compressCCtx(w->compressor, w->small, bound, w->in, w->held, 3);
        if (ZSTD_isError(small)) errx(1, "zstd");
        if (small < w->held) head[1] = (uint32_t)small, from = w->small;
    }
    memcpy(w->out + w->used, head, HEAD);
    cipher(w, w->out + w->used + HEAD, from, head[1]);
    w->used += HEAD + head[1] + TAG;
    w->held = 0;
    if (w->used + HEAD + BLOCK + PIECE + TAG > OUT) flush(w);
}

static size_t read_all(int fd, unsigned char *bytes, size_t length, const char *path) {
    size_t done = 0;
    for (ssize_t n; done < length && (n = read(fd, bytes + done, length - done)) != 0; done += (size_t)n)
        if (n < 0) err(1, "%s", path);
    return done;
}

static void seal_file(struct worker *w, int fd, const char *path) {
    for (size_t n; (n = read_all(fd, w->in + w->held, PIECE, path)) != 0;) {
        if (is_new(digest(w, w->in + w->held, n))) w->held += n;
        if (w->held >= BLOCK) seal(w);
        if (n < PIECE) break;
    }
}

/* Blocks of the standard input, by whoever comes next. */
static void seal_stream(struct worker *w) {
    static pthread_mutex_t reading = PTHREAD_MUTEX_INITIALIZER;
    for (size_t n = 1, kept; n; seal(w)) {
        pthread_mutex_lock(&reading);
        n = read_all(0, w->in, BLOCK, "standard input");
        pthread_mutex_unlock(&reading);
        for (size_t k = kept = 0; k < n; k += PIECE) {
            size_t length = n - k < PIECE ? n - k : PIECE;
            if (!is_new(digest(w, w->in + k, length))) continue;
            memmove(w->in + kept, w->in + k, length);
            kept += length;
        }
        w->held = kept;
    }
}

static void open_file(struct worker *w, int fd, const char *path) {
    size_t length = read_all(fd, w->in, OUT, path);
    if (mode == VERIFY) digest(w, w->in, length);
    for (size_t k = 0; k < length;) {
        uint32_t head[2];
        memcpy(head, w->in + k, HEAD);
        int is_small = head[0] != head[1];
        unsigned char *to = w->out + w->used;
        cipher(w, is_small ? w->small : to, w->in + k + HEAD, head[1]);
        if (is_small && ZSTD_decompressDCtx(w->decompressor, to, head[0], w->small, head[1]) != head[0])
            errx(1, "%s: zstd", path);
        for (size_t p = 0; p < head[0]; p += PIECE) digest(w, to + p, head[0] - p < PIECE ? head[0] - p : PIECE);
        k += HEAD + head[1] + TAG;
        if (mode == VERIFY) continue;
        w->used += head[0];
        if (w->used + BLOCK + PIECE + TAG > OUT) flush(w);
    }
}

static void *work(void *argument) {
    (void)argument;
    struct worker w = {EVP_CIPHER_CTX_new(), EVP_MD_CTX_new(), ZSTD_createCCtx(), ZSTD_createDCtx(), malloc(OUT),
                       malloc(ZSTD_compressBound(BLOCK + PIECE) + TAG), malloc(OUT), 0, 0};
    if (!w.cipher || !w.hash || !w.compressor || !w.decompressor || !w.in || !w.small || !w.out) errx(1, "memory");
    for (size_t k; (k = atomic_fetch_add(&next, 1)) < count;) {
        int fd = open(files[k], O_RDONLY);
        if (fd < 0) err(1, "%s", files[k]);
        (mode == SEAL ? seal_file : open_file)(&w, fd, files[k]);
        close(fd);
    }
    if (mode == SEAL && !count) seal_stream(&w);
    else if (mode == SEAL) seal(&w);
    flush(&w);
    return NULL;
}

static void derive(void) {
    unsigned char key[32];
    const unsigned char salt[16] = {1};
    if (EVP_PBE_scrypt("passphrase", 10, salt, sizeof salt, 1 << 17, 8, 1, 256 << 20, key, sizeof key) != 1)
        errx(1, "scrypt");
}

int main(int argc, char **argv) {
    static const char *const names[] = {"seal", "open", "durable", "verify"};
    for (mode = SEAL; mode <= VERIFY && (argc < 2 || strcmp(argv[1], names[mode])); mode++) {}
    if (mode > VERIFY || argc != (mode == VERIFY ? 3 : 4)) errx(2, "primitives seal|open|durable FROM TO, or verify FROM");
    target = argv[3];
    if (mode != VERIFY && mkdir(target, 0700) != 0) err(1, "%s", target);
    int is_stream = mode == SEAL && !strcmp(argv[2], "-");
    if (!is_stream && nftw(argv[2], visit, 64, FTW_PHYS) != 0) err(1, "%s", argv[2]);
    if (!is_stream && !count) errx(1, "%s: no file", argv[2]);
    if (mode != SEAL) derive();
    else if (!(seen = calloc(SEEN, sizeof *seen))) err(1, "memory");
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    pthread_t threads[64];
    if (cores > 64) cores = 64;
    for (long k = 0; k < cores; k++) if (pthread_create(&threads[k], NULL, work, NULL) != 0) errx(1, "thread");
    for (long k = 0; k < cores; k++) pthread_join(threads[k], NULL);
    if (mode == VERIFY) return 0;
    int fd = open(target, O_RDONLY);
    if (fd < 0 || (mode == DURABLE ? syncfs(fd) : fsync(fd)) != 0) err(1, "%s", target);
    return 0;
}
