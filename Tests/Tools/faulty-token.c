// A PKCS#11 module that is another one, TOKEN_TRUE, but for one TOKEN_FAULT: `locked` takes no PIN, `removed` goes away
// before it computes, `incapable` knows no HMAC, `twins` has the serial number TOKEN_SERIAL in each slot.
#include <stdlib.h>
#include "shim.h"

static struct vault_ck_functions faulty, *whole;

static vault_ck_ulong locked(vault_ck_ulong session, vault_ck_ulong user, const void *pin, vault_ck_ulong length) {
    return 0xa4; // CKR_PIN_LOCKED
}

static vault_ck_ulong removed(
    vault_ck_ulong session, const void *message, vault_ck_ulong length, void *output, vault_ck_ulong *output_length) {
    return 0x32; // CKR_DEVICE_REMOVED
}

static vault_ck_ulong incapable(
    vault_ck_ulong session, struct vault_ck_mechanism *mechanism, vault_ck_ulong key) {
    return 0x70; // CKR_MECHANISM_INVALID
}

static vault_ck_ulong twin(vault_ck_ulong slot, struct vault_ck_token_info *info) {
    vault_ck_ulong result = whole->get_token_info(slot, info);
    memset(info->serial, ' ', sizeof info->serial);
    const char *serial = getenv("TOKEN_SERIAL");
    memcpy(info->serial, serial, strnlen(serial, sizeof info->serial));
    return result;
}

vault_ck_ulong C_GetFunctionList(struct vault_ck_functions **list) {
    if (!(whole = vault_token_load(getenv("TOKEN_TRUE")))) return 6; // CKR_FUNCTION_FAILED
    faulty = *whole;
    const char *fault = getenv("TOKEN_FAULT");
    if (!strcmp(fault, "locked")) faulty.login = locked;
    if (!strcmp(fault, "removed")) faulty.sign = removed;
    if (!strcmp(fault, "incapable")) faulty.sign_init = incapable;
    if (!strcmp(fault, "twins")) faulty.get_token_info = twin;
    *list = &faulty;
    return 0;
}
