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

#endif
