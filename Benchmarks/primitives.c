/* The work that a backup with authenticated encryption and content names cannot avoid, and nothing else, on all cores:

     primitives seal SOURCE TARGET   reads every file, hashes it in pieces (ids), encrypts it with AES-256-GCM, hashes the
                                     result (names), and writes it to files of 32 MiB, each with fsync
     primitives open TARGET RESULT   the same backwards into as many files of 32 MiB, with one syncfs at the end

   It neither cuts, looks up, compresses nor keeps names, so it is a bound and no tool. The key is constant: the output
   is for measuring only. Built by Benchmarks/compare:  cc -O2 primitives.c -lcrypto -lpthread */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <ftw.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 64 << 10, BLOCK = 1 << 20, OUT = 32 << 20, TAG = 16 };

static char **files;
static size_t count, room;
static atomic_size_t next, outputs;
static const char *target;
static int opening;

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
    unsigned char *in, *out;
    size_t used;
};

static void digest(struct worker *w, const unsigned char *bytes, size_t length) {
    unsigned char result[32];
    if (EVP_DigestInit_ex2(w->hash, EVP_sha256(), NULL) != 1 || EVP_DigestUpdate(w->hash, bytes, length) != 1 ||
        EVP_DigestFinal_ex(w->hash, result, NULL) != 1) errx(1, "SHA-256");
}

static void flush(struct worker *w) {
    char path[4096];
    if (!w->used) return;
    snprintf(path, sizeof path, "%s/%06zu", target, atomic_fetch_add(&outputs, 1));
    if (!opening) digest(w, w->out, w->used);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (fd < 0) err(1, "%s", path);
    for (size_t done = 0; done < w->used;) {
        ssize_t n = write(fd, w->out + done, w->used - done);
        if (n < 0) err(1, "%s", path);
        done += (size_t)n;
    }
    if ((!opening && fsync(fd) != 0) || close(fd) != 0) err(1, "%s", path);
    w->used = 0;
}

/* Seals or opens a block of at most BLOCK bytes, and TAG when it is opened. */
static void transform(struct worker *w, size_t length) {
    static const unsigned char key[32] = {1}, nonce[12];
    unsigned char *to = w->out + w->used, tag[TAG] = {0};
    int n;
    if (!opening)
        for (size_t k = 0; k < length; k += PIECE) digest(w, w->in + k, length - k < PIECE ? length - k : PIECE);
    size_t plain = opening ? length - TAG : length;
    if (EVP_CipherInit_ex2(w->cipher, EVP_aes_256_gcm(), key, nonce, !opening, NULL) != 1 ||
        (opening && EVP_CIPHER_CTX_ctrl(w->cipher, EVP_CTRL_AEAD_SET_TAG, TAG, w->in + plain) != 1) ||
        EVP_CipherUpdate(w->cipher, to, &n, w->in, (int)plain) != 1 || EVP_CipherFinal_ex(w->cipher, tag, &n) != 1)
        errx(1, "AES-256-GCM");
    if (opening) {
        for (size_t k = 0; k < plain; k += PIECE) digest(w, to + k, plain - k < PIECE ? plain - k : PIECE);
        w->used += plain;
    } else {
        if (EVP_CIPHER_CTX_ctrl(w->cipher, EVP_CTRL_AEAD_GET_TAG, TAG, to + length) != 1) errx(1, "AES-256-GCM");
        w->used += length + TAG;
    }
    if (w->used + BLOCK + TAG > OUT) flush(w);
}

static void *work(void *argument) {
    (void)argument;
    struct worker w = {EVP_CIPHER_CTX_new(), EVP_MD_CTX_new(), malloc(BLOCK + TAG), malloc(OUT + BLOCK), 0};
    if (!w.cipher || !w.hash || !w.in || !w.out) errx(1, "memory");
    size_t want = opening ? BLOCK + TAG : BLOCK, held = 0;
    for (size_t k; (k = atomic_fetch_add(&next, 1)) < count;) {
        int fd = open(files[k], O_RDONLY);
        if (fd < 0) err(1, "%s", files[k]);
        for (ssize_t n; (n = read(fd, w.in + held, want - held)) != 0;) {
            if (n < 0) err(1, "%s", files[k]);
            if ((held += (size_t)n) == want) transform(&w, held), held = 0;
        }
        close(fd);
        /* A sealed file ends with a block that may be short; small plain files share blocks. */
        if (opening && held) transform(&w, held), held = 0;
    }
    if (held) transform(&w, held);
    flush(&w);
    return NULL;
}

int main(int argc, char **argv) {
    if (argc != 4 || (strcmp(argv[1], "seal") && strcmp(argv[1], "open"))) errx(2, "primitives seal|open SOURCE TARGET");
    opening = argv[1][0] == 'o';
    target = argv[3];
    if (mkdir(target, 0700) != 0) err(1, "%s", target);
    if (nftw(argv[2], visit, 64, FTW_PHYS) != 0) err(1, "%s", argv[2]);
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    pthread_t threads[64];
    if (cores > 64) cores = 64;
    for (long k = 0; k < cores; k++) if (pthread_create(&threads[k], NULL, work, NULL) != 0) errx(1, "thread");
    for (long k = 0; k < cores; k++) pthread_join(threads[k], NULL);
    int fd = open(target, O_RDONLY);
    if (fd < 0 || (opening ? syncfs(fd) : fsync(fd)) != 0) err(1, "%s", target);
    return 0;
}
