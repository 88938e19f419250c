#!/usr/bin/python3
"""How fast the dashboard is, beside other programs that show lists, on made-up tables at 120x40.

usage: tests/bench/dashboard.py BUILD [PART...]

parts     start load filter sort idle     all of them if none is named; `quick` leaves 1,000,000 rows out
peers     those that are installed of pspg fzf ncdu nnn mc tig less (Debian's packages); a missing one is left out
figures   what is compared takes turns in one run; median (lowest-highest) of 5; milliseconds are this machine's, ratios are
          what counts. Nothing here fails a test.

pail reads from bucketd on loopback, the others from files in the memory of the machine.
"""
import re, statistics, subprocess, sys, time

from beside import TURNS, Service, data, folder, has, in_turns, line, lists, pail, peer, run, say
from service import LIST_BODY


def start():
    say('\nstart to a full first screen, 100 rows')
    others = {name: (make, ready) for name, (make, ready, _, _) in lists(100).items() if not name.startswith('pail')}
    programs = {'pail, frame': (lambda: pail(100), 'pail .*127'), 'pail, rows': (lambda: pail(100), r'acme-\w+-\w+'), **others}

    def measure(name, program):
        program.start()
        return program.wait_for(programs[name][1]), program.memory()
    seen = in_turns({name: make for name, (make, _) in programs.items()}, measure)
    base = [ms for ms, _ in seen['pspg']] if 'pspg' in seen else None
    goals = {'pail, frame': '<= 1.25 x pspg', 'pail, rows': '<= 2 x pspg, <= 14 MB'}
    for name, values in seen.items():
        line(name, [ms for ms, _ in values], base=base, goal=goals.get(name, ''))
    for name, values in seen.items():
        line(name + ', memory', [mb for _, mb in values], 'MB')


def transfer(n):
    service = Service.of(n)
    out = subprocess.run(['curl', '-s', '-o', '/dev/null', '-w', '%{time_total}', '-H', 'Authorization: ' + service.admin, '-d', LIST_BODY,
                          service.url + '/customerinfo'], capture_output=True, check=True)
    return float(out.stdout) * 1000


def load(n):
    say('\nload %d rows' % n)
    seen = {'pail': [], 'transfer': [], 'beyond': [], 'cpu': [], 'memory': [], 'first rows': [], 'pspg': [], 'ncdu': [], 'fzf -e': []}
    for _ in range(TURNS if n <= 100000 else 3):
        before = transfer(n)
        with pail(n) as program:
            program.start()
            seen['first rows'].append(program.wait_for(r'acme-\w+-\w+'))
            ms = program.wait_for('as of')
            program.start()
            seen['cpu'].append(program.cpu() * 1000)
            seen['memory'].append(program.memory())
        seen['pail'].append(ms)
        seen['transfer'].append(before)
        seen['beyond'].append(max(0, ms - before))
        if has('pspg'):
            with peer('pspg', '--csv', '-f', data(n, 'csv')) as program:
                program.start()
                seen['pspg'].append(program.wait_for('acme|titan|kepler|us-'))
        if has('ncdu'):
            with peer('ncdu', '-f', data(n, 'ncdu')) as program:
                program.start()
                seen['ncdu'].append(program.wait_for('-prod-'))
        if has('fzf'):
            with peer('fzf', '-e', stdin=data(n, 'txt')) as program:
                program.start()
                seen['fzf -e'].append(program.wait_for('%d/%d' % (n, n)))
    base = seen['pspg'] or None
    line('pail, first rows', seen['first rows'])
    line('pail, all rows', seen['pail'], base=base)
    line('  the transfer alone (curl)', seen['transfer'])
    line('  beyond the transfer', seen['beyond'], base=base, goal='<= 0.5 x pspg')
    line('  CPU time', seen['cpu'])
    line('  memory', seen['memory'], 'MB', goal='<= 35 MB' if n == 100000 else '<= 200 MB')
    for name in ('pspg', 'ncdu', 'fzf -e'):
        if seen[name]:
            line(name, seen[name])


def filter_keys(n):
    say('\na filter key, names of %d rows: to the first and to the last byte' % n)
    keys = 'bucket'
    programs = {'pail': (lambda: pail(n), 'as of', '/')}
    if has('fzf'):
        programs['fzf -e'] = (lambda: peer('fzf', '-e', stdin=data(n, 'names'), quiet=0.15), '%d/%d' % (n, n), '')
    if has('nnn') and n <= 100000:
        programs['nnn'] = (lambda: peer('nnn', folder(n), quiet=0.15), 'acme', '/')
    seen = {name: {key: [] for key in keys} for name in programs}
    for _ in range(TURNS if n < 1000000 else 3):
        for name, (make, ready, before) in programs.items():
            with make() as program:
                program.wait_for(ready)
                program.start()
                for key in before:
                    program.press(key)
                for key in keys:
                    seen[name][key].append(program.press(key))
    for key in keys:
        last = {name: [sample.last for sample in seen[name][key]] for name in programs}
        line('pail, %s, first byte' % key, [sample.first for sample in seen['pail'][key]], goal='<= 16 ms')
        line('pail, %s, last byte' % key, last['pail'], base=last.get('fzf -e'), goal='<= 0.4 x fzf -e')
        for name in list(programs)[1:]:
            line('%s, %s, last byte' % (name, key), last[name])


def sort(n):
    """bucketd lists by name, so that this order is there already: each column is sorted by, and the slowest counts."""
    say('\nsort %d rows: CPU time' % n)
    seen = {'pail': [], 'pspg': [], 'ncdu': []}
    for _ in range(TURNS if n < 1000000 else 3):
        with pail(n) as program:
            program.wait_for('as of')
            program.start()
            seen['pail'].append(max(program.press('o').cpu for _ in range(6)))
        if has('pspg'):
            with peer('pspg', '--csv', '--vertical-cursor', '-f', data(n, 'csv')) as program:
                program.wait_for('acme|titan|kepler|us-')
                program.start()
                seen['pspg'].append(program.press('a').cpu)
        if has('ncdu'):
            with peer('ncdu', '-f', data(n, 'ncdu')) as program:
                program.wait_for('-prod-')
                program.start()
                seen['ncdu'].append(program.press('n').cpu)
    base = seen['pspg'] or None
    line('pail, its slowest column', seen['pail'], base=base, goal='<= 0.25 x pspg')
    for name in ('pspg', 'ncdu'):
        if seen[name]:
            line(name + ', by name', seen[name])


def idle(seconds=60):
    say('\nidle for %d s, nothing changes' % seconds)
    waits = lambda pid: int(re.search(r'\nvoluntary_ctxt_switches:\s+(\d+)', open('/proc/%d/status' % pid).read()).group(1))
    with pail(100) as program:
        program.wait_for('as of')
        program.start()
        before, used = waits(program.pid), program.cpu()
        written = 0
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if program.read(end - time.monotonic()):
                written += len(program.pieces[-1][1])
        say('  %d bytes, %.1f ms of CPU, %d wake-ups' % (written, (program.cpu() - used) * 1000, waits(program.pid) - before))


if __name__ == '__main__':
    sizes = (100000,) if 'quick' in sys.argv else (100000, 1000000)
    run({'start': start, 'load': lambda: [load(n) for n in sizes], 'filter': lambda: [filter_keys(n) for n in (10000,) + sizes],
         'sort': lambda: [sort(n) for n in sizes], 'idle': idle}, __doc__)
