/* Arguments, then a command or the dashboard. */
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        puts("pail " PAIL_VERSION);
        return 0;
    }
    fputs("usage: pail --version\n", stderr);
    return 2;
}
