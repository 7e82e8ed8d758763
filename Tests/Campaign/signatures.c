/* A library below the tests, for the campaign of schedules: no signature is computed twice.

   In a schedule six processes read one log, so that each signature is verified eight times and more, and a key is
   made from its seed for each record; that is where the time would go. Here a signature that this process made, or found
   valid before, is valid (what is remembered is SHA-256 of key, signature and message); one that is not valid is computed
   each time. A key that was made before is handed out again. All else is the real program.

   Built and preloaded by Tests/Campaign/schedules:  cc -O2 -shared -fPIC signatures.c -ldl -lcrypto -lpthread */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <string.h>

enum { KNOWN = 1 << 14, KEYS = 64, BYTES = 32 };

static unsigned char known[KNOWN][BYTES]; /* the newest of each place */
static struct { int type; unsigned char bytes[BYTES]; EVP_PKEY *key; } keys[KEYS]; /* seeds of tests: no secret */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *real(const char *name) {
    void *function = dlsym(RTLD_NEXT, name);
    if (!function) __builtin_trap();
    return function;
}

/* The name of a signature that is to be remembered; 0 when it has none. */
static int name_of(EVP_MD_CTX *context, const unsigned char *signature, const unsigned char *message, size_t length,
                   unsigned char *name) {
    static EVP_MD *sha256;
    unsigned char key[BYTES];
    size_t count = sizeof key;
    EVP_PKEY_CTX *of = EVP_MD_CTX_get_pkey_ctx(context);
    if (!of || EVP_PKEY_get_raw_public_key(EVP_PKEY_CTX_get0_pkey(of), key, &count) != 1 || count != BYTES) return 0;
    pthread_mutex_lock(&lock);
    if (!sha256) sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    pthread_mutex_unlock(&lock);
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    int is_done = hash && EVP_DigestInit_ex2(hash, sha256, NULL) == 1 && EVP_DigestUpdate(hash, key, BYTES) == 1 &&
        EVP_DigestUpdate(hash, signature, 2 * BYTES) == 1 && EVP_DigestUpdate(hash, message, length) == 1 &&
        EVP_DigestFinal_ex(hash, name, NULL) == 1;
    EVP_MD_CTX_free(hash);
    return is_done;
}

static unsigned char *place_of(const unsigned char *name) {
    unsigned place;
    memcpy(&place, name, sizeof place);
    return known[place % KNOWN];
}

static void remember(const unsigned char *name) {
    pthread_mutex_lock(&lock);
    memcpy(place_of(name), name, BYTES);
    pthread_mutex_unlock(&lock);
}

int EVP_DigestSign(EVP_MD_CTX *context, unsigned char *signature, size_t *count, const unsigned char *message,
                   size_t length) {
    unsigned char name[BYTES];
    int (*sign)(EVP_MD_CTX *, unsigned char *, size_t *, const unsigned char *, size_t) = real("EVP_DigestSign");
    int result = sign(context, signature, count, message, length);
    if (result == 1 && signature && *count == 2 * BYTES && name_of(context, signature, message, length, name))
        remember(name);
    return result;
}

int EVP_DigestVerify(EVP_MD_CTX *context, const unsigned char *signature, size_t count, const unsigned char *message,
                     size_t length) {
    unsigned char name[BYTES];
    int (*verify)(EVP_MD_CTX *, const unsigned char *, size_t, const unsigned char *, size_t) = real("EVP_DigestVerify");
    int has_name = count == 2 * BYTES && name_of(context, signature, message, length, name), is_known = 0;
    if (has_name) {
        pthread_mutex_lock(&lock);
        is_known = memcmp(place_of(name), name, BYTES) == 0;
        pthread_mutex_unlock(&lock);
    }
    if (is_known) return 1;
    int result = verify(context, signature, count, message, length);
    if (result == 1 && has_name) remember(name);
    return result;
}

/* A key of the table, made if it is not there; its type tells public from private. */
static EVP_PKEY *key_of(const char *maker, int kind, int type, ENGINE *engine, const unsigned char *bytes, size_t count) {
    EVP_PKEY *(*make)(int, ENGINE *, const unsigned char *, size_t) = real(maker);
    if (engine || count != BYTES) return make(type, engine, bytes, count);
    unsigned place = (bytes[0] ^ bytes[1] << 3 ^ kind) % KEYS;
    pthread_mutex_lock(&lock);
    EVP_PKEY *key = keys[place].key;
    if (!key || keys[place].type != type + kind || memcmp(keys[place].bytes, bytes, BYTES) != 0) {
        key = make(type, engine, bytes, count);
        if (key && !keys[place].key) {
            keys[place].type = type + kind, keys[place].key = key;
            memcpy(keys[place].bytes, bytes, BYTES);
            EVP_PKEY_up_ref(key);
        }
    } else {
        EVP_PKEY_up_ref(key);
    }
    pthread_mutex_unlock(&lock);
    return key;
}

EVP_PKEY *EVP_PKEY_new_raw_private_key(int type, ENGINE *engine, const unsigned char *bytes, size_t count) {
    return key_of("EVP_PKEY_new_raw_private_key", 1 << 20, type, engine, bytes, count);
}

EVP_PKEY *EVP_PKEY_new_raw_public_key(int type, ENGINE *engine, const unsigned char *bytes, size_t count) {
    return key_of("EVP_PKEY_new_raw_public_key", 0, type, engine, bytes, count);
}
