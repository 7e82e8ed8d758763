#ifndef VAULT_CZSTD_SHIM_H
#define VAULT_CZSTD_SHIM_H
#include <zstd.h>
#include <zstd_errors.h>
#endif
