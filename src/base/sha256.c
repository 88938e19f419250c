#include "pail/base/sha256.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

enum { SHA256_BYTES = 32 };

static void digest_of(const void *data, size_t length, unsigned char digest[SHA256_BYTES]) {
    if (EVP_Digest(data, length, digest, NULL, EVP_sha256(), NULL) == 1)
        return;
    fputs("pail: libcrypto has no SHA-256\n", stderr); /* or no memory */
    abort();
}

void sha256_hex(const void *data, size_t length, char digits[SHA256_HEX + 1]) {
    static const char hex[] = "0123456789abcdef";
    unsigned char digest[SHA256_BYTES];
    digest_of(data, length, digest);
    for (size_t i = 0; i < SHA256_BYTES; i++) {
        digits[2 * i] = hex[digest[i] >> 4];
        digits[2 * i + 1] = hex[digest[i] & 15];
    }
    digits[SHA256_HEX] = '\0';
}
