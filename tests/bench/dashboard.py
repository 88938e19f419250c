#!/usr/bin/python3
"""How fast the dashboard is, beside other programs that show lists, on made-up tables at 120x40.

usage: tests/bench/dashboard.py BUILD [PART...]

parts     start load filter sort idle     all of them if none is named; `million` adds 1,000,000 rows
peers     those that are installed of pspg fzf ncdu less (Debian's packages); a missing one is left out
figures   what is compared takes turns in one run; median (lowest-highest) of 5; milliseconds are this machine's, ratios are
          what counts. Nothing here fails a test.

pail reads from bucketd on loopback, the others from files in the memory of the machine.
"""
import re, statistics, subprocess, sys, time

from beside import TURNS, Service, data, has, in_turns, line, pail, peer, run, say
from service import LIST_BODY


def start():
    say('\nstart to a full first screen, 100 rows')
    wanted = {'pail, frame': 'pail .*127', 'pail, rows': r'acme-\w+-\w+', 'pspg': r'titan|acme', 'less': 'acme|titan', 'ncdu': 'acme|titan'}
    programs = {'pail, frame': lambda: pail(100), 'pail, rows': lambda: pail(100)}
    if has('pspg'):
        programs['pspg'] = lambda: peer('pspg', '--csv', '-f', data(100, 'csv'))
    if has('less'):
        programs['less'] = lambda: peer('less', '-S', data(100, 'txt'))
    if has('ncdu'):
        programs['ncdu'] = lambda: peer('ncdu', '-f', data(100, 'ncdu'))

    def measure(name, program):
        ms = program.wait_for(wanted[name])
        program.start()
        return ms, program.memory()
    seen = in_turns(programs, measure)
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
                seen['pspg'].append(program.wait_for('acme|titan|kepler|us-'))
        if has('ncdu'):
            with peer('ncdu', '-f', data(n, 'ncdu')) as program:
                seen['ncdu'].append(program.wait_for('-prod-'))
        if has('fzf'):
            with peer('fzf', '-e', stdin=data(n, 'txt')) as program:
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
    pails = {key: [] for key in keys}
    peers = {key: [] for key in keys}
    for _ in range(TURNS if n < 1000000 else 3):
        with pail(n) as program:
            program.wait_for('as of')
            program.start()
            program.press('/')
            for key in keys:
                pails[key].append(program.press(key))
        if has('fzf'):
            with peer('fzf', '-e', stdin=data(n, 'names'), quiet=0.15) as program:
                program.wait_for('%d/%d' % (n, n))
                program.start()
                for key in keys:
                    peers[key].append(program.press(key))
    for key in keys:
        base = [sample.last for sample in peers[key]] or None
        line('pail, %s, first byte' % key, [sample.first for sample in pails[key]], goal='<= 16 ms')
        line('pail, %s, last byte' % key, [sample.last for sample in pails[key]], base=base, goal='<= 0.4 x fzf -e')
        if base:
            line('fzf -e, %s, last byte' % key, base)


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
    sizes = (100000, 1000000) if 'million' in sys.argv else (100000,)
    run({'start': start, 'load': lambda: [load(n) for n in sizes], 'filter': lambda: [filter_keys(n) for n in (10000,) + sizes],
         'sort': lambda: [sort(n) for n in sizes], 'idle': idle}, __doc__)
