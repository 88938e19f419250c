"""What the benchmarks of the dashboard share: pail on a bucketd with so many rows, the programs beside it, and the lines of
figures. BUILD is the first argument of whatever runs.

Tables are kept in $TMPDIR/pail-bench for the next run.
"""
import os, shutil, statistics, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), 'e2e'))
import rig, tables
from service import Bucketd

BUILD = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else ''
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

# ---- all of them

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


def lists(n):
    """{name: (make, what the screen has once it is there, key to the end, key to the beginning)}"""
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
    if has('fzf'):
        programs['fzf -e'] = (lambda: peer('fzf', '-e', stdin=data(n, 'names'), quiet=0.15), '%d/%d' % (n, n), None, None)
    return programs


def run(parts, doc):
    """Runs the parts that the arguments name, or all of them; {name: function}."""
    wanted = [part for part in sys.argv[2:] if part != 'quick'] or list(parts)
    if not BUILD or any(part not in parts for part in wanted):
        sys.exit(doc)
    os.makedirs(HOME['HOME'], exist_ok=True)
    try:
        for part in wanted:
            parts[part]()
    finally:
        Service.end()
