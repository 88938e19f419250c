"""A hundred thousand rows at the end of a line of 56 kbit/s: a pty that is read at 7,000 bytes a second, no more."""
import json, os, select, time

import tap
from dashboard import TokenFolder, pail
from service import Fake, answer

RATE = 7000   # bytes a second
STEP = 0.005  # seconds
ROWS = 100000


def table():
    """Entries of the usual kinds, long enough for their columns to be cut."""
    entries = []
    for i in range(ROWS):
        entry = {'bucketname': 'acme-%s-archive-%07d' % (('dev', 'prod', 'test')[i % 3], i), 'cloud': 'aws'}
        if i % 2:
            entry['accessRole'] = 'arn:aws:iam::1000%08d:role/acme-reader' % (i * 37)
            entry['accessRoleExt'] = 'ext-%08x' % (i * 2654435761 % 2 ** 32)
        else:
            entry.update(cloud='minio', endpoint='https://minio-%02d.eu-west-1.example.net:9000' % (i % 10),
                         accessKeyId='AKIA%016X' % (i * 40503))
        entries.append(entry)
    return json.dumps({'userName': 'admin@example.com', 'InfinSnapBuckets': entries}, separators=(',', ':'))


class Line:
    """Reads the program's terminal as a slow line would carry it."""

    def __init__(self, tui):
        self.tui, self.credit = tui, 0.0
        self.last = time.monotonic()

    def carry(self):
        time.sleep(STEP)
        now = time.monotonic()
        self.credit = min(self.credit + (now - self.last) * RATE, 2 * STEP * RATE)
        self.last = now
        if self.credit >= 1 and select.select([self.tui.fd], [], [], 0)[0]:
            data = os.read(self.tui.fd, int(self.credit))
            self.credit -= len(data)
            self.tui.stream.feed(data)
            return len(data)
        return 0

    def until(self, seen, seconds):
        """Seconds until the screen is so."""
        start = time.monotonic()
        while not seen():
            self.carry()
            assert time.monotonic() - start < seconds, 'not in %g s:\n%s' % (seconds, self.tui.text())
        return time.monotonic() - start

    def quiet(self, seconds=0.3):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.carry():
                end = time.monotonic() + seconds


def selected(tui):
    """The row with the marker."""
    rows = [n for n, line in enumerate(tui.screen.display) if line[:1] in '▌*']
    return rows[0] if len(rows) == 1 else None


def test_a_hundred_thousand_rows_stay_usable():
    with Fake({'/customerinfo': answer(200, table())}) as fake, TokenFolder() as token, \
            pail(fake.url, token.path, rows=40, columns=120) as tui:
        line = Line(tui)
        line.until(lambda: 'acme-' in tui.text(), 30)
        line.until(lambda: 'as of' in tui.text(), 60)
        line.quiet()
        for _ in range(10):
            row = selected(tui)
            os.write(tui.fd, b'j')
            took = line.until(lambda: selected(tui) == row + 1, 5)
            assert took < 0.1, 'Down took %.0f ms' % (took * 1000)
            line.quiet(0.1)
        for _ in range(3):
            first = tui.screen.display[2]
            os.write(tui.fd, b'\x1b[6~')
            line.until(lambda: tui.screen.display[2] != first, 5)
            start = time.monotonic()
            line.quiet(0.1)
            took = time.monotonic() - start - 0.1
            assert took < 1, 'a page took %.0f ms' % (took * 1000)
        os.write(tui.fd, b'j' * 50)  # a key held down: one frame, not fifty
        start = time.monotonic()
        line.quiet(0.1)
        assert time.monotonic() - start - 0.1 < 1
        os.write(tui.fd, b'/archive-0099999')
        line.until(lambda: '1 of 100000' in tui.text(), 5)
        os.write(tui.fd, b'\x1b')
        line.until(lambda: ' 100000' in tui.text() and '/' not in tui.screen.display[-2], 5)


def test_a_line_that_stands_still_is_told_of_thrift():
    """What was written stays unread for longer than half a second."""
    with Fake({'/customerinfo': answer(200, table())}) as fake, TokenFolder() as token, \
            pail(fake.url, token.path, rows=60, columns=200) as tui:
        tui.wait_for('as of', 60)
        for _ in range(40):      # pages, until the pty takes no more
            os.write(tui.fd, b'\x1b[6~')
            time.sleep(0.05)
        time.sleep(0.7)
        tui.wait_for('draws less')
        tui.keys('t')
        tui.wait_for('Drawing less')


if __name__ == '__main__':
    tap.main(globals())
