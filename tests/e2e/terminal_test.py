#!/usr/bin/python3
"""A real tty: what pail does to it, and that it gets it back however pail ends."""
import fcntl, os, random, re, select, shutil, signal, struct, subprocess, sys, tempfile, termios, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tap
from service import Fake, table_answer, token_file, write_private
from tui import Tui

TABLE = [{'bucketname': 'bucket-%02d' % i, 'cloud': 'aws', 'accessRole': 'arn:aws:iam::111122223333:role/r'}
         for i in range(40)]

# Runs its arguments as a shell's foreground job: when they stop it says so, and on a line "fg" lets them go on.
JOB = r"""
import os, signal, sys
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
pid = os.fork()
if pid == 0:
    os.setpgid(0, 0)
    os.tcsetpgrp(0, os.getpid())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    os.execv(sys.argv[1], sys.argv[1:])
while True:
    _, status = os.waitpid(pid, os.WUNTRACED)
    if not os.WIFSTOPPED(status):
        sys.exit(os.waitstatus_to_exitcode(status))
    os.tcsetpgrp(0, os.getpgrp())
    print('STOPPED', flush=True)
    sys.stdin.readline()
    os.tcsetpgrp(0, pid)
    os.kill(-pid, signal.SIGCONT)
"""


class Pail(Tui):
    """pail on a table of 40 entries, or on a service of the test's."""

    def __init__(self, build, job=False, wait=True, **options):
        self.fake = Fake({'/customerinfo': table_answer(TABLE)}).__enter__()
        self.dir = tempfile.mkdtemp(prefix='pail-')
        write_private(os.path.join(self.dir, 'token'), token_file('t'))
        env = dict(INFINSTOR_TOKEN_FILE_DIR=self.dir, HOME=self.dir, XDG_CONFIG_HOME=self.dir)
        env.update(options.pop('env', {}))
        command = [os.path.join(build, 'pail'), '--url', self.fake.url]
        if job:
            command = ['/usr/bin/python3', '-c', JOB] + command
        super().__init__(command, env=env, **options)
        if wait:
            self.wait_for('bucket-03')

    def __exit__(self, *why):
        super().__exit__(*why)
        self.fake.__exit__()
        shutil.rmtree(self.dir)


def end_within(tui, seconds):
    """Waits for the program's end without reading what it writes; its exit status."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pid, status = os.waitpid(tui.pid, os.WNOHANG)
        if pid:
            tui.status = os.waitstatus_to_exitcode(status)
            return tui.status
        time.sleep(0.02)
    raise AssertionError('still running after %g s' % seconds)


def colours_and_attributes(tui):
    """The numbers of ECMA-48's SGR: 7 is reversed, colours begin at 30."""
    return {int(number or 0) for codes in re.findall(rb'\x1b\[([0-9;]*)m', tui.raw) for number in codes.split(b';')}


def test_quit_gives_it_back(build):
    with Pail(build) as tui:
        assert tui.settings() != tui.before
        tui.keys('q', quiet=0)
        assert tui.wait_end() == 0
        tui.check_given_back()


def test_signals_give_it_back(build):
    for number in signal.SIGTERM, signal.SIGHUP, signal.SIGINT:
        with Pail(build) as tui:
            tui.keys('%')  # with the mouse on
            os.kill(tui.pid, number)
            assert tui.wait_end() == 128 + number, tui.status
            tui.check_given_back()


def test_crashes_give_it_back(build):
    for number in signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL:
        with Pail(build) as tui:
            os.kill(tui.pid, number)
            status = tui.wait_end()
            assert status == -number or 'AddressSanitizer' in tui.raw.decode('utf-8', 'replace'), status
            tui.check_given_back()


def test_stop_and_go_on(build):
    with Pail(build, job=True) as tui:
        tui.keys('j', quiet=0.05)
        os.write(tui.fd, b'\x1a')
        tui.wait_for('STOPPED')
        tui.check_given_back()
        os.write(tui.fd, b'fg\n')
        tui.wait_for(lambda _: tui.last(b'\x1b[?1049l', b'\x1b[?1049h'))
        tui.settle()
        assert tui.last(b'\x1b[?2004l', b'\x1b[?2004h') and 'bucket-03' in tui.text()
        assert tui.settings() != tui.before
        tui.keys('q', quiet=0)
        assert tui.wait_end() == 0
        tui.check_given_back()


def child_of(parent):
    """The process whose parent it is, by /proc: ps isn't on every machine."""
    for name in os.listdir('/proc'):
        try:
            state = open('/proc/%s/stat' % name).read() if name.isdigit() else ''
        except OSError:
            continue
        if state and int(state.rpartition(')')[2].split()[1]) == parent:
            return int(name)
    raise AssertionError('%d has no child' % parent)


def test_stopped_by_others(build):
    """SIGSTOP can't be seen coming: whoever had the tty meanwhile may have left anything."""
    with Pail(build, job=True) as tui:
        pid = child_of(tui.pid)
        os.kill(pid, signal.SIGSTOP)
        tui.wait_for(lambda text: 'STOPPED' in text.replace('\n', ''))  # wherever the cursor was
        termios.tcsetattr(tui.fd, termios.TCSANOW, tui.before)
        os.write(tui.fd, b'fg\n')
        tui.wait_for(lambda _: tui.settings() != tui.before)
        tui.settle()
        tui.keys('q', quiet=0)
        assert tui.wait_end() == 0


def test_hang_up_ends_it(build):
    with Pail(build) as tui:
        os.close(tui.fd)
        tui.fd = -1
        assert end_within(tui, 1) == 128 + signal.SIGHUP


def test_terminal_that_does_not_read(build):
    with Pail(build) as tui:
        for _ in range(200):
            if select.select([], [tui.fd], [], 0)[1]:
                os.write(tui.fd, b'\x0c')
        time.sleep(0.2)
        os.kill(tui.pid, signal.SIGTERM)
        end_within(tui, 5)


def test_resize_at_any_time(build):
    chance = random.Random(1)
    sizes = [(1, 1), (3, 200), (200, 3), (10, 40), (9, 40), (24, 80), (0, 0), (60, 300)]
    with Pail(build, wait=False) as tui:
        for _ in range(60):
            rows, columns = chance.choice(sizes)
            fcntl.ioctl(tui.fd, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))
            os.write(tui.fd, chance.choice([b'j', b'G', b'g', b'd', b'\x1b', b'\x1b[6~']))
            tui.pump(chance.choice([0, 0, 0.01]))
        tui.settle()
        tui.resize(9, 40)
        tui.wait_for('40x10')
        tui.resize(24, 80)
        tui.keys('<Escape><Escape>')
        tui.keys('q', quiet=0)
        assert tui.wait_end() == 0
        tui.check_given_back()


def test_one_write_a_frame(build):
    """What is written at once is read at once, so a frame of more writes shows as more reads."""
    with Pail(build) as tui:
        tui.settle()
        reads = presses = 0
        for key in b'jjjjkkGgjjj':
            os.write(tui.fd, bytes([key]))
            presses += 1
            while select.select([tui.fd], [], [], 0.2)[0]:
                tui.stream.feed(os.read(tui.fd, 65536))
                reads += 1
        assert 0 < reads <= presses, '%d reads for %d keys' % (reads, presses)


def test_unknown_sequences_type_nothing(build):
    with Pail(build) as tui:
        before = tui.text()
        for data in b'\x1b[27;5~', b'\x1b[97;5u', b'\x1b]11;rgb:0/0/0\x07', b'\x1bP>|D q\x1b\\', b'\x1b[1;5D', b'\x1bD':
            os.write(tui.fd, data)
            tui.settle(0.1)
            assert tui.text() == before, data


def test_plain_terminal(build):
    with Pail(build, env=dict(TERM='vt100')) as tui:
        assert 7 in colours_and_attributes(tui) and max(colours_and_attributes(tui)) < 30
        tui.keys('q', quiet=0)
        assert tui.wait_end() == 0
        assert tui.settings() == tui.before
        assert b'$<' not in tui.raw, tui.raw[-80:]


def test_terminals_that_cannot(build):
    for kind in 'dumb', 'no-such-terminal', '', None:
        with Pail(build, wait=False, env=dict(TERM=kind)) as tui:
            assert tui.wait_end() == 2, (kind, tui.status)
            assert 'TERM' in tui.text() and tui.settings() == tui.before, (kind, tui.text())


def test_no_colour(build):
    with Pail(build, env=dict(NO_COLOR='1')) as tui:
        assert 7 in colours_and_attributes(tui) and max(colours_and_attributes(tui)) < 30
    with Pail(build) as tui:
        assert max(colours_and_attributes(tui)) >= 30


def test_c_locale_is_ascii(build):
    for env in dict(LC_ALL='C'), dict(LC_ALL=None, LANG='C'):
        with Pail(build, env=env) as tui:
            assert tui.text().isascii() and '-----' in tui.text()


def test_not_a_terminal(build):
    done = subprocess.run([os.path.join(build, 'pail'), '--url', 'http://127.0.0.1:9'], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=20)
    assert done.returncode == 2 and b'terminal' in done.stderr, done


if __name__ == '__main__':
    tap.main(globals(), os.path.abspath(sys.argv[1]))
