/*
 * Why there is no whole answer, and what a person does next: the list is written once.
 */
#ifndef PAIL_SERVICE_FAILURE_H
#define PAIL_SERVICE_FAILURE_H

/* X(id, what to do next) */
#define FAILURES(X)                                                                            \
    X(NONE, "")                                                                                \
    X(OTHER, "ask again")                                                                      \
    X(NAME, "check the name in the profile, and this machine's DNS")                           \
    X(CONNECTION_REFUSED, "is the service running, and is the port right?")                    \
    X(NO_CONNECTION, "check this machine's network, and whether a proxy leads to the service") \
    X(PROXY, "check the proxy that the profile takes from the environment")                    \
    X(SILENCE, "--timeout waits longer")                                                       \
    X(BROKEN, "if it stays so, look at what is between here and the service")                  \
    X(CUT_OFF, "half an answer isn't taken for a whole one: ask again")                        \
    X(ODD, "what answers there breaks HTTP's rules: tell who runs it")                         \
    X(UNKNOWN_CA, "name the authority's file as cacert in the profile")                        \
    X(SELF_SIGNED, "if that is meant so, name its file as cacert in the profile")              \
    X(WRONG_HOST, "check service, url and connect_to in the profile")                          \
    X(EXPIRED, "check this machine's clock, or tell who runs the service")                     \
    X(CA_FILE, "check cacert in the profile: a readable file of certificates (PEM)")           \
    X(OLD_TLS, "the service, or what is before it, must learn TLS 1.2")                        \
    X(NO_TLS, "check the port: what answers there speaks no TLS")                              \
    X(TLS, "check the host and the port, and what is between here and the service")

#define FAILURE_ID(id, next) FAILURE_##id,
enum failure { FAILURES(FAILURE_ID) FAILURE_COUNT };
#undef FAILURE_ID

/* What to do next, to come after a sentence and "; "; "" for FAILURE_NONE. */
const char *failure_next(enum failure failure);

#endif
