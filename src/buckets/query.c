#include "pail/buckets/query.h"

#include <stdlib.h>
#include <string.h>

#include "pail/base/find.h"
#include "pail/base/memory.h"
#include "pail/buckets/column.h"
#include "pail/buckets/redact.h"

enum { AHEAD = 16 /* rows, of which the processor is told that they will be looked at */ };

struct term {
    struct find_needle needle; /* folded; "" asks for an empty field */
    bool negated;
    enum bucket_field field; /* FIELD_COUNT, COLUMN_COUNT: not limited to one; a term may have */
    enum column column;      /* both, as endpoint does */
    unsigned words;          /* bit 1 << shape: a column has a word of its own that is found */
};

struct query {
    char *text; /* folded, cut into words: the needles point into it */
    struct term *terms;
    size_t count;
};

static char fold(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same_word(const char *folded, size_t length, const char *word) {
    size_t i = 0;
    while (i < length && folded[i] == fold(word[i]))
        i++;
    return i == length && word[i] == '\0';
}

static bool is_anywhere(const struct term *term) {
    return term->field == FIELD_COUNT && term->column == COLUMN_COUNT;
}

/* Whether text[0..length) contains the term's needle, which isn't empty. */
static bool contains_n(const char *text, size_t length, const struct term *term) {
    return find_folded(&term->needle, text, length) != FIND_NOWHERE;
}

static bool contains(const char *text, const struct term *term) {
    return contains_n(text, strlen(text), term);
}

/* ---- words of columns ------------------------------------------------------------------------ */

/* What a column shows beside fields' values depends on which of these are filled: a shape has a bit
 * for each that is. */
static const enum bucket_field shaping[] = {FIELD_ENDPOINT, FIELD_ACCESS_KEY_ID, FIELD_ACCESS_ROLE,
                                            FIELD_DDB_TABLE};
enum { SHAPING = sizeof shaping / sizeof *shaping, SHAPES = 1 << SHAPING };

static unsigned shape_of(unsigned filled) {
    unsigned shape = 0;
    for (int i = 0; i < SHAPING; i++)
        shape |= (filled >> shaping[i] & 1U) << i;
    return shape;
}

static bool is_value(const struct bucket *bucket, const char *text) {
    for (int field = 0; field < FIELD_COUNT; field++)
        if (text == bucket->value[field])
            return true;
    return false;
}

/* Whether the needle is in a word like "role" or "default" that entries of that shape show. */
static bool word_contains(const struct term *term, unsigned shape) {
    struct bucket bucket;
    bucket_init(&bucket);
    for (int i = 0; i < SHAPING; i++)
        if (shape & 1U << i)
            bucket.value[shaping[i]] = "filled";
    for (int column = 0; column < COLUMN_COUNT; column++) {
        const char *text = column_text(&bucket, (enum column)column);
        if (!is_value(&bucket, text) && contains(text, term))
            return true;
    }
    return false;
}

static void find_words(struct term *term) {
    for (unsigned shape = 0; shape < SHAPES; shape++)
        term->words |= (unsigned)word_contains(term, shape) << shape;
}

/* ---- parsing --------------------------------------------------------------------------------- */

/* Makes a term of a word; "field:" is taken off if there is such a field or column. */
static struct term parse_word(const char *word) {
    struct term term = {.field = 0, .column = 0};
    if (*word == '!') {
        term.negated = true;
        word++;
    }
    size_t prefix = strcspn(word, ":");
    if (word[prefix] == '\0')
        prefix = 0;
    while (term.field < FIELD_COUNT && !same_word(word, prefix, bucket_fields[term.field].name))
        term.field++;
    while (term.column < COLUMN_COUNT && !same_word(word, prefix, columns[term.column].word))
        term.column++;
    const char *needle = is_anywhere(&term) ? word : word + prefix + 1;
    find_prepare(&term.needle, needle, strlen(needle));
    if (is_anywhere(&term))
        find_words(&term);
    return term;
}

struct query *query_create(const char *text) {
    struct query *query = memory_new(1, sizeof *query);
    query->text = memory_string(text);
    for (char *c = query->text; *c; c++)
        *c = fold(*c);
    query->terms = memory_new(strlen(text) / 2 + 1, sizeof *query->terms);
    char *rest = query->text, *word;
    while ((word = strsep(&rest, " ")) != NULL) {
        struct term term = parse_word(word);
        if (term.needle.length > 0 || !is_anywhere(&term)) /* not "" nor "!" */
            query->terms[query->count++] = term;
    }
    return query;
}

void query_destroy(struct query *query) {
    if (query == NULL)
        return;
    free(query->terms);
    free(query->text);
    free(query);
}

bool query_is_empty(const struct query *query) {
    return query->count == 0;
}

static bool is_port(const char *text) {
    size_t digits = strspn(text, "0123456789");
    return digits > 0 && text[digits] == '\0';
}

static bool is_misnamed(const char *word, size_t prefix) {
    return prefix > 0 && word[prefix] == ':' && strncmp(word + prefix, "://", 3) != 0 &&
           !is_port(word + prefix + 1) && !same_word(word, prefix, "arn");
}

const char *query_misnamed(const struct query *query, size_t *length) {
    for (size_t i = 0; i < query->count; i++) {
        const char *word = query->terms[i].needle.text;
        *length = strspn(word, "abcdefghijklmnopqrstuvwxyz");
        if (is_anywhere(&query->terms[i]) && is_misnamed(word, *length))
            return word;
    }
    return NULL;
}

/* Whether a name, or a value that is no secret, contains the needle. */
static bool json_contains(const char *json, const struct term *term) {
    struct redact_walk walk;
    struct redact_piece piece;
    redact_walk_init(&walk, json);
    while (redact_next(&walk, &piece))
        if (piece.kind == REDACT_TEXT && contains_n(piece.text, piece.length, term))
            return true;
    return false;
}

static bool field_contains(const struct bucket *bucket, enum bucket_field field,
                           const struct term *term) {
    const char *value = bucket->value[field];
    if (*value == '\0' || bucket_fields[field].flags & FIELD_SECRET)
        return false;
    return bucket->odd & 1U << field ? json_contains(value, term) : contains(value, term);
}

/* A column shows a field's value, which may be JSON or a secret, or a word of its own. */
static bool column_contains(const struct bucket *bucket, enum column column,
                            const struct term *term) {
    const char *text = column_text(bucket, column);
    for (int field = 0; field < FIELD_COUNT; field++)
        if (text == bucket->value[field])
            return field_contains(bucket, (enum bucket_field)field, term);
    return contains(text, term);
}

/* A version is digits by which nobody looks for a bucket: "17" would find entries at random. */
static bool is_by_name_only(int field) {
    return bucket_fields[field].flags & FIELD_VERSION;
}

static bool any_contains(const struct bucket *bucket, const struct term *term) {
    for (int field = 0; field < FIELD_COUNT; field++)
        if (!is_by_name_only(field) && field_contains(bucket, (enum bucket_field)field, term))
            return true;
    for (int column = 0; column < COLUMN_COUNT; column++)
        if (column_contains(bucket, (enum column)column, term))
            return true;
    return json_contains(bucket->extra, term);
}

static bool finds(const struct term *term, const struct bucket *bucket) {
    if (is_anywhere(term))
        return any_contains(bucket, term);
    if (term->needle.length == 0)
        return term->field < FIELD_COUNT ? *bucket->value[term->field] == '\0'
                                         : column_is_empty(bucket, term->column);
    return (term->field < FIELD_COUNT && field_contains(bucket, term->field, term)) ||
           (term->column < COLUMN_COUNT && column_contains(bucket, term->column, term));
}

bool query_matches(const struct query *query, const struct bucket *bucket) {
    for (size_t i = 0; i < query->count; i++)
        if (finds(&query->terms[i], bucket) == query->terms[i].negated)
            return false;
    return true;
}

/* On its own, since an entry's fields are much to lay out for rows that don't need them. */
__attribute__((noinline)) static bool finds_by_fields(const struct term *term,
                                                      const struct table *table, size_t row) {
    struct bucket bucket;
    table_get(table, row, &bucket);
    return finds(term, &bucket);
}

/* What finds() says, by the strings of an entry at once: none of them is a secret or JSON. */
static bool finds_in_strings(const struct term *term, const char *strings, size_t length,
                             unsigned filled) {
    return contains_n(strings, length, term) || term->words >> shape_of(filled) & 1U;
}

/* Of most rows no field need be looked at after the other. found: what is known to be there. */
static bool matches_row(const struct query *query, const struct table *table, size_t row,
                        const struct term *found) {
    size_t length;
    unsigned filled;
    const char *strings = table_strings(table, row, &length, &filled);
    for (size_t i = 0; i < query->count; i++) {
        const struct term *term = &query->terms[i];
        bool is_there = term == found || (strings != NULL && is_anywhere(term)
                                              ? finds_in_strings(term, strings, length, filled)
                                              : finds_by_fields(term, table, row));
        if (is_there == term->negated)
            return false;
    }
    return true;
}

/* The last word that may be anywhere and must be somewhere; NULL if there is none. */
static const struct term *wanted_anywhere(const struct query *query) {
    for (size_t i = query->count; i > 0; i--)
        if (is_anywhere(&query->terms[i - 1]) && !query->terms[i - 1].negated)
            return &query->terms[i - 1];
    return NULL;
}

/* What is known of a row in whose strings the word isn't: a column may have it. */
static enum table_found find_own_word(const struct term *term, const struct table *table,
                                      size_t row) {
    size_t length;
    unsigned filled;
    if (table_strings(table, row, &length, &filled) == NULL)
        return TABLE_UNSURE;
    return term->words >> shape_of(filled) & 1U ? TABLE_FOUND : TABLE_NOWHERE;
}

static void search_rows(const struct term *term, const struct table *table, size_t row, size_t end,
                        uint8_t *match) {
    table_search(table, row, end, &term->needle, match);
    for (; term->words != 0 && row < end; row++)
        if (match[row] == TABLE_NOWHERE)
            match[row] = find_own_word(term, table, row);
}

static void leave_out(size_t row, size_t end, bool narrower, uint8_t *match) {
    for (; row < end; row++)
        match[row] = narrower && match[row] == 0 ? TABLE_NOWHERE : TABLE_UNSURE;
}

static bool are_few(const uint8_t *match, size_t rows) {
    size_t some = 0;
    for (size_t i = 0; i < rows; i++)
        some += match[i];
    return some < rows / 2;
}

/* One word is looked for in all rows at once, and those that haven't got it are done with; so are
 * the others if it is the only one. Unless so few are left that it is quicker to look at each. */
void query_match_rows(const struct query *query, const struct table *table, size_t row, size_t end,
                      bool narrower, uint8_t *match) {
    const struct term *term = wanted_anywhere(query);
    if (query_is_empty(query))
        memset(match + row, TABLE_FOUND, end - row);
    else if (term == NULL || (narrower && are_few(match + row, end - row)))
        leave_out(row, end, narrower, match);
    else
        search_rows(term, table, row, end, match);
    for (; row < end; row++) {
        if (row + AHEAD < end && match[row + AHEAD] == TABLE_UNSURE)
            table_prefetch(table, row + AHEAD);
        if (match[row] == TABLE_UNSURE)
            match[row] = matches_row(query, table, row, NULL);
        else if (match[row] == TABLE_FOUND && query->count > 1)
            match[row] = matches_row(query, table, row, term);
    }
}

/* Whether each entry in which `a` finds something is one in which `b` does. */
static bool finds_less(const struct term *a, const struct term *b) {
    bool same = a->field == b->field && a->column == b->column;
    if (a->needle.length == 0 || b->needle.length == 0)
        return same && a->needle.length == b->needle.length;
    bool beside = a->field < FIELD_COUNT && is_by_name_only(a->field);
    return (same || (is_anywhere(b) && !beside)) && strstr(a->needle.text, b->needle.text) != NULL;
}

bool query_narrows(const struct query *narrow, const struct query *wide) {
    for (size_t w = 0; w < wide->count; w++) {
        const struct term *wanted = &wide->terms[w];
        bool implied = false;
        for (size_t n = 0; n < narrow->count && !implied; n++) {
            const struct term *term = &narrow->terms[n];
            implied = term->negated == wanted->negated &&
                      (wanted->negated ? finds_less(wanted, term) : finds_less(term, wanted));
        }
        if (!implied)
            return false;
    }
    return true;
}
