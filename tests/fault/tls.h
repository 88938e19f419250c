/* TLS for the fault_server: a certificate for 127.0.0.1 that is made on the spot, and reading and
 * writing as recv and send do it. */
#ifndef PAIL_TESTS_FAULT_TLS_H
#define PAIL_TESTS_FAULT_TLS_H

#include <stdbool.h>
#include <sys/types.h>

struct ssl_ctx_st; /* OpenSSL's SSL_CTX and SSL */
struct ssl_st;

/* The certificate's file is there as long as the context. */
struct ssl_ctx_st *tls_create(void);
void tls_destroy(struct ssl_ctx_st *context); /* NULL is fine */
const char *tls_ca_file(const struct ssl_ctx_st *context);

struct ssl_st *tls_accept(struct ssl_ctx_st *context, int file);
void tls_free(struct ssl_st *tls);
void tls_say_end(struct ssl_st *tls); /* close_notify */

/* -1 with errno (EAGAIN, ECONNRESET); 0 at the end, with a close_notify or without. */
ssize_t tls_read(struct ssl_st *tls, void *data, size_t length, bool peek);
ssize_t tls_write(struct ssl_st *tls, const void *data, size_t length);

#endif
