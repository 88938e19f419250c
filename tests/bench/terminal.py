#!/usr/bin/python3
"""What keys cost at the terminal, beside other programs that show lists, on made-up tables at 120x40: bytes, write() calls,
instructions.

usage: tests/bench/terminal.py BUILD [PART...]

parts     moves floor filter reload writes instructions     all of them if none is named
peers     those that are installed of pspg fzf ncdu nnn mc tig less (Debian's packages); a missing one is left out
figures   bytes are exact; tests/e2e/bytes_test.py holds them. Nothing here fails a test.

pail reads from bucketd on loopback, the others from files.
"""
import os, re, statistics, subprocess, sys, tempfile
from urllib.parse import urlencode

import rig, tables
from beside import BUILD, HOME, Service, has, line, lists, pail, run, say


def moves(program, end, home):
    figures = {'Down': statistics.median(program.press('Down').bytes for _ in range(10))}
    program.press('Down', 40)
    figures['scrolls'] = statistics.median(program.press('Down').bytes for _ in range(10))
    figures['page'] = statistics.median(program.press('PgDn').bytes for _ in range(5))
    burst = program.press('Down', 50)
    figures['50 Downs'], figures['pieces'], figures['ms'] = burst.bytes, burst.pieces, burst.last
    figures['End'], figures['Home'] = program.press(end).bytes, program.press(home).bytes
    return figures


def row(name, cells):
    say('  %-16s' % name + ''.join('%10s' % cell for cell in cells))


def bytes_of_moves(n=10000):
    say('\nbytes at the terminal for a move, %d rows; the last three: 50 Downs in one write, in pieces, ms to the last' % n)
    columns = ('Down', 'scrolls', 'page', 'End', 'Home', '50 Downs', 'pieces', 'ms')
    row('', columns)
    for name, (make, ready, end, home) in lists(n).items():
        if end is None:
            continue
        with make() as program:
            program.wait_for(ready)
            program.start()
            seen = moves(program, end, home)
        row(name, ['%g' % round(seen[column], 1) for column in columns])
    row('goals', ('150/32', '240/140', '', '', '', '4000', '2', '3'))


def filter_key(n=10000):
    say('\nbytes for a filter key that leaves the visible rows as they are, %d rows: t after /bucke' % n)
    for name, slash in ('pail', '/'), ('pail --thrifty', '/'), ('nnn', '/'), ('fzf -e', ''):
        if name not in lists(n):
            continue
        make, ready, _, _ = lists(n)[name]
        with make() as program:
            program.wait_for(ready)
            program.start()
            for key in slash + 'bucke':
                program.press(key)
            row(name, [program.press('t').bytes])
    row('goal', ['25'])


def reload(n=100000):
    """Three rows that are on the screen are changed by another client."""
    say('\na reload that changes 3 rows of %d: rows that differ on the screen, bytes (the progress of the reading included)' % n)
    service = Service.of(n)
    names = sorted(bucket[0] for bucket in tables.buckets(n))
    for turn, options in enumerate(((), ('--thrifty',))):
        with pail(n, *options) as program:
            program.wait_for('as of')
            program.start()
            program.press('Down', 5)
            program.press(' ')
            before = program.text().split('\n')[2:36]
            for at in (3, 6, 8):
                body = urlencode(dict(op='modify', bucketname=names[at], endpoint='http://changed-%d.example.org' % turn))
                assert service.request('POST', '/add-mod-del-bucket', body).status == 200
            sample = program.press('r')
            after = program.text().split('\n')[2:36]
        row(' '.join(('pail',) + options), [sum(a != b for a, b in zip(before, after)), sample.bytes])


def writes(n=10000):
    """strace counts what the program, and what it starts, write to a terminal."""
    if not has('strace'):
        say('\nwrite() calls: strace is not installed')
        return
    say('\nwrite() calls to the terminal for a frame, %d rows: median for Down, for a page' % n)
    for name, (make, ready, _, _) in lists(n).items():
        with tempfile.NamedTemporaryFile('r') as trace:
            rig.PREFIX[:] = ['strace', '-f', '-qq', '-yy', '-e', 'trace=write,writev', '-o', trace.name]
            try:
                with make() as program:
                    program.wait_for(ready)
                    program.start()
                    count = lambda: len(re.findall(r'\bwritev?\(\d+<(?:/dev/pts/|/dev/tty)', open(trace.name).read()))
                    seen = {}
                    for key in ('Down', 'PgDn'):
                        at = [count()]
                        for _ in range(5):
                            program.press(key)
                            at.append(count())
                        seen[key] = statistics.median(b - a for a, b in zip(at, at[1:]))
            finally:
                rig.PREFIX[:] = []
        row(name, ['%g' % seen['Down'], '%g' % seen['PgDn']])
    row('goal', ['1', '1'])


def row_floor(before, after):
    """The fewest bytes that make one row of another: what is the same is written again or skipped, whichever is less; blanks up
    to the end are erased."""
    end = len(after.rstrip())
    if not after[end:] == before[end:]:
        tail = 3                      # CSI K
    else:
        tail = 0
        while end > 0 and before[end - 1] == after[end - 1]:
            end -= 1
    cost = at = 0
    while at < end:
        run = at
        while run < end and before[run] == after[run]:
            run += 1
        size = lambda text: len(text.encode())
        if run > at:
            cost += min(size(after[at:run]), len('\x1b[%dC' % (run - at)))
            at = run
        else:
            cost += size(after[at])
            at += 1
    return cost + tail


def page_floor(before, after):
    """The same for a screen: line feeds between rows, and the highlight of one name switched on and off."""
    changed = [(b, a) for b, a in zip(before, after) if b != a]
    return sum(row_floor(b, a) + 2 for b, a in changed) + len('\x1b[7m\x1b[m')


def against_floor(n=10000):
    say('\na page against the fewest bytes that draw it (cells that stay the same left out), %d rows' % n)
    for options in ((), ('--thrifty',)):
        with pail(n, *options) as program:
            program.wait_for('as of')
            program.start()
            ratios = []
            for i, key in enumerate(['PgDn'] * 7 + ['End', 'Home']):
                before = program.text().split('\n')
                sample = program.press(key)
                if i > 0:  # the first page down stays on the page
                    ratios.append(sample.bytes / page_floor(before, program.text().split('\n')))
        line(' '.join(('pail',) + options), ratios, 'of the floor', 3, goal='<= 1.05')


def callgrind(n, keys):
    """Instructions that pail spends on its start and these keys."""
    service = Service.of(n)
    with tempfile.TemporaryDirectory() as scratch:
        out = os.path.join(scratch, 'out')
        command = ['valgrind', '--tool=callgrind', '--callgrind-out-file=' + out, '--log-file=' + os.path.join(scratch, 'log'),
                   os.path.join(BUILD, 'pail'), '--url', service.url]
        env = dict(HOME, INFINSTOR_TOKEN_FILE_DIR=service.token_dir, XDG_STATE_HOME=HOME['HOME'])
        with rig.Program(command, env, quiet=1.0) as program:
            program.wait_for('as of')
            program.start()
            for key in keys:
                program.press(key)
            os.write(program.fd, b'q')
            while program.read(5):
                pass
            os.waitpid(program.pid, 0)
            program.pid = 0
        return int(re.search(r'^(?:summary|totals): (\d+)', open(out).read(), re.M).group(1))


def instructions(n=10000):
    if not has('valgrind'):
        say('\ninstructions: valgrind is not installed')
        return
    say('\ninstructions for a key, %d rows (callgrind; the difference of two runs of 10 keys)' % n)
    start = callgrind(n, ['Down'] * 10)
    down = (callgrind(n, ['Down'] * 20) - start) / 10
    page = (callgrind(n, ['Down'] * 10 + ['PgDn'] * 10) - start) / 10
    say('  %-34s %.0f thousand   goal: <= 350' % ('Down', down / 1000))
    say('  %-34s %.0f thousand   goal: <= 4000' % ('page down', page / 1000))


if __name__ == '__main__':
    run({'moves': bytes_of_moves, 'floor': against_floor, 'filter': filter_key, 'reload': reload, 'writes': writes,
         'instructions': instructions}, __doc__)
