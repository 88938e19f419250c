"""A program on a pty of its own, measured: for each key the bytes that it wrote, the pieces in which they came, and the time
to the first and to the last of them.

    with Program([pail, '--url', url], env) as program:
        program.wait_for('as of')
        sample = program.press('Down')            # Sample(bytes, pieces, first, last, cpu), times in ms
        program.press('Down', 50)                 # fifty in one write, as a key held down arrives
"""
import collections, fcntl, os, re, select, struct, sys, termios, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'e2e'))
from tui import Screen, Stream

KEYS = {'Up': '\x1b[A', 'Down': '\x1b[B', 'Home': '\x1b[H', 'End': '\x1b[F', 'PgUp': '\x1b[5~', 'PgDn': '\x1b[6~',
        'Enter': '\r', 'Esc': '\x1b', 'Backspace': '\x7f'}
REPLIES = {b'\x1b[6n': b'\x1b[1;1R', b'\x1b[c': b'\x1b[?62;22c', b'\x1b[>c': b'\x1b[>41;354;0c'}
ROWS, COLUMNS = 40, 120
PREFIX = []  # a program that runs the program
Sample = collections.namedtuple('Sample', 'bytes pieces first last cpu')


class Program:
    def __init__(self, command, env=None, stdin=None, quiet=0.06, limit=300):
        self.quiet, self.limit, self.application = quiet, limit, False
        self.pieces = []  # (when, bytes)
        self.shown, self.screen = 0, Screen(COLUMNS, ROWS)
        self.stream = Stream(self.screen)
        self.fd, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack('HHHH', ROWS, COLUMNS, 0, 0))
        full = {name: value for name, value in os.environ.items() if name not in ('LINES', 'COLUMNS', 'NO_COLOR')}
        full.update({'TERM': 'xterm-256color', 'LC_ALL': 'C.UTF-8'}, **(env or {}))
        tty = os.ttyname(slave)
        actions = [(os.POSIX_SPAWN_OPEN, 0, tty, os.O_RDWR, 0), (os.POSIX_SPAWN_DUP2, 0, 1), (os.POSIX_SPAWN_DUP2, 0, 2)]
        if stdin:
            actions.append((os.POSIX_SPAWN_OPEN, 0, stdin, os.O_RDONLY, 0))
        self.began = time.monotonic()
        self.pid = os.posix_spawnp((PREFIX + command)[0], PREFIX + command, full, file_actions=actions, setsid=True)
        os.close(slave)
        self.clock, self.used = (~self.pid) << 3 | 2, 0.0  # the clock of its CPU time (clock_getcpuclockid(3))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def cpu(self):
        try:
            return time.clock_gettime(self.clock)
        except OSError:
            return self.used

    def memory(self):
        """The most that was resident, in MB."""
        status = open('/proc/%d/status' % self.pid).read()
        return int(re.search(r'VmHWM:\s+(\d+)', status).group(1)) / 1024

    def read(self, seconds):
        """One piece of what it writes; False if none came, or it is at its end."""
        if not select.select([self.fd], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.fd, 1 << 20)
        except OSError:
            return False
        self.pieces.append((time.monotonic(), data))
        for question, reply in REPLIES.items():
            if question in data:
                os.write(self.fd, reply)
        for match in re.finditer(rb'\x1b\[\?1([hl])', data):
            self.application = match.group(1) == b'h'
        return bool(data)

    def settle(self, since):
        """Until it is quiet: writes nothing, and computes hardly anything either."""
        mark, before, seen = len(self.pieces), self.used, self.cpu()
        while time.monotonic() - since < self.limit:
            if self.read(self.quiet):
                seen = self.cpu()
                continue
            spent, seen = self.cpu() - seen, self.cpu()
            if spent < 0.2 * self.quiet and (len(self.pieces) > mark or time.monotonic() - since > 0.3):
                break
        self.used = self.cpu()
        got = self.pieces[mark:]
        ms = lambda when: (when - since) * 1000
        return Sample(sum(len(data) for _, data in got), len(got), ms(got[0][0]) if got else 0.0,
                      ms(got[-1][0]) if got else 0.0, (self.used - before) * 1000)

    def press(self, key, times=1):
        text = KEYS.get(key, key)
        if self.application and re.fullmatch(r'\x1b\[[A-DHF]', text):
            text = text.replace('[', 'O')
        since = time.monotonic()
        os.write(self.fd, text.encode() * times)
        return self.settle(since)

    def start(self):
        """From its start until it is quiet."""
        return self.settle(self.began)

    def text(self):
        for _, data in self.pieces[self.shown:]:
            self.stream.feed(data)
        self.shown = len(self.pieces)
        return '\n'.join(self.screen.display)

    def wait_for(self, pattern):
        """Milliseconds from its start until the screen had what the expression finds; whole pieces are looked at. Looking
        takes time: what is to be timed is read first, by start()."""
        while True:
            for when, data in self.pieces[self.shown:]:
                self.stream.feed(data)
                self.shown += 1
                if re.search(pattern, '\n'.join(self.screen.display)):
                    return (when - self.began) * 1000
            if not self.read(self.limit) or time.monotonic() - self.began > self.limit:
                raise RuntimeError('%r did not come:\n%s' % (pattern, self.text()))

    def close(self):
        if self.pid:
            try:
                os.kill(self.pid, 9)
            except OSError:
                pass
            os.waitpid(self.pid, 0)
            os.close(self.fd)
            self.pid = 0
