#ifndef VAULT_COPENSSL_SHIM_H
#define VAULT_COPENSSL_SHIM_H

// The low-level SHA-256 calls below are deprecated, not removed, in OpenSSL 3; without this line every use of
// them would warn.
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/opensslv.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <stdlib.h>
#include <sys/mman.h>

// SHA-256 through SHA256_CTX, because a chunk of 4 KiB is hashed in about 5 microseconds and EVP would add a fetch and
// two allocations to each: the context is a plain struct, so a hash state is copied by assignment (the midstates of
// HMAC depend on that) and costs no allocation. The calls end in the same accelerated block function as EVP. They
// report failure for no input; 0 is handed on all the same.
static inline int vault_sha256_init(SHA256_CTX *context) { return SHA256_Init(context); }

static inline int vault_sha256_update(SHA256_CTX *context, const void *data, size_t count) {
    return SHA256_Update(context, data, count);
}

static inline int vault_sha256_final(SHA256_CTX *context, void *digest) {
    return SHA256_Final((unsigned char *)digest, context);
}

// The table of scrypt has 128 MiB and is read in random order, so that with pages of 4 KiB every fifth of the time goes
// into page faults and into finding pages. The library takes that table from its general allocator and has no other way
// to say where it comes from. What is smaller comes from malloc as before; free and realloc take both.
static void *vault_malloc(size_t count, const char *file, int line) {
    (void)file, (void)line;
    const size_t page = 2u << 20;
    if (count == 0) return NULL;
    if (count < 8 * page) return malloc(count);
    void *memory = NULL;
    if (posix_memalign(&memory, page, count) != 0) return NULL;
    // Only a wish: where there are none the memory is as good as any.
    madvise(memory, count & ~(page - 1), MADV_HUGEPAGE);
    return memory;
}

static void *vault_realloc(void *memory, size_t count, const char *file, int line) {
    (void)file, (void)line;
    return realloc(memory, count);
}

static void vault_free(void *memory, const char *file, int line) {
    (void)file, (void)line;
    free(memory);
}

// 1 if it was in time: the library refuses once it has allocated anything.
static inline int vault_use_huge_pages(void) {
    return CRYPTO_set_mem_functions(vault_malloc, vault_realloc, vault_free);
}

#endif
