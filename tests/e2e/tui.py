"""A program on a pty of its own, its screen kept by pyte.

    with Tui([pail, '--url', url], env={...}, rows=24, columns=80) as tui:
        tui.wait_for('as of')
        tui.keys('jj/minio<Enter>')
        print(tui.text())

Waits are bounded (LIMIT seconds) and fail with the screen in the message.
"""
import atexit, fcntl, os, pty, re, select, shutil, signal, struct, tempfile, termios, time

import pyte

LIMIT = 15

KEYS = {'Escape': '\x1b', 'Enter': '\r', 'Tab': '\t', 'Shift-Tab': '\x1b[Z', 'Up': '\x1bOA', 'Down': '\x1bOB',
        'Right': '\x1bOC', 'Left': '\x1bOD', 'Home': '\x1bOH', 'End': '\x1bOF', 'PageDown': '\x1b[6~',
        'PageUp': '\x1b[5~', 'Delete': '\x1b[3~', 'Backspace': '\x7f', 'F1': '\x1bOP', 'F2': '\x1bOQ',
        'F3': '\x1bOR', 'F4': '\x1bOS', 'F5': '\x1b[15~', 'F6': '\x1b[17~', 'F7': '\x1b[18~', 'F8': '\x1b[19~',
        'F9': '\x1b[20~', 'F10': '\x1b[21~'}
PIECE = re.compile('<(%s)>' % '|'.join(KEYS))


class Screen(pyte.Screen):
    """pyte's, with REP, SU and SD (ECMA-48, 8.3.103, .147, .113), which xterm's terminfo entry has and ncurses uses."""
    last = ' '

    def draw(self, data):
        self.last = data[-1:] or self.last
        super().draw(data)

    def repeat(self, count=1, **_):
        super().draw(self.last * (count or 1))

    def scroll_up(self, count=1, **_):
        self.scroll(count, (self.margins or (0, self.lines - 1))[1], self.index)

    def scroll_down(self, count=1, **_):
        self.scroll(count, (self.margins or (0, self.lines - 1))[0], self.reverse_index)

    def scroll(self, count, edge, step):
        row, self.cursor.y = self.cursor.y, edge
        for _ in range(count or 1):
            step()
        self.cursor.y = row


class Stream(pyte.ByteStream):
    csi = dict(pyte.ByteStream.csi, b='repeat', S='scroll_up', T='scroll_down')
    events = pyte.ByteStream.events | {'repeat', 'scroll_up', 'scroll_down'}


class Tui:
    def __init__(self, command, env=None, rows=24, columns=80):
        self.screen = Screen(columns, rows)
        self.stream = Stream(self.screen)
        self.raw = b''      # all that the program wrote
        self.status = None  # exit status, negative for a signal
        state = tempfile.mkdtemp(prefix='pail-state-')  # for the journal
        atexit.register(shutil.rmtree, state, ignore_errors=True)
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                os.closerange(3, 1024)  # another test's pty must not stay open here
                os.read(0, 1)           # until the size is set
                full = {'PATH': os.environ['PATH'], 'TERM': 'xterm-256color', 'LC_ALL': 'C.UTF-8', 'TZ': 'UTC',
                        'HOME': '/dev/null/home', 'XDG_STATE_HOME': state,
                        'ASAN_OPTIONS': os.environ.get('ASAN_OPTIONS', '')}
                full.update(env or {})
                os.execve(command[0], command, {k: v for k, v in full.items() if v is not None})
            finally:
                os._exit(127)
        self.resize(rows, columns, tell=False)
        self.before = self.settings()  # the pty's, before the program touched them
        os.write(self.fd, b'\n')

    def __enter__(self):
        return self

    def __exit__(self, *why):
        self.kill()

    def resize(self, rows, columns, tell=True):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))
        if tell:
            self.screen.resize(rows, columns)

    def pump(self, seconds=0.0):
        """Reads what has been written, waiting at most so long for the first byte. False at the end."""
        ready, _, _ = select.select([self.fd], [], [], seconds)
        while ready:
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                return False
            if not data:
                return False
            self.raw += data
            self.stream.feed(data)
            ready, _, _ = select.select([self.fd], [], [], 0)
        return True

    def keys(self, text, quiet=0.15):
        """Types; <Escape>, <F2> and so on are keys. Then waits until the program is quiet."""
        for i, piece in enumerate(PIECE.split(text)):
            if not piece:
                continue
            os.write(self.fd, (KEYS[piece] if i % 2 else piece).encode())
            self.settle(0.08 if piece == 'Escape' else 0.02)
        self.settle(quiet)

    def settle(self, quiet=0.15):
        end = time.monotonic() + 1  # a progress bar is never quiet
        while time.monotonic() < end:
            size = len(self.raw)
            if not self.pump(quiet) or len(self.raw) == size:
                return

    def text(self):
        return '\n'.join(line.rstrip() for line in self.screen.display)

    def wait_for(self, wanted, seconds=LIMIT):
        """Until the text is on the screen (or the callable says yes to it)."""
        found = wanted if callable(wanted) else lambda text: wanted in text
        end = time.monotonic() + seconds
        alive = True
        while not found(self.text()):
            if not alive or time.monotonic() > end:
                raise AssertionError('%r did not come; the screen is\n%s' % (wanted, self.text()))
            alive = self.pump(0.05)
        return self.text()

    def wait_end(self, seconds=LIMIT):
        """The exit status; fails if the program does not end."""
        end = time.monotonic() + seconds
        while self.status is None:
            self.pump(0.02)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > end:
                raise AssertionError('still running after %g s; the screen is\n%s' % (seconds, self.text()))
        self.pump(0)
        return self.status

    def settings(self):
        return termios.tcgetattr(self.fd)

    def last(self, on, off):
        """True if `off` came, and after the last `on`."""
        return self.raw.rfind(off) > self.raw.rfind(on)

    def check_given_back(self):
        assert self.settings() == self.before, 'the tty has other modes than before'
        assert self.last(b'\x1b[?1049h', b'\x1b[?1049l'), 'still on the alternate screen'
        assert self.last(b'\x1b[?25l', b'\x1b[?25h') or self.last(b'\x1b[?25l', b'\x1b[?12l\x1b[?25h'), 'no cursor'
        assert self.last(b'\x1b[?2004h', b'\x1b[?2004l'), 'bracketed paste is still on'
        assert b'\x1b[?1000l' in self.raw and self.last(b'\x1b[?1000h', b'\x1b[?1000l'), 'the mouse is still on'

    def kill(self):
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self.status = -signal.SIGKILL
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1
