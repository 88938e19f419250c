/* SHA-256 (FIPS 180-4), of libcrypto. */
#ifndef PAIL_BASE_SHA256_H
#define PAIL_BASE_SHA256_H

#include <stddef.h>

enum { SHA256_HEX = 64 };

/* As lower case hexadecimal digits, with a NUL. */
void sha256_hex(const void *data, size_t length, char digits[SHA256_HEX + 1]);

#endif
