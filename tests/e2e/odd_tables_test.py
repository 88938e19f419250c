"""Tables that a service shouldn't send, from end to end: list, show and the dashboard show them for what they are, and nothing
crashes. What one entry may hold, byte by byte, is in tests/unit/reader_test.c."""
import json, os, subprocess

import tap
from dashboard import PAIL, TokenFolder, pail
from service import Fake, answer, json_answer

# Each entry as it comes, byte for byte.
ODD = ('{"bucketname": "odd", "cloud": null, "endpoint": 17, "accessRole": ["a", {"b": null}], "accessKeyId": true, '
       '"size": 1234567890123456789, "ratio": 0.25, "tags": {"team": "x", "secretThing": "hush-hush"}, "nothing": null, '
       '"flag": false, "empty": "", "accessToken": "hush-hush"}')
TWINS = '{"bucketname": "twin", "cloud": "aws", "accessRole": "one"}, {"bucketname": "twin", "cloud": "minio", "accessKeyId": "two"}'
MARTIAN = r'{"bucketname": "kl\u00e4r", "cloud": "martian"}'
UNREADABLE = ['{"bucketname": 42}', '{"bucketname": null, "cloud": "aws"}', '{"cloud": "azure"}', '"text"', 'null', '7', '[]', '{}',
              '{"bucketname": "a", "bucketname": "b"}', '{"bucketname": "huge", "n": 99999999999999999999}',
              r'{"bucketname": "half \ud800"}']
TABLE = '{"userName": null, "InfinSnapBuckets": [%s]}' % ', '.join([ODD, TWINS, MARTIAN, *UNREADABLE])


def run(fake, token, *words):
    done = subprocess.run([PAIL, '--url', fake.url, *words], stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
                          env={'PATH': os.environ['PATH'], 'LC_ALL': 'C.UTF-8', 'HOME': token.path,
                               'INFINSTOR_TOKEN_FILE_DIR': token.path, 'ASAN_OPTIONS': os.environ.get('ASAN_OPTIONS', '')})
    out, err = done.stdout.decode(), done.stderr.decode()
    assert done.returncode >= 0 and 'hush' not in out + err, done
    return done.returncode, out, err


class Odd:
    """A service with the odd table, and a login."""

    def __enter__(self):
        self.token, self.fake = TokenFolder(), Fake({'/customerinfo': answer(200, TABLE)})
        self.fake.__enter__()
        return self

    def __exit__(self, *why):
        self.fake.__exit__(*why)
        self.token.__exit__(*why)

    def run(self, *words):
        return run(self.fake, self.token, *words)

    def tui(self, **size):
        return pail(self.fake.url, self.token.path, **size)


def test_a_list_has_every_entry():
    with Odd() as odd:
        status, out, err = odd.run('list')
        lines = out.rstrip('\n').split('\n')[1:]
        assert status == 0 and '%d entries could not be read' % len(UNREADABLE) in err, err
        assert len(lines) == 4 + len(UNREADABLE) and lines.count('(unreadable)') == len(UNREADABLE), out
        for words in ('odd both 17', 'twin aws role', 'twin minio key', 'klär martian none'):
            assert any(line.split()[:len(words.split())] == words.split() for line in lines), (words, out)
        for form in ('csv', 'tsv'):
            status, out, err = odd.run('list', '--format', form)
            assert status == 0 and out.count('\n') == 1 + 4 and 'could not be read' in err, out


def test_json_keeps_the_values_as_they_came():
    with Odd() as odd:
        status, out, err = odd.run('list', '--format', 'json')
        entries = json.loads(out)
        assert status == 0 and len(entries) == 4 + len(UNREADABLE), out
        seen = next(entry for entry in entries if entry.get('bucketname') == 'odd')
        wanted = json.loads(ODD.replace('hush-hush', '********'))
        del wanted['cloud']  # null is as if it weren't there
        assert seen == wanted, seen
        assert [entry['unreadable'] for entry in entries if 'unreadable' in entry] == UNREADABLE, out
        assert json.loads(odd.run('show', 'odd', '--format', 'json')[1]) == wanted


def test_show_names_what_is_odd():
    with Odd() as odd:
        status, out, err = odd.run('show', 'odd')
        assert status == 0, err
        for line in ('17 (the service sent no text here)', '["a",{"b":null}] (the service sent no text here)',
                     "size: 1234567890123456789 (a field that pail doesn't know)", 'ratio: 0.25', 'nothing: null', 'flag: false',
                     '{"team":"x","secretThing":"********"}', 'accessToken: ********'):
            assert line in ' '.join(out.split()), (line, out)
        status, out, err = odd.run('show', 'twin')
        assert status == 0 and 'the table has 2 entries of this name; this is the first' in err and 'one' in out
        assert odd.run('show', '42')[0] == 3
        assert odd.run('policy', 'odd', 'all')[0] == 0


def test_the_dashboard_shows_and_opens_each_of_them():
    with Odd() as odd, odd.tui(rows=40, columns=140) as tui:
        text = tui.wait_for('as of')
        assert text.count('(unreadable)') == len(UNREADABLE) and text.count('twin ') == 2, text
        for at in range(4 + len(UNREADABLE)):  # from the top down: the details of each, then back
            tui.keys('<Enter>', quiet=0.03)
            tui.wait_for('details')
            tui.keys('q', quiet=0.03)
            tui.wait_for('as of')
            tui.keys('j', quiet=0.03)
        for words, wanted in (('/odd<Enter><Enter>', '1234567890123456789'), ('q<Escape>/huge<Enter><Enter>', '99999999999999999999'),
                              ('q<Escape>/azure<Enter><Enter>', 'This entry could not be read')):
            tui.keys(words, quiet=0.1)
            assert wanted in tui.wait_for(wanted)
        tui.keys('e')  # it has no name by which it could be changed
        assert 'hush' not in tui.raw.decode()
        tui.keys('q<Escape>q')
        assert tui.wait_end() == 0


def test_tables_that_are_missing_or_something_else():
    with TokenFolder() as token:
        for body, status, says in (('{"InfinSnapBuckets": null}', 0, ''), ('{"InfinSnapBuckets": []}', 0, ''),
                                   ('{"userName": "a"}', 1, 'the answer has no InfinSnapBuckets'),
                                   ('{"InfinSnapBuckets": {}}', 1, "instead of the array InfinSnapBuckets"),
                                   ('{"InfinSnapBuckets": "x"}', 1, "instead of the array InfinSnapBuckets"),
                                   ('[]', 1, 'instead of a JSON object'),
                                   ('{"InfinSnapBuckets": [], "InfinSnapBuckets": []}', 1, 'InfinSnapBuckets twice'),
                                   ('{"InfinSnapBuckets": [{"bucketname": "a"}', 1, 'the answer is cut off')):
            with Fake({'/customerinfo': answer(200, body)}) as fake:
                got, out, err = run(fake, token, 'list')
                assert got == status and says in err, (body, got, err)
                assert out == ('' if status else 'NAME  CLOUD  ACCESS  ENDPOINT  ROLE/KEY  SNAP\n'), (body, out)
        with Fake({'/customerinfo': json_answer({'InfinSnapBuckets': None})}) as fake, pail(fake.url, token.path) as tui:
            tui.wait_for('The buckets table is empty.')


def test_a_change_of_one_of_two_twins_says_so():
    with Odd() as odd:
        for words in (('modify', 'twin', '--endpoint', 'https://x.example.com'), ('delete', 'twin')):
            err = odd.run(*words, '--yes')[2]
            assert 'the table has 2 entries of this name' in err and "the service's choice" in err, err


if __name__ == '__main__':
    tap.main(globals())
