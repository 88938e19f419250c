#!/usr/bin/python3
"""Each signal that can end pail, and a terminal that goes, in each thing that pail may be doing: the terminal is given
back, pail ends at once, and what it keeps on the disk is whole.

Three cases at a time: a case waits for a program that draws, not for the processor.
"""
import concurrent.futures, json, os, shutil, signal, sys, tempfile, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tap
from dashboard import PAIL
from service import Fake, hang, table_answer, token_file, write_private
from tui import Tui

AT_A_TIME = 3
LIMIT = 1.0      # seconds from the signal to the end
CPU_LIMIT = 0.3  # seconds of processor time from the signal on
CHANGE = '/add-mod-del-bucket'
MANY = 20  # entries that are changed at once
ENTRY = {'bucketname': 'testb3', 'cloud': 'aws', 'accessRole': 'aaaa', 'accessRoleExt': 'bbbb'}

# A sanitizer that handles SIGSEGV itself would end pail with a status of its own; looking for leaks takes longer than
# LIMIT on a busy machine, and other tests do.
ASAN = 'handle_segv=0:handle_sigbus=0:handle_abort=0:detect_leaks=0'

# Runs its arguments on a terminal that isn't the controlling one: the system sends no SIGHUP when it goes.
UNTOLD = r"""
import fcntl, os, signal, sys, termios
signal.signal(signal.SIGHUP, signal.SIG_IGN)
fcntl.ioctl(0, termios.TIOCNOTTY)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])
"""

# Runs its arguments as a shell does: as a job of their own in the foreground, which ^Z can stop.
JOB = r"""
import os, signal, sys
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
child = os.fork()
if child == 0:
    os.setpgid(0, 0)
    os.tcsetpgrp(0, os.getpid())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    os.execv(sys.argv[1], sys.argv[1:])
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 127)
"""

ENDS = [signal.SIGHUP, signal.SIGTERM, signal.SIGINT, signal.SIGQUIT]  # orderly: the status is 128 and the number
CRASHES = [signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS]              # it dies by the signal


class Stage:
    """A service that answers, and pail on a pty, with folders of its own."""

    def __init__(self, listing=None, under=None, command=()):
        self.dir = tempfile.mkdtemp(prefix='pail-')
        write_private(os.path.join(self.dir, 'token'), token_file('t'))
        self.fake = Fake({'/customerinfo': listing or table_answer([ENTRY]), CHANGE: hang()})
        self.under, self.command = under, command  # under: what runs it, a program of Python

    def __enter__(self):
        self.fake.__enter__()
        env = dict(INFINSTOR_TOKEN_FILE_DIR=self.dir, HOME=self.dir, XDG_CONFIG_HOME=self.dir,
                   XDG_STATE_HOME=os.path.join(self.dir, 'state'),
                   ASAN_OPTIONS=':'.join(filter(None, [os.environ.get('ASAN_OPTIONS'), ASAN])))
        command = [PAIL, '--url', self.fake.url, *self.command]
        if self.under:
            command = ['/usr/bin/python3', '-c', self.under] + command
        self.tui = Tui(command, env=env)
        return self

    def __exit__(self, *why):
        self.tui.kill()
        self.fake.__exit__()
        shutil.rmtree(self.dir, ignore_errors=True)

    def cpu(self):
        """Seconds of processor time that pail has used."""
        with open('/proc/%d/stat' % self.tui.pid) as file:
            fields = file.read().rpartition(')')[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')

    def end(self, act, read=True):
        """Does what ends pail: exit status, seconds until then, processor time of it."""
        cpu, start = self.cpu(), time.monotonic()
        act()
        while True:
            if read:
                self.tui.pump(0.005)
            else:
                time.sleep(0.005)
            pid, status, used = os.wait4(self.tui.pid, os.WNOHANG)
            took = time.monotonic() - start
            if pid:
                self.tui.status = os.waitstatus_to_exitcode(status)
                return self.tui.status, took, used.ru_utime + used.ru_stime - cpu
            assert took < 10 * LIMIT, 'still running after %g s; the screen is\n%s' % (took, self.tui.text())

    def kept(self):
        """Files that pail has written down, but for those that are there to be locked."""
        found = []
        for folder, _, names in os.walk(os.path.join(self.dir, 'state')):
            found += [os.path.join(folder, name) for name in names if not name.endswith(('.lock', '.running'))]
        return sorted(found)

    def journal(self):
        """Its lines about changes."""
        try:
            with open(os.path.join(self.dir, 'state', 'pail', 'journal.jsonl')) as file:
                return [line for line in map(json.loads, file) if line['kind'] in ('intent', 'outcome')]
        except FileNotFoundError:
            return []

    def check_draft(self, doing, orderly):
        """A form that was filled in is kept, but for a crash."""
        kept = os.path.exists(os.path.join(self.dir, 'state', 'pail', 'draft.json'))
        assert kept == (orderly and doing in ('form', 'review', 'sending', 'bulk', 'conflict')), kept

    def check_disk(self):
        """Every line of the journal, and whatever else is kept, is whole."""
        for path in self.kept():
            with open(path, 'rb') as file:
                data = file.read()
            assert os.stat(path).st_mode & 0o777 == 0o600, path
            if path.endswith('.jsonl'):
                assert data.endswith(b'\n') or not data, '%s ends in the middle of a line' % path
                for line in data.splitlines():
                    json.loads(line)
            else:
                assert path.endswith('.json'), '%s was left behind' % path
                json.loads(data)


# ---- what pail is doing --------------------------------------------------------------------------

def to_list(stage):
    stage.tui.wait_for('testb3')
    stage.tui.wait_for('as of')


def to_form(stage):
    to_list(stage)
    stage.tui.keys('ehttps://mine.example.com')
    stage.tui.wait_for('mine.example.com')


def to_review(stage):
    to_form(stage)
    stage.tui.keys('<F2>')
    stage.tui.wait_for('review: modify testb3')


def to_sending(stage):
    to_review(stage)
    stage.tui.keys('<Enter>', quiet=0)
    assert len(stage.fake.wait_for(1)) == 1
    stage.tui.wait_for('sending')


def to_bulk(stage):
    """Eight are under way, the others wait."""
    to_list(stage)
    stage.tui.keys('Abendpoint<Enter>')
    stage.tui.keys('https://mine.example.com<F2>')
    stage.tui.wait_for('review: modify %d entries' % MANY)
    stage.tui.keys('<Shift-Tab><Enter>', quiet=0)
    assert len(stage.fake.wait_for(8)) == 8
    stage.tui.wait_for('under way: testb3')


def to_conflict(stage):
    to_review(stage)
    stage.fake.answer['/customerinfo'] = table_answer([dict(ENTRY, endpoint='https://theirs.example.com')])
    stage.tui.keys('<Enter>')
    stage.tui.wait_for('conflict: testb3')


def to_first_reading(stage):
    stage.tui.wait_for('Esc')
    assert stage.fake.wait_for(1, '/customerinfo')


# name: (how to get there, what the service answers to a reading). Each gets every signal, and a terminal that goes.
DOINGS = {
    'list': (to_list, None),
    'form': (to_form, None),
    'review': (to_review, None),
    'sending': (to_sending, None),
    'bulk': (to_bulk, table_answer([ENTRY] + [dict(ENTRY, bucketname='testc%02d' % i) for i in range(MANY - 1)])),
    'conflict': (to_conflict, None),
    'start_up': (to_first_reading, hang()),
}


CHANGES = {'sending': 1, 'bulk': MANY}  # how many were confirmed by then
POSTS = {'bulk': 8}                      # how many may have arrived, where it isn't one at most


# ---- a case --------------------------------------------------------------------------------------

figures = []  # (seconds, processor time)


def check_end(stage, wanted, act, read=True, most=1):
    status, took, cpu = stage.end(act, read)
    figures.append((took, cpu))
    assert status == wanted, 'ended with %d, not %d' % (status, wanted)
    assert took < LIMIT, 'took %.2f s to end' % took
    assert cpu < CPU_LIMIT, 'used %.2f s of the processor to end' % cpu
    stage.check_disk()
    assert len(stage.fake.bodies()) <= most


def signal_in(doing, number):
    go, listing = DOINGS[doing]
    with Stage(listing) as stage:
        go(stage)
        check_end(stage, -number if number in CRASHES else 128 + number, lambda: os.kill(stage.tui.pid, number), most=POSTS.get(doing, 1))
        stage.tui.pump(0)
        stage.tui.check_given_back()
        stage.check_draft(doing, number in ENDS)
        kinds = [line['kind'] for line in stage.journal()]
        count = CHANGES.get(doing, 0)
        wanted = ['intent'] * count + ['outcome'] * (0 if number in CRASHES else count)
        assert kinds == wanted, kinds
        told = b'unknown outcome' in stage.tui.raw
        assert told == (doing in CHANGES and number in ENDS), 'what is unknown must be told, and no more'


def hang_up(stage):
    os.close(stage.tui.fd)
    stage.tui.fd = -1


def hang_up_in(doing):
    go, listing = DOINGS[doing]
    with Stage(listing) as stage:
        go(stage)
        check_end(stage, 128 + signal.SIGHUP, lambda: hang_up(stage), read=False, most=POSTS.get(doing, 1))
        stage.check_draft(doing, True)


def hang_up_untold(doing):
    """Nobody tells it but the terminal itself."""
    go, listing = DOINGS[doing]
    with Stage(listing, under=UNTOLD) as stage:
        go(stage)
        check_end(stage, 128 + signal.SIGHUP, lambda: hang_up(stage), read=False, most=POSTS.get(doing, 1))
        stage.check_draft(doing, True)


def two_signals(doing):
    """Somebody who is impatient: the second one comes while the first is obeyed."""
    go, listing = DOINGS[doing]
    with Stage(listing) as stage:
        go(stage)

        def both():
            os.kill(stage.tui.pid, signal.SIGTERM)
            os.kill(stage.tui.pid, signal.SIGHUP)
        status, took, _ = stage.end(both)
        assert status in (128 + signal.SIGTERM, 128 + signal.SIGHUP) and took < LIMIT, (status, took)
        stage.tui.check_given_back()
        assert (b'unknown outcome' in stage.tui.raw) == (doing in CHANGES)


def signal_at(delay, number):
    """Whatever it is at then: loading, opening the terminal, asking, drawing."""
    with Stage() as stage:
        time.sleep(delay)
        status, took, _ = stage.end(lambda: os.kill(stage.tui.pid, number))
        assert status in (-number, 128 + number) and took < LIMIT, (status, took)
        assert stage.tui.settings() == stage.tui.before, 'the tty has other modes than before'
        assert not stage.tui.raw or b'\x1b[?1049h' not in stage.tui.raw or stage.tui.last(b'\x1b[?1049h', b'\x1b[?1049l')
        stage.check_disk()


def signal_while_nothing_is_read(number):
    """The terminal takes no more: what gives it back is still waited for, but not for long."""
    with Stage() as stage:
        to_list(stage)
        for _ in range(100):  # frames of some 2 KB each, until the pty is full
            os.write(stage.tui.fd, b'\x0c')
            time.sleep(0.01)
        status, took, cpu = stage.end(lambda: os.kill(stage.tui.pid, number), read=False)
        assert status in (-number, 128 + number) and took < 2 * LIMIT and cpu < CPU_LIMIT, (status, took, cpu)
        assert stage.tui.settings() == stage.tui.before, 'the tty has other modes than before'


def ignored(number):
    """As nohup has it: it stays so."""
    under = 'import os, signal, sys; signal.signal(%d, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])' % number
    with Stage(under=under) as stage:
        to_list(stage)
        os.kill(stage.tui.pid, number)
        to_form(stage)
        check_end(stage, 128 + signal.SIGTERM, lambda: os.kill(stage.tui.pid, signal.SIGTERM))


ASKS = 'add newb --cloud aws --access-key-id AKIA --secret-access-key-file -'.split()


def ask_for_a_secret(number):
    """The command line has switched off the echo."""
    with Stage(command=ASKS) as stage:
        stage.tui.wait_for('Secret access key:')
        assert stage.tui.settings() != stage.tui.before
        status, took, _ = stage.end(lambda: os.kill(stage.tui.pid, number))
        assert status == -number and took < LIMIT, (status, took)
        assert stage.tui.settings() == stage.tui.before, 'the tty has other modes than before'
        assert stage.fake.bodies() == []


def stop_while_asking_for_a_secret():
    """^Z: the shell has its echo meanwhile, and the question comes again."""
    with Stage(command=ASKS, under=JOB) as stage:
        stage.tui.wait_for('Secret access key:')
        with open('/proc/%d/task/%d/children' % (stage.tui.pid, stage.tui.pid)) as file:
            pail = int(file.read())
        os.write(stage.tui.fd, b'half of it\x1a')
        state = lambda: open('/proc/%d/stat' % pail).read().rpartition(')')[2].split()[0]
        until = time.monotonic() + 5
        while state() != 'T' and time.monotonic() < until:
            time.sleep(0.01)
        assert state() == 'T', state()
        assert stage.tui.settings() == stage.tui.before, 'the tty has other modes than before'
        asked = stage.tui.raw.count(b'Secret access key:')
        os.kill(pail, signal.SIGCONT)
        while stage.tui.raw.count(b'Secret access key:') == asked and time.monotonic() < until:
            stage.tui.pump(0.01)
        assert stage.tui.settings() != stage.tui.before
        os.write(stage.tui.fd, b's3cr3t-typed\n')
        stage.tui.wait_for('Send it')
        assert stage.tui.settings() == stage.tui.before
        assert b's3cr3t' not in stage.tui.raw
        os.write(stage.tui.fd, b'y\n')
        assert b's3cr3t-typed' in stage.fake.wait_for(1)[0] and b'half' not in stage.fake.bodies()[0]
        os.kill(pail, signal.SIGKILL)


# ---- all of them ---------------------------------------------------------------------------------

CASES = {}
for doing_ in DOINGS:
    for number_ in ENDS + CRASHES:
        CASES['%s_in_%s' % (number_.name, doing_)] = (signal_in, doing_, number_)
    CASES['hang_up_in_%s' % doing_] = (hang_up_in, doing_)
for doing_ in 'list', 'form', 'sending', 'bulk':
    CASES['hang_up_untold_in_%s' % doing_] = (hang_up_untold, doing_)
    CASES['two_signals_in_%s' % doing_] = (two_signals, doing_)
for number_ in signal.SIGTERM, signal.SIGSEGV:
    CASES['%s_while_nothing_is_read' % number_.name] = (signal_while_nothing_is_read, number_)
for number_ in ENDS + CRASHES:
    CASES['%s_while_asking_for_a_secret' % number_.name] = (ask_for_a_secret, number_)
for number_ in signal.SIGHUP, signal.SIGINT:
    CASES['%s_that_is_ignored' % number_.name] = (ignored, number_)
CASES['stop_while_asking_for_a_secret'] = (stop_while_asking_for_a_secret,)
for step in range(12):
    CASES['SIGTERM_after_%d_ms' % (10 * step)] = (signal_at, step / 100, signal.SIGTERM)


def main():
    chosen = {name: case for name, case in CASES.items() if not sys.argv[2:] or
              any(word in 'test_' + name for word in sys.argv[2:])}
    with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
        results = {name: pool.submit(*case) for name, case in chosen.items()}
        tests = {'test_' + name: future.result for name, future in results.items()}
        start = time.monotonic()
        try:
            tap.main(tests)
        finally:
            worst = [max(column, default=0) for column in zip(*figures)] or [0, 0]
            print('# figures: signals: %d cases in %.1f s; ended after at most %.2f s, with at most %.2f s of the processor'
                  % (len(chosen), time.monotonic() - start, *worst))


if __name__ == '__main__':
    main()
