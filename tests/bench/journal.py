#!/usr/bin/python3
"""How fast the journal is read and checked, and what memory that takes.   usage: tests/bench/journal.py BUILD

100,000 lines in five files, as a person has after some 50,000 changes; pail prints them, or checks their chain. Beside it
sha256sum on the same files, which is the least that a check has to do. Seven rounds, in turns; median and
(lowest-highest). Nothing here fails a test.
"""
import os, shutil, statistics, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), 'e2e'))
from journal_lines import many
from service import write_private

ROUNDS, FILES, OPERATIONS = 7, 5, 10000


def run(words, env):
    """Seconds and KiB at most: those that `time` sees, since what this process takes counts for those that it starts."""
    with tempfile.NamedTemporaryFile('r') as report:
        began = time.monotonic()
        subprocess.run(['time', '-f', '%M', '-o', report.name, *words], env=env, check=True, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL)
        return time.monotonic() - began, int(report.read())


def write_journal(folder):
    os.mkdir(folder, 0o700)
    for number, text in many(FILES, OPERATIONS):
        name = 'journal.jsonl' if number == FILES else 'journal-%06d.jsonl' % number
        write_private(os.path.join(folder, name), text.decode())
    return [os.path.join(folder, name) for name in sorted(os.listdir(folder))]


def main():
    pail = os.path.join(os.path.abspath(sys.argv[1]), 'pail')
    home = tempfile.mkdtemp(prefix='pail-bench-')
    env = dict(PATH=os.environ['PATH'], LC_ALL='C.UTF-8', HOME=home, XDG_STATE_HOME=home)
    try:
        paths = write_journal(os.path.join(home, 'pail'))
        print('journal: %d lines, %.1f MB' % (2 * FILES * OPERATIONS, sum(map(os.path.getsize, paths)) / 1e6))
        commands = {'pail journal verify': [pail, 'journal', 'verify'], 'pail journal': [pail, 'journal'],
                    'pail journal --format json': [pail, 'journal', '--format', 'json'],
                    'sha256sum of the same': ['sha256sum', *paths]}
        taken = {name: [] for name in commands}
        for _ in range(ROUNDS):
            for name, words in commands.items():
                taken[name].append(run(words, env))
        for name, values in taken.items():
            seconds = [value[0] for value in values]
            print('  %-28s %5.0f ms (%.0f-%.0f), %4.1f MB' % (
                name, 1000 * statistics.median(seconds), 1000 * min(seconds), 1000 * max(seconds),
                max(value[1] for value in values) / 1024))
    finally:
        shutil.rmtree(home)


if __name__ == '__main__':
    main()
