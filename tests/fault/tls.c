#include "tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include "../unit/tests.h"

static char ca_file[] = "/tmp/pail-fault-XXXXXX";

static X509 *make_certificate(EVP_PKEY *key) {
    X509 *certificate = X509_new();
    X509_NAME *name = X509_get_subject_name(certificate);
    X509_EXTENSION *address = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "IP:127.0.0.1");
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 24L * 3600);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"fault", -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    X509_set_pubkey(certificate, key);
    X509_add_ext(certificate, address, -1);
    X509_EXTENSION_free(address);
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    return certificate;
}

static void write_certificate(X509 *certificate) {
    memcpy(ca_file + sizeof ca_file - 7, "XXXXXX", 6);
    int file = mkstemp(ca_file);
    assert_true(file >= 0);
    FILE *out = fdopen(file, "w");
    assert_int_equal(PEM_write_X509(out, certificate), 1);
    assert_int_equal(fclose(out), 0);
}

struct ssl_ctx_st *tls_create(void) {
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = make_certificate(key);
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    assert_int_equal(SSL_CTX_use_certificate(context, certificate), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(context, key), 1);
    write_certificate(certificate);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return context;
}

void tls_destroy(struct ssl_ctx_st *context) {
    if (context == NULL)
        return;
    unlink(ca_file);
    SSL_CTX_free(context);
}

const char *tls_ca_file(const struct ssl_ctx_st *context) {
    return context ? ca_file : NULL;
}

struct ssl_st *tls_accept(struct ssl_ctx_st *context, int file) {
    SSL *tls = SSL_new(context);
    SSL_set_fd(tls, file);
    SSL_set_accept_state(tls);
    return tls;
}

void tls_free(struct ssl_st *tls) {
    SSL_free(tls);
    ERR_clear_error();
}

void tls_say_end(struct ssl_st *tls) {
    SSL_shutdown(tls);
    ERR_clear_error();
}

static ssize_t result_of(struct ssl_st *tls, int done) {
    int why = SSL_get_error(tls, done), saved = errno;
    ERR_clear_error();
    if (done > 0)
        return done;
    if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) {
        errno = EAGAIN;
        return -1;
    }
    errno = why == SSL_ERROR_SYSCALL && saved ? saved : ECONNRESET;
    return why == SSL_ERROR_ZERO_RETURN ? 0 : -1;
}

ssize_t tls_read(struct ssl_st *tls, void *data, size_t length, bool peek) {
    errno = 0;
    return result_of(tls,
                     peek ? SSL_peek(tls, data, (int)length) : SSL_read(tls, data, (int)length));
}

ssize_t tls_write(struct ssl_st *tls, const void *data, size_t length) {
    errno = 0;
    return result_of(tls, SSL_write(tls, data, (int)length));
}
