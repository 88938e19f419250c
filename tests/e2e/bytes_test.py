"""The bytes that keys cost at the terminal, on one made-up table of 10,000 rows at 120x40, beside tests/bench/expected: 5 % more
than there is a failure. After a gain, or a change that is meant, write them anew:

    tests/e2e/bytes_test.py BUILD --write
"""
import os, random, statistics, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
BENCH = os.path.join(os.path.dirname(HERE), 'bench')
sys.path.insert(0, BENCH)
import rig, tables, tap
from dashboard import PAIL, TokenFolder
from service import Fake, answer

ROWS, SLACK = 10000, 1.05
EXPECTED = os.path.join(BENCH, 'expected')


def body(changed=()):
    with tempfile.NamedTemporaryFile('r', suffix='.json') as file:
        tables.make(ROWS, 'json', file.name)
        text = file.read()
    for row in changed:
        name = sorted(bucket[0] for bucket in tables.buckets(ROWS))[row]
        at = text.index('"%s"' % name)
        text = text[:at] + text[at:].replace('"endpoint":"https', '"endpoint":"HTTPS', 1)
    return text


def median(program, key, count):
    return statistics.median(program.press(key).bytes for _ in range(count))


def moves(program, name):
    figures = {name + 'Down': median(program, 'Down', 30)}
    program.press('Down', 10)
    figures[name + 'Down that scrolls'] = median(program, 'Down', 30)
    figures[name + 'page down'] = median(program, 'PgDn', 5)
    figures[name + 'End'] = program.press('End').bytes
    figures[name + 'Home'] = program.press('Home').bytes
    figures[name + '50 times Down in one write'] = program.press('Down', 50).bytes
    program.press('Home')
    return figures


def filters(program):
    for letter in '/bucke':
        program.press(letter)
    figures = {'filter key that leaves the rows': program.press('t').bytes}
    program.press('Esc')
    return figures


def measure():
    env = {'HOME': '/dev/null/home', 'ASAN_OPTIONS': os.environ.get('ASAN_OPTIONS', '')}
    figures = {}
    with Fake({'/customerinfo': answer(200, body())}) as fake, TokenFolder() as token:
        env['INFINSTOR_TOKEN_FILE_DIR'] = token.path
        for options, name in ((), ''), (('--thrifty',), 'thrifty: '):
            with rig.Program([PAIL, '--url', fake.url, *options], env, quiet=0.15) as program:
                program.wait_for('as of')
                program.start()
                figures.update(moves(program, name))
                if not options:
                    figures.update(filters(program))
    return figures


def read_expected():
    lines = [line.rsplit(None, 1) for line in open(EXPECTED) if line.strip() and not line.startswith('#')]
    return {name: float(value) for name, value in lines}


def test_keys_cost_no_more_bytes_than_they_did():
    figures, expected = measure(), read_expected()
    assert sorted(figures) == sorted(expected), (figures, expected)
    more = ['%s: %g bytes, %g expected' % (name, value, expected[name]) for name, value in figures.items()
            if value > expected[name] * SLACK]
    assert not more, '\n'.join(more)


def test_reading_again_draws_the_rows_that_changed():
    """Beside the progress, whose bytes depend on the time that it takes."""
    with Fake({'/customerinfo': answer(200, body())}) as fake, TokenFolder() as token, \
            rig.Program([PAIL, '--url', fake.url], {'HOME': '/dev/null/home', 'INFINSTOR_TOKEN_FILE_DIR': token.path}) as program:
        program.wait_for('as of')
        program.start()
        program.press('Down', 5)
        program.press(' ')
        before = program.text().splitlines()
        fake.answer['/customerinfo'] = answer(200, body(changed=(3, 6, 8)))
        sample = program.press('r')
        after = program.text().splitlines()
        assert [n for n in range(2, 36) if before[n] != after[n]] == [5, 8, 10], '\n'.join(after)
        assert after[8][0] == '▌' and '1 marked' in after[-2]
        assert sample.bytes < 1200, sample


def test_what_frames_leave_out_is_not_missed():
    """After the first pages, and after keys by chance, the screen is what drawing all of it anew makes of it."""
    keys = ['Down', 'Up', 'PgDn', 'PgUp', 'End', 'Home', ' ', 'w', 'l', 'h', 'o', 'O', 'Enter', 'q', '?', 't']
    chance = random.Random(11)
    with Fake({'/customerinfo': answer(200, body())}) as fake, TokenFolder() as token, \
            rig.Program([PAIL, '--url', fake.url], {'HOME': '/dev/null/home', 'INFINSTOR_TOKEN_FILE_DIR': token.path}) as program:
        program.wait_for('as of')
        program.start()
        for key in ['PgDn'] * 3 + ['End', 'Home']:
            program.press(key)
        first = program.text()
        program.press('\x0c')
        assert program.text() == first, 'the first pages\n%s\nredrawn\n%s' % (first, program.text())
        for step in range(96):
            key = chance.choice(keys)
            if key == 'q' and 'lines' not in program.text():
                continue  # on the list it would quit
            program.press(key)
            if step % 8 == 7:
                program.press('\x1b[D')  # a message is gone then
                before = program.text()
                program.press('\x0c')
                assert program.text() == before, 'after %d keys\n%s\nredrawn\n%s' % (step, before, program.text())


def test_nothing_is_written_while_nothing_changes():
    """Nor does it wake up: its count of waits that it chose stays as it is."""
    waits = lambda pid: [line for line in open('/proc/%d/status' % pid) if line.startswith('voluntary_ctxt')]
    with Fake({'/customerinfo': answer(200, body())}) as fake, TokenFolder() as token, \
            rig.Program([PAIL, '--url', fake.url], {'HOME': '/dev/null/home', 'INFINSTOR_TOKEN_FILE_DIR': token.path}) as program:
        program.wait_for('as of')
        program.start()
        before, used = waits(program.pid), program.cpu()
        assert not program.read(5)
        assert waits(program.pid) == before
        assert program.cpu() == used


if __name__ == '__main__':
    if sys.argv[2:] == ['--write']:
        with open(EXPECTED, 'w') as file:
            file.write('# Bytes at the terminal; tests/e2e/bytes_test.py says of what, and writes them.\n')
            file.writelines('%s  %g\n' % figure for figure in measure().items())
    else:
        tap.main(globals())
