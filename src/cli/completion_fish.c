/* The script for fish: it is told, flag by flag, where each may stand. */
#include "completion.h"

static const char begins[] =
    "# Completion for pail, made by: pail completion fish\n"
    "\n"
    "function __pail_words --description 'the command and its words before the cursor'\n"
    "    set -l skip no\n"
    "    for word in (commandline -opc)\n"
    "        if test $skip = yes\n"
    "            set skip no\n"
    "        else if contains -- $word $__pail_with_value\n"
    "            set skip yes\n"
    "        else if not string match -q -- '-*' $word\n"
    "            printf '%s\\n' $word\n"
    "        end\n"
    "    end\n"
    "end\n"
    "\n"
    "function __pail_at --description 'whether COMMAND [NUMBER of words behind it] was typed'\n"
    "    set -l words (__pail_words)\n"
    "    set -e words[1]\n"
    "    test (count $argv) -eq 0; and begin\n"
    "        test (count $words) -eq 0\n"
    "        return\n"
    "    end\n"
    "    test (count $words) -gt 0; and test \"$words[1]\" = $argv[1]; or return 1\n"
    "    test (count $argv) -lt 2; or test (count $words) -eq (math $argv[2] + 1)\n"
    "end\n"
    "\n"
    "function __pail_option --description 'the value of a flag before the command'\n"
    "    set -l tokens (commandline -opc)\n"
    "    for i in (seq (count $tokens))\n"
    "        if test \"$tokens[$i]\" = $argv[1]; and test $i -lt (count $tokens)\n"
    "            printf '%s\\n' $tokens[(math $i + 1)]\n"
    "        else if string match -q -- \"$argv[1]=*\" $tokens[$i]\n"
    "            string replace -- \"$argv[1]=\" '' $tokens[$i]\n"
    "        end\n"
    "    end\n"
    "end\n"
    "\n"
    "function __pail_profiles --description 'NAME URL READ-ONLY DEFAULT'\n"
    "    set -l config (__pail_option --config)\n"
    "    if test -n \"$config\"\n"
    "        command pail --config (string replace -r '^~/' \"$HOME/\" -- $config) config profiles "
    "2>/dev/null\n"
    "    else\n"
    "        command pail config profiles 2>/dev/null\n"
    "    end | tail -n +2 | string replace -r -a ' +' ' '\n"
    "end\n"
    "\n"
    "function __pail_buckets --description 'the names of the last list'\n"
    "    set -l profile (__pail_option --profile)\n"
    "    set -l url (__pail_option --url)\n"
    "    if test -z \"$profile\" -a -n \"$url\"\n"
    "        set profile (string replace -r '^[a-z]*://' '' -- $url | string replace -r '[:/].*' "
    "'')\n"
    "    else if test -z \"$profile\"\n"
    "        set profile (__pail_profiles | string replace -r -f ' .* yes$' '')\n"
    "    end\n"
    "    set -l cache $HOME/.cache\n"
    "    test -n \"$XDG_CACHE_HOME\"; and set cache $XDG_CACHE_HOME\n"
    "    test -r $cache/pail/names-$profile\n"
    "    and string match -r '^[A-Za-z0-9._][A-Za-z0-9._-]*$' <$cache/pail/names-$profile\n"
    "end\n"
    "\n"
    "complete -c pail -f\n";

struct writer {
    FILE *out;
    const char *command; /* "" before it */
};

/* In single quotation marks. */
static void write_quoted(FILE *out, const char *text) {
    fputc('\'', out);
    for (; *text; text++)
        fprintf(out, *text == '\'' || *text == '\\' ? "\\%c" : "%c", *text);
    fputc('\'', out);
}

static void write_with_value(void *context, const struct completion_flag *flag) {
    if (flag->kind != COMPLETE_NOTHING)
        fprintf(((struct writer *)context)->out, " --%s", flag->name);
}

static void write_flag(void *context, const struct completion_flag *flag) {
    const struct writer *writer = context;
    static const char *const values[] = {
        [COMPLETE_NOTHING] = "",
        [COMPLETE_TEXT] = " -x",
        [COMPLETE_FILES] = " -r -F",
        [COMPLETE_BUCKETS] = " -x -a '(__pail_buckets)'",
        [COMPLETE_PROFILES] = " -x -a '(__pail_profiles | string replace -r \" .*\" \"\")'",
    };
    fprintf(writer->out, "complete -c pail -n '__pail_at %s' -l %s", writer->command, flag->name);
    if (flag->kind == COMPLETE_WORDS || flag->kind == COMPLETE_LIST)
        fprintf(writer->out, " -x -a '%s'", flag->words);
    else
        fputs(values[flag->kind], writer->out);
    fputs(" -d ", writer->out);
    write_quoted(writer->out, flag->help);
    fputs("\n", writer->out);
}

static void write_words(FILE *out, enum command command) {
    struct completion_words next = completion_words(command);
    const char *name = commands[command].name;
    if (next.buckets)
        fprintf(out, "complete -c pail -n '__pail_at %s%s' -a '(__pail_buckets)'\n", name,
                next.repeated ? "" : " 0");
    if (next.file)
        fprintf(out, "complete -c pail -n '__pail_at %s 0' -F\n", name);
    if (next.words == NULL)
        return;
    fprintf(out, "complete -c pail -n '__pail_at %s %d' -a '", name, next.buckets ? 1 : 0);
    for (int i = 0; next.words[i]; i++)
        fprintf(out, i > 0 ? " %s" : "%s", next.words[i]);
    fputs("'\n", out);
}

void completion_write_fish(FILE *out) {
    fputs(begins, out);
    fputs("set -g __pail_with_value", out);
    for (int i = 0; i <= COMMAND_COUNT; i++)
        completion_flags((enum command)i, write_with_value, &(struct writer){out, ""});
    fputs("\n", out);
    for (int i = 0; i <= COMMAND_COUNT; i++) {
        const char *name = i < COMMAND_COUNT ? commands[i].name : "";
        completion_flags((enum command)i, write_flag, &(struct writer){out, name});
        if (i == COMMAND_COUNT)
            break;
        write_words(out, (enum command)i);
        fprintf(out, "complete -c pail -n __pail_at -a %s -d ", name);
        write_quoted(out, commands[i].help);
        fputs("\n", out);
    }
}
