/* The scripts for bash and zsh. What can stand next is found by functions that both take; each has
 * a few lines of its own to offer it. */
#include "completion.h"

/* Profiles as "NAME DEFAULT", and the bucket names of the last list. A name that could be anything
 * else to a shell isn't in the file; should it be, it is left out here. */
static const char lookups[] =
    "_pail_say() { printf '%s\\n' \"$@\"; }\n"
    "\n"
    "# Words behind those that stand before the last comma of what is being typed.\n"
    "_pail_join() {\n"
    "    local typed=${1#--*=} before= word\n"
    "    shift\n"
    "    case $typed in\n"
    "    *,*) before=${typed%,*}, ;;\n"
    "    esac\n"
    "    for word in \"$@\"; do _pail_say \"$before$word\"; done\n"
    "}\n"
    "\n"
    "_pail_profiles() {\n"
    "    command pail ${1:+--config \"$1\"} config profiles 2>/dev/null |\n"
    "        while read -r name url read_only default; do\n"
    "            [ \"$url\" = URL ] || printf '%s %s\\n' \"$name\" \"$default\"\n"
    "        done\n"
    "}\n"
    "\n"
    "_pail_profile_names() {\n"
    "    _pail_profiles \"$1\" | while read -r name default; do _pail_say \"$name\"; done\n"
    "}\n"
    "\n"
    "_pail_buckets() {\n"
    "    local profile=$1 url=$2\n"
    "    if [ -z \"$profile\" ] && [ -n \"$url\" ]; then\n"
    "        url=${url#*://}\n"
    "        url=${url%%/*}\n"
    "        profile=${url%%:*}\n"
    "    elif [ -z \"$profile\" ]; then\n"
    "        profile=$(_pail_profiles \"$3\" | while read -r name default; do\n"
    "            [ \"$default\" = yes ] && _pail_say \"$name\"\n"
    "        done)\n"
    "    fi\n"
    "    LC_ALL=C command grep -E '^[A-Za-z0-9._][A-Za-z0-9._-]*$' \\\n"
    "        \"${XDG_CACHE_HOME:-$HOME/.cache}/pail/names-$profile\" 2>/dev/null\n"
    "}\n"
    "\n";

/* $command, $count (words behind it), $before (the flag whose value is being typed) and the rest
 * are found, then what can stand there is said, a word a line. */
static const char next_begins[] =
    "# What can stand next, or `:files`. The words so far, without pail; the last is being typed.\n"
    "_pail_next() {\n"
    "    [ -z \"${ZSH_VERSION-}\" ] || emulate -L sh\n"
    "    local command= count=0 before= profile= url= config=\n"
    "    while [ $# -gt 1 ]; do\n"
    "        case $1 in\n"
    "        --profile=*) profile=${1#*=} ;;\n"
    "        --url=*) url=${1#*=} ;;\n"
    "        --config=*) config=${1#*=} ;;\n"
    "        ";
static const char next_goes_on[] =
    ")\n"
    "            if [ $# -eq 2 ]; then before=$1; else\n"
    "                case $1 in\n"
    "                --profile) profile=$2 ;;\n"
    "                --url) url=$2 ;;\n"
    "                --config) config=$2 ;;\n"
    "                esac\n"
    "                shift\n"
    "            fi ;;\n"
    "        -*) ;;\n"
    "        *) if [ -n \"$command\" ]; then count=$((count + 1)); else command=$1; fi ;;\n"
    "        esac\n"
    "        shift\n"
    "    done\n"
    "    case $1 in\n"
    "    --*=*) before=${1%%=*} ;;\n"
    "    -*) count=- ;;\n"
    "    esac\n"
    "    case $config in\n"
    "    '~/'*) config=$HOME/${config#??} ;;\n"
    "    esac\n"
    "    case $command:$before:$count in\n";
static const char next_ends[] = "    esac\n"
                                "}\n"
                                "\n";

static const char for_bash[] =
    "_pail() {\n"
    "    local line=${COMP_LINE:0:COMP_POINT} words=() typed word next\n"
    "    read -ra words <<<\"$line\"\n"
    "    case $line in\n"
    "    *[[:space:]]) words+=('') ;;\n"
    "    esac\n"
    "    typed=${words[${#words[@]}-1]}\n"
    "    case $typed in\n"
    "    --*=*) typed=${typed#*=} ;;\n"
    "    esac\n"
    "    COMPREPLY=()\n"
    "    next=$(_pail_next \"${words[@]:1}\")\n"
    "    if [ \"$next\" = :files ]; then\n"
    "        compopt -o default\n"
    "        return\n"
    "    fi\n"
    "    while read -r word; do\n"
    "        case $word in\n"
    "        ?*) case $word in \"$typed\"*) COMPREPLY+=(\"$word\") ;; esac ;;\n"
    "        esac\n"
    "    done <<<\"$next\"\n"
    "}\n"
    "complete -F _pail pail\n";

/* It may be a file of $fpath, or be read by source. */
static const char for_zsh[] =
    "_pail() {\n"
    "    local -a next\n"
    "    next=(\"${(@f)$(_pail_next \"${(@)words[2,CURRENT]}\")}\")\n"
    "    compset -P '--*='\n"
    "    if [[ $next[1] == :files ]]; then _files; else compadd -a next; fi\n"
    "}\n"
    "if [ \"$funcstack[1]\" = _pail ]; then _pail \"$@\"; else compdef _pail pail; fi\n";

#define CALL_BUCKETS "_pail_buckets \"$profile\" \"$url\" \"$config\""

struct writer {
    FILE *out;
    const char *command;
    bool begun;
};

/* Flags with values: the loop over the words skips what follows them. */
static void write_skipped(void *context, const struct completion_flag *flag) {
    struct writer *writer = context;
    if (flag->kind != COMPLETE_NOTHING)
        fprintf(writer->out, "%s--%s", writer->begun ? "|" : "", flag->name);
    writer->begun = writer->begun || flag->kind != COMPLETE_NOTHING;
}

static void write_values(void *context, const struct completion_flag *flag) {
    const struct writer *writer = context;
    if (flag->kind == COMPLETE_NOTHING || flag->kind == COMPLETE_TEXT)
        return;
    fprintf(writer->out, "    %s:--%s:*) ", writer->command, flag->name);
    if (flag->kind == COMPLETE_WORDS)
        fprintf(writer->out, "_pail_say %s ;;\n", flag->words);
    else if (flag->kind == COMPLETE_LIST)
        fprintf(writer->out, "_pail_join \"$1\" %s ;;\n", flag->words);
    else
        fprintf(writer->out, "%s ;;\n",
                flag->kind == COMPLETE_FILES     ? "_pail_say :files"
                : flag->kind == COMPLETE_BUCKETS ? CALL_BUCKETS
                                                 : "_pail_profile_names \"$config\"");
}

static void write_name(void *context, const struct completion_flag *flag) {
    fprintf(((struct writer *)context)->out, " --%s", flag->name);
}

static void write_words(FILE *out, enum command command) {
    struct completion_words next = completion_words(command);
    const char *name = commands[command].name;
    if (next.buckets)
        fprintf(out, "    %s::%s) " CALL_BUCKETS " ;;\n", name, next.repeated ? "*" : "0");
    if (next.file)
        fprintf(out, "    %s::0) _pail_say :files ;;\n", name);
    if (next.words == NULL)
        return;
    fprintf(out, "    %s::%d) _pail_say", name, next.buckets ? 1 : 0);
    for (int i = 0; next.words[i]; i++)
        fprintf(out, " %s", next.words[i]);
    fputs(" ;;\n", out);
}

/* Of one command: values, flags, words; of what comes before a command for COMMAND_COUNT. */
static void write_command(FILE *out, enum command command) {
    struct writer writer = {out, command < COMMAND_COUNT ? commands[command].name : "", false};
    completion_flags(command, write_values, &writer);
    fprintf(out, "    %s:--*) ;;\n    %s::-) _pail_say", writer.command, writer.command);
    completion_flags(command, write_name, &writer);
    fputs(" ;;\n", out);
    if (command < COMMAND_COUNT) {
        write_words(out, command);
        return;
    }
    fputs("    ::0) _pail_say", out);
    for (int i = 0; i < COMMAND_COUNT; i++)
        fprintf(out, " %s", commands[i].name);
    fputs(" ;;\n", out);
}

void completion_write_sh(FILE *out, bool zsh) {
    struct writer writer = {.out = out};
    fprintf(out, "%s# Completion for pail, made by: pail completion %s\n\n%s%s",
            zsh ? "#compdef pail\n" : "", zsh ? "zsh" : "bash", lookups, next_begins);
    for (int i = 0; i <= COMMAND_COUNT; i++)
        completion_flags((enum command)i, write_skipped, &writer);
    fputs(next_goes_on, out);
    for (int i = 0; i <= COMMAND_COUNT; i++)
        write_command(out, (enum command)i);
    fputs(next_ends, out);
    fputs(zsh ? for_zsh : for_bash, out);
}
