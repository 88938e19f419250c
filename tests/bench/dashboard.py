#!/usr/bin/python3
"""The dashboard beside other programs that show lists, on made-up tables at 120x40.   usage: tests/bench/dashboard.py BUILD [PART...]

parts     start load filter sort bytes instructions idle      all of them if none is named; `million` adds 1,000,000 rows
peers     those that are installed of pspg fzf ncdu nnn mc tig less (Debian's packages); a missing one is left out
figures   what is compared takes turns in one run; median (lowest-highest) of 5; milliseconds are this machine's, ratios and
          bytes are what counts. Nothing here fails a test: bytes are held by tests/e2e/bytes_test.py.

pail reads from bucketd on loopback, the others from files in the memory of the machine. Tables are kept in
$TMPDIR/pail-bench for the next run.
"""
import os, re, shutil, statistics, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), 'e2e'))
import rig, tables
from service import LIST_BODY, Bucketd

BUILD = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else ''
PARTS = ('start', 'load', 'filter', 'sort', 'bytes', 'instructions', 'idle')
DATA = os.path.join(tempfile.gettempdir(), 'pail-bench')
TURNS = 5


def say(text=''):
    print(text, flush=True)


def figure(values, unit='ms', digits=1):
    return '%.*f %s (%.*f-%.*f)' % (digits, statistics.median(values), unit, digits, min(values), digits, max(values))


def line(name, values, unit='ms', digits=1, base=None, goal=''):
    ratio = '  %.2f x' % (statistics.median(values) / statistics.median(base)) if base else ''
    say('  %-34s %-30s%s%s' % (name, figure(values, unit, digits), ratio, '   goal: ' + goal if goal else ''))


def data(n, form):
    os.makedirs(DATA, exist_ok=True)
    path = os.path.join(DATA, '%d.%s' % (n, form))
    if not os.path.exists(path):
        os.rename(tables.make(n, form, path + '.new'), path)
    return path


def has(name):
    return shutil.which(name) is not None


HOME = {'HOME': os.path.join(DATA, 'home'), 'XDG_CONFIG_HOME': os.path.join(DATA, 'home')}


class Service:
    """bucketd with n rows, kept for as long as this runs."""
    running = {}

    @classmethod
    def of(cls, n):
        if n not in cls.running:
            cls.running[n] = Bucketd(BUILD, options=['--seed', data(n, 'json')], patience=300).__enter__()
        return cls.running[n]

    @classmethod
    def end(cls):
        for service in cls.running.values():
            service.__exit__()


def pail(n, *options, quiet=0.06):
    service = Service.of(n)
    return rig.Program([os.path.join(BUILD, 'pail'), '--url', service.url, *options],
                       dict(HOME, INFINSTOR_TOKEN_FILE_DIR=service.token_dir, XDG_STATE_HOME=HOME['HOME']), quiet=quiet)


def peer(*command, stdin=None, quiet=0.06):
    return rig.Program(list(command), HOME, stdin=stdin, quiet=quiet)


def in_turns(programs, measure):
    """{name: make} -> {name: [value, ...]}; measure(program) gives a value or a dictionary of them."""
    seen = {}
    for _ in range(TURNS):
        for name, make in programs.items():
            with make() as program:
                seen.setdefault(name, []).append(measure(name, program))
    return seen


# ---- parts

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


def moves(program, end, home):
    figures = {'Down': statistics.median(program.press('Down').bytes for _ in range(10))}
    program.press('Down', 40)
    figures['scrolls'] = statistics.median(program.press('Down').bytes for _ in range(10))
    figures['page'] = statistics.median(program.press('PgDn').bytes for _ in range(5))
    burst = program.press('Down', 50)
    figures['50 Downs'], figures['pieces'], figures['ms'] = burst.bytes, burst.pieces, burst.last
    figures['End'], figures['Home'] = program.press(end).bytes, program.press(home).bytes
    return figures


def folder(n):
    """A folder with an empty file for each bucket, for nnn and mc."""
    path = os.path.join(DATA, 'files%d' % n)
    if not os.path.isdir(path):
        os.mkdir(path)
        for bucket in tables.buckets(n):
            open(os.path.join(path, bucket[0]), 'w').close()
    return path


def history(n):
    """A repository with a commit for each bucket, for tig."""
    path = os.path.join(DATA, 'commits%d' % n)
    if not os.path.isdir(path):
        subprocess.run(['git', 'init', '-q', '-b', 'main', path], check=True)
        stream = ''.join('commit refs/heads/main\ncommitter A U Thor <a@example.com> %d +0000\ndata %d\nchange %s\n'
                         % (1500000000 + 60 * i, 7 + len(bucket[0]), bucket[0]) for i, bucket in enumerate(tables.buckets(n)))
        subprocess.run(['git', '-C', path, 'fast-import', '--quiet'], input=stream.encode(), check=True)
    return path


def bytes_of_moves(n=10000):
    say('\nbytes at the terminal for a move, %d rows; the last three: 50 Downs in one write, in pieces, ms to the last' % n)
    programs = {'pail': (lambda: pail(n), 'as of', 'End', 'Home'),
                'pail --thrifty': (lambda: pail(n, '--thrifty'), 'as of', 'End', 'Home')}
    if has('pspg'):
        programs['pspg'] = (lambda: peer('pspg', '--csv', '-f', data(n, 'csv')), 'us-|eu-', 'G', 'g')
    if has('less'):
        programs['less'] = (lambda: peer('less', '-S', data(n, 'txt')), 'us-|eu-', 'G', 'g')
    if has('ncdu'):
        programs['ncdu'] = (lambda: peer('ncdu', '-f', data(n, 'ncdu')), '-prod-', 'End', 'Home')
    if has('nnn'):
        programs['nnn'] = (lambda: peer('nnn', folder(n)), 'acme', 'G', 'g')
    if has('mc'):
        programs['mc'] = (lambda: peer('mc', '-u', folder(n), folder(n)), 'acme', 'End', 'Home')
    if has('tig'):
        programs['tig'] = (lambda: peer('env', '-C', history(n), 'tig', 'main'), 'change', 'End', 'Home')
    columns = ('Down', 'scrolls', 'page', 'End', 'Home', '50 Downs', 'pieces', 'ms')
    say('  %-16s' % '' + ''.join('%10s' % column for column in columns))
    for name, (make, ready, end, home) in programs.items():
        with make() as program:
            program.wait_for(ready)
            program.start()
            seen = moves(program, end, home)
        say('  %-16s' % name + ''.join('%10g' % round(seen[column], 1) for column in columns))
    say('  %-16s' % 'goals' + '%10s%10s%10s%10s%10s%10s%10s%10s' % ('150/32', '240/140', '', '', '', '4000', '2', '3'))


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


def main():
    parts = [part for part in sys.argv[2:] if part != 'million'] or PARTS
    sizes = (100000, 1000000) if 'million' in sys.argv else (100000,)
    os.makedirs(HOME['HOME'], exist_ok=True)
    run = {'start': start, 'load': lambda: [load(n) for n in sizes], 'filter': lambda: [filter_keys(n) for n in (10000,) + sizes],
           'sort': lambda: [sort(n) for n in sizes], 'bytes': lambda: [bytes_of_moves(), against_floor()], 'instructions': instructions, 'idle': idle}
    if not BUILD or any(part not in run for part in parts):
        sys.exit(__doc__)
    try:
        for part in parts:
            run[part]()
    finally:
        Service.end()


if __name__ == '__main__':
    main()
