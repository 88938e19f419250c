#!/usr/bin/python3
"""pail journal, on a journal that is written here from its description in doc/journal.md."""
import collections, json, os, shutil, stat, subprocess, sys, tempfile, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tap
from journal_lines import begin, chain, intent, many, outcome, sha256
from service import write_private

BUILD = os.path.abspath(sys.argv[1])
PAIL = os.path.join(BUILD, 'pail')
DONE, REFUSED, USAGE = 0, 1, 2
Result = collections.namedtuple('Result', 'status out err')


LINES = [begin(), intent(1, 'b1', reason='because \u202e'), outcome(1, 'applied', accepted=True, text='it was'),
         intent(2, 'b2', op='delete', changed=['cloud']), intent(3, 'b1', user=''), outcome(3, 'unknown')]
LINES[3].pop('after')
TEXT = (
    '2026-03-01T10:00:00Z    applied   modify  b1                        endpoint                  '
    'admin@example.com (anna) at api.example.com: because <U+202E>\n'
    '2026-03-02T10:00:00Z  ? open      delete  b2                        -                         '
    'admin@example.com (anna) at api.example.com\n'
    '2026-03-03T10:00:00Z  ? unknown   modify  b1                        endpoint                  '
    '- (anna) at api.example.com\n')


class Place:
    """A folder for XDG_STATE_HOME, with a journal of these lines."""

    def __init__(self, lines=None):
        self.home = tempfile.mkdtemp(prefix='pail-state-')
        self.path = os.path.join(self.home, 'pail', 'journal.jsonl')
        os.mkdir(os.path.dirname(self.path), 0o700)
        if lines is not None:
            self.write(chain(lines))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.home, ignore_errors=True)

    def write(self, data, number=None):
        path = self.path if number is None else self.path.replace('.jsonl', '-%06d.jsonl' % number)
        write_private(path, '')
        with open(path, 'wb') as file:
            file.write(data)

    def read(self):
        with open(self.path, 'rb') as file:
            return file.read()

    def run(self, *words):
        env = {'PATH': '/usr/bin:/bin', 'LC_ALL': 'C.UTF-8', 'HOME': self.home, 'XDG_STATE_HOME': self.home,
               'ASAN_OPTIONS': os.environ.get('ASAN_OPTIONS', '')}
        done = subprocess.run([PAIL, 'journal', *words], stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
                              env=env)
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    def prints(self, *words):
        result = self.run(*words)
        assert result.status == DONE and result.err == '', result
        return result.out


def test_text_has_an_operation_a_line():
    with Place(LINES) as place:
        before = place.read()
        assert place.prints() == TEXT, place.prints()
        assert place.prints('--format', 'text') == TEXT
        assert place.read() == before and sorted(os.listdir(os.path.dirname(place.path))) == ['journal.jsonl']


def test_json_has_all_members():
    with Place(LINES) as place:
        out = place.prints('--format', 'json')
        records = json.loads(out)
        assert out.count('\n') == 5 and out.isascii(), out
        wanted = []
        for line in LINES[1:]:
            if line['kind'] == 'intent':
                wanted.append(dict(line, state='open'))
            else:
                own = next(record for record in wanted if record['id'] == line['id'])
                own.update({name: line[name] for name in ('state', 'accepted', 'text') if name in line})
        for record in wanted:
            del record['kind']
        assert records == [{name: value for name, value in record.items() if value} for record in wanted], records


def test_bucket_and_since_choose():
    with Place(LINES) as place:
        lines = TEXT.splitlines(True)
        assert place.prints('--bucket', 'b1') == lines[0] + lines[2]
        assert place.prints('--bucket', 'nosuch') == ''
        assert place.prints('--bucket', 'nosuch', '--format', 'json') == '[]\n'
        assert place.prints('--since', '2026-03-02') == ''.join(lines[1:])
        assert place.prints('--since', '2026-03-02T12:00:00.250+02:00') == ''.join(lines[1:])
        assert place.prints('--since', '2026-03-02T10:00:00.251Z') == lines[2]
        now = time.strftime('%Y-%m-%dT%H:%M:%S.000Z', time.gmtime(time.time() - 3600))
        place.write(chain(LINES + [intent(4, 'b4', when=now)]))
        for span, count in (('2h', 1), ('30m', 0), ('3700s', 1), ('3d', 1), ('1w', 1), ('59m', 0)):
            assert place.prints('--since', span).count('\n') == count, span
        for wrong in ('', 'yesterday', '2h3', 'h', '-2h', '2026-13-01', '2026-02-29', '2026-03-01T10:00', '123456d'):
            result = place.run('--since', wrong)
            assert result.status == USAGE and '--since' in result.err and result.out == '', (wrong, result)


def test_without_a_journal_there_is_nothing():
    with Place() as place:
        assert place.prints() == '' and place.prints('--format', 'json') == '[]\n'
        assert place.prints('verify') == '%s: nothing has been recorded yet\n' % place.path
        assert not os.path.exists(place.path)


def test_verify_says_that_it_is_empty():
    """Nothing tells whether something was in it."""
    with Place(LINES) as place:
        empty = '%s: empty: nothing has been recorded in it, or what was is gone\n' % place.path
        place.write(b'')
        assert place.prints('verify') == empty
        place.write(b'{"kind":"int')
        assert place.prints('verify').startswith(empty + 'Its last line is half-written (12 bytes)')


def test_verify_says_that_it_is_whole():
    with Place(LINES) as place:
        last = sha256(place.read().splitlines(True)[-1])
        whole = '%s: whole: 6 lines in 1 file\n' % place.path
        assert place.prints('verify') == whole + 'SHA-256 of the last line: %s\n' % last
        place.write(place.read() + b'{"kind":"int')
        assert place.prints('verify') == (whole + 'Its last line is half-written (12 bytes) and counts for nothing; '
                                          'the next change cuts it off.\nSHA-256 of the last line: %s\n' % last)
        assert place.prints() == TEXT
        assert place.run('verify', '--bucket', 'b').status == USAGE
        assert place.run('verfy').status == USAGE


def test_verify_names_the_line():
    with Place(LINES) as place:
        good = place.read()
        lines = good.splitlines(True)
        edits = {3: good.replace(b'it was', b'it wax'), 4: b''.join(lines[:3] + lines[4:]), 2: lines[0] + good}
        for number, data in edits.items():
            place.write(data)
            result = place.run('verify')
            assert result.status == REFUSED and result.out == '', result
            assert result.err.startswith('pail: %s:%d: the line ' % (place.path, number)), result
            printed = place.run()
            assert printed.status == REFUSED and 'modify  b1' in printed.out, printed
            assert 'may not be what was recorded: %s:%d: ' % (place.path, number) in printed.err, printed


def test_files_are_one_journal():
    first = chain([begin(), intent(1, 'b1'), outcome(1, 'applied'), intent(2, 'b2')])
    last = sha256(first.splitlines(True)[-1])
    second = chain([begin(2, previous='journal-000001.jsonl'), dict(intent(2, 'b2'), kind='carry', state='open'),
                    intent(3, 'b3')], last)
    with Place() as place:
        place.write(first, 1)
        place.write(second)
        assert [line.split()[-6] for line in place.prints().splitlines()] == ['b1', 'b2', 'b3'], place.prints()
        assert ': whole: 7 lines in 2 files\n' in place.prints('verify')
        place.write(first.replace(b'"b1"', b'"b0"'), 1)
        assert 'journal-000001.jsonl:2: the line was changed' in place.run('verify').err
        place.write(first[:-1], 1)
        assert "journal-000001.jsonl:4: the line isn't whole" in place.run('verify').err
        place.write(first + b'\n', 1)
        assert 'journal-000001.jsonl:5: the line was changed' in place.run('verify').err
        os.unlink(place.path.replace('.jsonl', '-000001.jsonl'))
        assert ('%s: whole: 3 lines in 1 file\n'
                "It begins with file 2: those before it aren't there.\n" % place.path) in place.prints('verify')
        place.write(first.replace(b'b1', b'b0'))
        assert place.run('verify').status == REFUSED


def test_a_loose_journal_is_refused():
    with Place(LINES) as place:
        os.chmod(place.path, 0o644)
        for words in ((), ('verify',)):
            result = place.run(*words)
            assert result.status in (REFUSED, USAGE) and 'chmod 600 %s' % place.path in result.err, result
        assert stat.S_IMODE(os.stat(place.path).st_mode) == 0o644


def test_many_lines_take_little_time():
    """100,000 lines; the memory for them is bounded since they are of several files."""
    with Place() as place:
        for number, text in many(files=5, operations=10000):
            place.write(text, number if number < 5 else None)
        began = time.monotonic()
        out = place.prints('verify')
        verified = time.monotonic() - began
        began = time.monotonic()
        count = place.prints().count('\n')
        printed = time.monotonic() - began
        print('# 100,000 lines: verified in %.2f s, printed in %.2f s' % (verified, printed))
        assert ': whole: 100000 lines in 5 files\n' in out, out
        assert count == 49996, count  # the last operation of each file is carried over
        assert verified < 20 and printed < 60


if __name__ == '__main__':
    tap.main(globals())
