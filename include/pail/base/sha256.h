/* SHA-256 (FIPS 180-4), of libcrypto. */
#ifndef PAIL_BASE_SHA256_H
#define PAIL_BASE_SHA256_H

#include <stddef.h>

enum { SHA256_BYTES = 32, SHA256_HEX = 64 };

void sha256(const void *data, size_t length, unsigned char digest[SHA256_BYTES]);

/* The same as lower case hexadecimal digits, with a NUL. */
void sha256_hex(const void *data, size_t length, char digits[SHA256_HEX + 1]);

#endif
