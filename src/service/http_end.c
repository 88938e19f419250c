/* How a call ended: with a whole answer, or why there is none, in a person's words. */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "http_internal.h"
#include "pail/base/clock.h"

__attribute__((format(printf, 3, 4))) static void say(struct http_call *call, enum failure failure,
                                                      const char *format, ...) {
    va_list args;
    va_start(args, format);
    call->result.failure = failure;
    vsnprintf(call->result.text, sizeof call->result.text, format, args);
    va_end(args);
}

/* What curl and OpenSSL say of TLS that failed, and what it means. The first that fits counts. */
static const struct tls_sentence {
    const char *words; /* in curl's detail */
    enum failure failure;
    const char *text;
} tls_sentences[] = {
    {"in certificate chain", FAILURE_UNKNOWN_CA,
     "certificate not trusted: it is by an authority that isn't known here"},
    {"issuer certificate", FAILURE_UNKNOWN_CA,
     "certificate not trusted: it is by an authority that isn't known here"},
    {"self-signed", FAILURE_SELF_SIGNED, "certificate not trusted: it is self-signed"},
    {"self signed", FAILURE_SELF_SIGNED, "certificate not trusted: it is self-signed"},
    {"has expired", FAILURE_EXPIRED, "certificate not trusted: it has expired"},
    {"not yet valid", FAILURE_EXPIRED, "certificate not trusted: it is not valid yet"},
    {"subject name", FAILURE_WRONG_HOST, "certificate not trusted: it is for another host"},
    {"certificate file", FAILURE_CA_FILE, "the file of certificates can't be used"},
    {"CAfile", FAILURE_CA_FILE, "the file of certificates can't be used"},
    {"unsupported protocol", FAILURE_OLD_TLS, "the service speaks an older TLS than 1.2"},
    {"protocol version", FAILURE_OLD_TLS, "the service speaks an older TLS than 1.2"},
    {"wrong version number", FAILURE_NO_TLS, "the service answered, but not with TLS"},
};

static void say_tls(struct http_call *call, CURLcode code) {
    const char *detail = call->detail[0] ? call->detail : curl_easy_strerror(code);
    bool certificate = code == CURLE_PEER_FAILED_VERIFICATION;
    for (size_t i = 0; i < sizeof tls_sentences / sizeof *tls_sentences; i++)
        if (strstr(detail, tls_sentences[i].words)) {
            say(call, tls_sentences[i].failure, "%s", tls_sentences[i].text);
            return;
        }
    say(call, FAILURE_TLS, "%s: %s", certificate ? "certificate not trusted" : "TLS failed",
        detail);
}

static void say_not_connected(struct http_call *call) {
    long reason = 0;
    curl_easy_getinfo(call->easy, CURLINFO_OS_ERRNO, &reason);
    if (reason == ECONNREFUSED)
        say(call, FAILURE_CONNECTION_REFUSED, "connection refused");
    else
        say(call, FAILURE_NO_CONNECTION, "cannot connect: %s",
            reason != 0 ? strerror((int)reason) : call->detail);
}

static void say_broken(struct http_call *call) {
    if (call->begun)
        say(call, FAILURE_CUT_OFF, "the answer was cut off");
    else
        say(call, FAILURE_BROKEN, "connection closed before the answer");
}

static void say_odd(struct http_call *call, CURLcode code) {
    say(call, FAILURE_ODD, "the answer breaks HTTP's rules: %s",
        call->detail[0] ? call->detail : curl_easy_strerror(code));
}

/* Before there is a connection; curl has the same code for a proxy that refuses the tunnel. */
static void say_other(struct http_call *call, CURLcode code) {
    const char *detail = call->detail[0] ? call->detail : curl_easy_strerror(code);
    bool proxy = strcasestr(detail, "proxy") || strcasestr(detail, "tunnel");
    say(call, proxy ? FAILURE_PROXY : FAILURE_OTHER, "%s", detail);
}

/* Whether that is said of a second connection: libcurl tries one by itself when a kept one, on
 * which the request has left, dies. */
static bool is_of_another(const struct http_call *call, CURLcode code) {
    return call->result.end == HTTP_UNKNOWN &&
           (code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_CONNECT ||
            code == CURLE_OPERATION_TIMEDOUT);
}

static void explain(struct http_call *call, CURLcode code) {
    if (is_of_another(call, code)) {
        say_broken(call);
        return;
    }
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
        say(call, FAILURE_NAME, "host not found");
        break;
    case CURLE_COULDNT_CONNECT:
        say_not_connected(call);
        break;
    case CURLE_OPERATION_TIMEDOUT: /* the only limit of time that is curl's */
        call->result.timed_out = true;
        say(call, FAILURE_NO_CONNECTION, "no connection within %g s",
            (double)call->connect_ms / 1000);
        break;
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
        say_odd(call, code);
        break;
    case CURLE_OUT_OF_MEMORY: /* libcurl says so of the latter too */
        say(call, FAILURE_ODD, "no memory for the answer, or a line of its head has over 100 kB");
        break;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
        say_tls(call, code);
        break;
    case CURLE_OK: /* an answer without a status, or shorter than it said */
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_SEND_FAIL_REWIND:
    case CURLE_ABORTED_BY_CALLBACK: /* in on_connected */
        if (call->connected) {
            say_broken(call);
            break;
        }
        /* fall through */
    default:
        say_other(call, code);
    }
}

/* A head that was cut off between two lines looks like a whole one to libcurl. */
static bool is_whole(const struct http_call *call) {
    curl_off_t announced = -1;
    curl_easy_getinfo(call->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
    return call->head.whole && (announced < 0 || (uint64_t)announced <= call->received);
}

static void finish(struct http_call *call) {
    const char *type = NULL;
    curl_off_t retry_after = 0;
    curl_easy_getinfo(call->easy, CURLINFO_RETRY_AFTER, &retry_after);
    call->result.retry_after = retry_after > LONG_MAX ? LONG_MAX : (long)retry_after;
    call->result.status = http_transfer_status(call);
    curl_easy_getinfo(call->easy, CURLINFO_CONTENT_TYPE, &type);
    memcpy(call->result.encoding, call->head.encoding, sizeof call->result.encoding);
    snprintf(call->result.content_type, sizeof call->result.content_type, "%s", type ? type : "");
    call->result.received = call->received;
    call->finished = true;
}

static void say_late(struct http_call *call) {
    long limit = 0;
    http_transfer_deadline(call, &limit);
    call->result.timed_out = true;
    say(call, FAILURE_SILENCE, "%s within %g s",
        call->result.end == HTTP_NOT_SENT ? "the request could not be sent whole" : "no answer",
        (double)limit / 1000);
}

void http_end_by_curl(struct http_call *call, CURLcode code) {
    finish(call);
    if (code == CURLE_OK && http_transfer_status(call) != 0 && is_whole(call)) {
        call->result.end = HTTP_ANSWERED;
        return;
    }
    call->result.end = http_transfer_unanswered(call);
    if (call->odd != NULL) {
        say(call, FAILURE_ODD, "%s", call->odd);
        return;
    }
    if (call->too_old) {
        say_late(call);
        return;
    }
    if (!call->stopped) {
        explain(call, code);
        return;
    }
    call->result.end = HTTP_UNKNOWN;
    say(call, FAILURE_OTHER, "the rest of the answer was not read");
}

void http_end_late(struct http_call *call) {
    long limit = 0;
    if (call->finished || clock_ms() < http_transfer_deadline(call, &limit))
        return;
    finish(call);
    call->result.end = http_transfer_unanswered(call);
    say_late(call);
}
