// The few calls of PKCS#11 (OASIS, version 2.40) that a second factor needs. The module of a token is loaded at run time,
// so nothing of it is needed to build or to run without one. Declarations follow the standard, whose structures are laid
// out as the C compiler does on Linux. Each wrapper makes one call and returns its CK_RV, 0 for success.
#ifndef VAULT_CTOKEN_SHIM_H
#define VAULT_CTOKEN_SHIM_H
#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef unsigned long vault_ck_ulong;

struct vault_ck_attribute { vault_ck_ulong type; void *value; vault_ck_ulong length; };
struct vault_ck_mechanism { vault_ck_ulong mechanism; void *parameter; vault_ck_ulong length; };
struct vault_ck_token_info {
    unsigned char label[32], manufacturer[32], model[16], serial[16];
    vault_ck_ulong flags, counts[10];
    unsigned char versions[4], time[16];
};

typedef vault_ck_ulong (*vault_ck_call)(void);
// CK_FUNCTION_LIST: a version, then 68 functions, of which those used here have a name.
struct vault_ck_functions {
    unsigned char version[2];
    vault_ck_ulong (*initialize)(void *);
    vault_ck_ulong (*finalize)(void *);
    vault_ck_call get_info, get_function_list;
    vault_ck_ulong (*get_slot_list)(unsigned char, vault_ck_ulong *, vault_ck_ulong *);
    vault_ck_call get_slot_info;
    vault_ck_ulong (*get_token_info)(vault_ck_ulong, struct vault_ck_token_info *);
    vault_ck_call get_mechanism_list, get_mechanism_info, init_token, init_pin, set_pin;
    vault_ck_ulong (*open_session)(vault_ck_ulong, vault_ck_ulong, void *, void *, vault_ck_ulong *);
    vault_ck_ulong (*close_session)(vault_ck_ulong);
    vault_ck_call close_all_sessions, get_session_info, get_operation_state, set_operation_state;
    vault_ck_ulong (*login)(vault_ck_ulong, vault_ck_ulong, const void *, vault_ck_ulong);
    vault_ck_ulong (*logout)(vault_ck_ulong);
    vault_ck_call create_object, copy_object, destroy_object, get_object_size, get_attribute_value, set_attribute_value;
    vault_ck_ulong (*find_objects_init)(vault_ck_ulong, struct vault_ck_attribute *, vault_ck_ulong);
    vault_ck_ulong (*find_objects)(vault_ck_ulong, vault_ck_ulong *, vault_ck_ulong, vault_ck_ulong *);
    vault_ck_ulong (*find_objects_final)(vault_ck_ulong);
    vault_ck_call encrypt[4], decrypt[4], digest[5];
    vault_ck_ulong (*sign_init)(vault_ck_ulong, struct vault_ck_mechanism *, vault_ck_ulong);
    vault_ck_ulong (*sign)(vault_ck_ulong, const void *, vault_ck_ulong, void *, vault_ck_ulong *);
    vault_ck_call sign_update, sign_final, sign_recover[2], verify[4], verify_recover[2], two_at_once[4];
    vault_ck_ulong (*generate_key)(
        vault_ck_ulong, struct vault_ck_mechanism *, struct vault_ck_attribute *, vault_ck_ulong, vault_ck_ulong *);
};

// Loads a module; NULL when it is none. It stays loaded: many modules do not survive being unloaded.
static inline struct vault_ck_functions *vault_token_load(const char *path) {
    void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!module) return NULL;
    vault_ck_ulong (*list)(struct vault_ck_functions **);
    *(void **)&list = dlsym(module, "C_GetFunctionList");
    struct vault_ck_functions *functions = NULL;
    if (!list || list(&functions) != 0) return NULL;
    return functions;
}

// CKR_CRYPTOKI_ALREADY_INITIALIZED (0x191) is as good as success.
static inline vault_ck_ulong vault_token_initialize(struct vault_ck_functions *f) {
    vault_ck_ulong result = f->initialize(NULL);
    return result == 0x191 ? 0 : result;
}

static inline void vault_token_finalize(struct vault_ck_functions *f) { f->finalize(NULL); }

static inline vault_ck_ulong vault_token_slots(
    struct vault_ck_functions *f, vault_ck_ulong *slots, vault_ck_ulong *count) {
    return f->get_slot_list(1, slots, count);
}

// The serial number, padded with blanks to 16 bytes.
static inline vault_ck_ulong vault_token_serial(struct vault_ck_functions *f, vault_ck_ulong slot, void *serial) {
    struct vault_ck_token_info info;
    memset(&info, 0, sizeof info);
    vault_ck_ulong result = f->get_token_info(slot, &info);
    memcpy(serial, info.serial, sizeof info.serial);
    return result;
}

// CKF_SERIAL_SESSION is 4, CKF_RW_SESSION 2.
static inline vault_ck_ulong vault_token_open(
    struct vault_ck_functions *f, vault_ck_ulong slot, int writes, vault_ck_ulong *session) {
    return f->open_session(slot, writes ? 6 : 4, NULL, NULL, session);
}

static inline void vault_token_close(struct vault_ck_functions *f, vault_ck_ulong session) {
    f->logout(session);
    f->close_session(session);
}

// CKU_USER is 1.
static inline vault_ck_ulong vault_token_login(
    struct vault_ck_functions *f, vault_ck_ulong session, const void *pin, size_t length) {
    return f->login(session, 1, pin, length);
}

// Secret keys with a label: CKA_CLASS 0 is CKO_SECRET_KEY 4, CKA_LABEL is 3. At most two are found.
static inline vault_ck_ulong vault_token_find(
    struct vault_ck_functions *f, vault_ck_ulong session, const void *label, size_t length, vault_ck_ulong keys[2],
    vault_ck_ulong *count) {
    vault_ck_ulong class = 4;
    struct vault_ck_attribute wanted[] = {{0, &class, sizeof class}, {3, (void *)label, length}};
    *count = 0;
    vault_ck_ulong result = f->find_objects_init(session, wanted, 2);
    if (result) return result;
    result = f->find_objects(session, keys, 2, count);
    f->find_objects_final(session);
    return result;
}

// A generic secret of 32 bytes (CKM_GENERIC_SECRET_KEY_GEN 0x350) that stays in the token: CKA_TOKEN 1, CKA_PRIVATE 2,
// CKA_SENSITIVE 0x103, CKA_EXTRACTABLE 0x162 (no), CKA_SIGN 0x108, CKA_VALUE_LEN 0x161, CKA_KEY_TYPE 0x100 is
// CKK_GENERIC_SECRET 0x10.
static inline vault_ck_ulong vault_token_make_key(
    struct vault_ck_functions *f, vault_ck_ulong session, const void *label, size_t length) {
    vault_ck_ulong class = 4, type = 0x10, size = 32, key = 0;
    unsigned char yes = 1, no = 0;
    struct vault_ck_mechanism mechanism = {0x350, NULL, 0};
    struct vault_ck_attribute form[] = {
        {0, &class, sizeof class}, {0x100, &type, sizeof type}, {0x161, &size, sizeof size}, {1, &yes, 1},
        {2, &yes, 1}, {0x103, &yes, 1}, {0x162, &no, 1}, {0x108, &yes, 1}, {3, (void *)label, length}};
    return f->generate_key(session, &mechanism, form, sizeof form / sizeof *form, &key);
}

// CKM_SHA256_HMAC is 0x251; `output` has 32 bytes.
static inline vault_ck_ulong vault_token_hmac(
    struct vault_ck_functions *f, vault_ck_ulong session, vault_ck_ulong key, const void *message, size_t length,
    void *output, vault_ck_ulong *output_length) {
    struct vault_ck_mechanism mechanism = {0x251, NULL, 0};
    vault_ck_ulong result = f->sign_init(session, &mechanism, key);
    if (result) return result;
    *output_length = 32;
    return f->sign(session, message, length, output, output_length);
}
#endif
