# pail and bucketd. `make help` lists the targets.
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
SHELL := /bin/sh

VERSION := 0.1.0
PREFIX  ?= /usr/local
# Where objects go. `make check` builds a second tree with the sanitizers.
O       ?= build
ifeq ($(origin CC),default)
CC := gcc
endif

probe = $(shell printf 'int main(void){return 0;}' | $(CC) -Werror $(1) -x c - -o /dev/null 2>/dev/null && echo $(1))

WARN   := -Wall -Wextra -Wpedantic -Wshadow -Wformat=2 -Wmissing-prototypes -Wconversion \
          -Wimplicit-fallthrough -Wstrict-prototypes
HARDEN := -fstack-protector-strong -ftrivial-auto-var-init=zero $(call probe,-fstack-clash-protection) \
          $(call probe,-fcf-protection=full) -fPIE
LINK   := -pie -Wl,-z,relro,-z,now -Wl,--as-needed
CPPDEF := -Iinclude -D_GNU_SOURCE -DPAIL_VERSION='"$(VERSION)"' -DPAIL_DATADIR='"$(PREFIX)/share/pail"'
ifdef SANITIZE
OPT    := -O1 -g -Werror -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
LINK   += -fsanitize=address,undefined
else
OPT    := -O2 -g
CPPDEF += -D_FORTIFY_SOURCE=3
endif
ALL_CFLAGS  := -std=c11 $(OPT) $(WARN) $(HARDEN) $(CPPDEF) $(CPPFLAGS) $(CFLAGS)
ALL_LDFLAGS := $(LINK) $(LDFLAGS)

PAIL_LIBS    := -lncursesw -ltinfo -lcurl -lcrypto -ljansson -lconfig
BUCKETD_LIBS := -lmicrohttpd -lsqlite3 -ljansson

rooms    = $(sort $(foreach room,$(1),$(wildcard src/$(room)/*.c)))
objects  = $(patsubst %.c,$(O)/%.o,$(1))
LIB_SRC     := $(call rooms,base buckets settings service session ui cli)
BUCKETD_SRC := $(call rooms,bucketd)
UNIT_SRC    := $(sort $(wildcard tests/unit/*_test.c))
SCREEN_SRC  := $(sort $(wildcard tests/screen/*.c))
FAULT_SRC   := $(sort $(wildcard tests/fault/*.c))
LEDGER_SRC  := $(sort $(wildcard tests/ledger/*.c))
UNIT_BIN    := $(patsubst tests/%.c,$(O)/tests/%,$(UNIT_SRC) $(filter %_test.c,$(FAULT_SRC) $(LEDGER_SRC)))
C_FILES     := $(LIB_SRC) $(BUCKETD_SRC) src/main.c $(UNIT_SRC) $(FAULT_SRC) $(LEDGER_SRC) $(SCREEN_SRC)
H_FILES     := $(sort $(wildcard include/pail/*/*.h src/*/*.h tests/*/*.h))

Q := $(if $(V),,@)
say = @$(if $(V),true,echo "  $(1)	$(2)")

.SECONDARY:
.PHONY: all demo check check-long bench lint install clean help tests FORCE

all: $(O)/pail $(O)/bucketd ## build pail and bucketd

$(O)/pail: $(O)/src/main.o $(O)/libpail.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PAIL_LIBS)

$(O)/bucketd: $(call objects,$(BUCKETD_SRC)) $(O)/libpail.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(BUCKETD_LIBS)

$(O)/libpail.a: $(call objects,$(LIB_SRC))
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

$(O)/%.o: %.c $(O)/flags
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# Changes when the compiler or a flag does, and with it everything is rebuilt.
$(O)/flags: FORCE
	@mkdir -p $(@D); echo '$(subst ','\'',$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS))' | cmp -s - $@ || \
	  echo '$(subst ','\'',$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS))' > $@

# Objects named before the archive win: a test that defines http_* replaces service/http.c.
$(O)/tests/unit/%: $(O)/tests/unit/%.o $(O)/libpail.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lcmocka $(PAIL_LIBS)

$(O)/tests/fault/%: $(O)/tests/fault/%.o $(call objects,$(filter-out %_test.c,$(FAULT_SRC))) $(O)/libpail.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lcmocka -lssl $(PAIL_LIBS)

$(O)/tests/ledger/ledger_test: $(call objects,$(LEDGER_SRC)) $(O)/libpail.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lcmocka $(PAIL_LIBS)

$(O)/tests/screens: $(call objects,$(SCREEN_SRC)) $(O)/libpail.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PAIL_LIBS)

tests: all $(UNIT_BIN) $(if $(SCREEN_SRC),$(O)/tests/screens)

demo: ## build, start bucketd with sample data, open pail
	@tests/setup build
	@$(MAKE) --no-print-directory all
	@exec tests/demo/run '$(subst ','\'',$(CURDIR))/$(O)'

check: ## run every test, under ASan and UBSan
	@tests/setup build check
	@$(MAKE) --no-print-directory O=build/check SANITIZE=1 tests
	@tests/run build/check $(TESTS)

check-long: ## the same with the long sets (doc/reliability.md)
	@LONG=1 $(MAKE) --no-print-directory check

bench: ## print how fast it is, beside what it is measured against
	@tests/setup build bench
	@$(MAKE) --no-print-directory all
	@tests/bench/run $(O) $(BENCH)

lint: ## formatting, clang-tidy, the arrows of the house, the manual pages
	@tests/setup build check lint
	@CPPDEF='$(subst ','\'',$(filter-out -D_FORTIFY_SOURCE=3,$(CPPDEF)))' tests/lint $(C_FILES) -- $(H_FILES)

install: all ## install under DESTDIR and PREFIX
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/pail/themes $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 755 $(O)/pail $(O)/bucketd $(DESTDIR)$(PREFIX)/bin
	install -m 644 themes/*.theme $(DESTDIR)$(PREFIX)/share/pail/themes
	install -m 644 doc/pail.1 doc/bucketd.1 $(DESTDIR)$(PREFIX)/share/man/man1

clean: ## remove what was built
	rm -rf build

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' Makefile | expand -t 18
	@echo '  Variables: V=1 (show commands), CC, CFLAGS, PREFIX, DESTDIR, TESTS="name ..." for check, BENCH likewise'

-include $(patsubst %.c,$(O)/%.d,$(C_FILES))
