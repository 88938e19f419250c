#!/usr/bin/python3
"""pail undo, and what the journal has of changes that were sent to bucketd."""
import collections, json, os, shutil, subprocess, sys, tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tap
from service import Bucketd, write_private
from tui import Tui

BUILD = os.path.abspath(sys.argv[1])
PAIL = os.path.join(BUILD, 'pail')
DONE, REFUSED, USAGE, NO_BUCKET, LOGIN, UNKNOWN, CONFLICT, READ_ONLY = range(8)
ROLE = {'bucketname': 'roled', 'cloud': 'aws', 'accessRole': 'arn:aws:iam::111122223333:role/r', 'accessRoleExt': 'x'}
KEYED = {'bucketname': 'keyed', 'cloud': 'minio', 'endpoint': 'https://minio.example.com:9000', 'accessKeyId': 'KEY'}
Result = collections.namedtuple('Result', 'status out err')


class Place:
    """bucketd with these entries, and pail with a journal of its own."""

    def __init__(self, *seed):
        self.service = Bucketd(BUILD, list(seed))

    def __enter__(self):
        self.home = tempfile.mkdtemp(prefix='pail-undo-')
        self.service.__enter__()
        return self

    def __exit__(self, *_):
        self.service.__exit__(*_)
        shutil.rmtree(self.home, ignore_errors=True)

    def environment(self):
        return {'PATH': '/usr/bin:/bin', 'LC_ALL': 'C.UTF-8', 'HOME': self.home, 'XDG_STATE_HOME': self.home,
                'INFINSTOR_TOKEN_FILE_DIR': self.service.token_dir, 'ASAN_OPTIONS': os.environ.get('ASAN_OPTIONS', '')}

    def run(self, *words, before=()):
        done = subprocess.run([PAIL, '--url', self.service.url, *before, *words], stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=60, env=self.environment())
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    def does(self, *words, says=(), status=DONE):
        result = self.run(*words)
        assert result.status == status, result
        for text in says:
            assert text in result.err + result.out, (text, result)
        return result

    def secret(self, text):
        return write_private(os.path.join(self.home, 'secret'), text)

    def records(self):
        return json.loads(self.does('journal', '--format', 'json').out)

    def entry(self, name):
        """What a request can set of it; None if there is none."""
        entry = self.service.entry(name)
        names = ('cloud', 'endpoint', 'accessKeyId', 'accessRole', 'accessRoleExt')
        return entry and {name: entry[name] for name in names if entry.get(name)}


def shown(entry):
    return {name: value for name, value in entry.items() if name != 'bucketname'}


def test_the_journal_has_what_was_done():
    with Place(ROLE) as place:
        place.does('modify', 'roled', '--endpoint', 'https://new.example.com', '--reason', 'the old one burns', '--yes')
        place.does('delete', 'nosuch', '--yes', status=NO_BUCKET)
        record, = place.records()
        assert record['state'] == 'applied' and record['accepted'] and record['changed'] == ['endpoint'], record
        assert record['reason'] == 'the old one burns' and record['op'] == 'modify' and record['bucket'] == 'roled', record
        assert record['host'] == place.service.url[len('http://'):], record
        assert not record['before'].get('endpoint') and record['after']['endpoint'] == 'https://new.example.com', record
        assert ': whole: 3 lines in 1 file\n' in place.does('journal', 'verify').out


def test_a_modify_is_undone_and_done_again():
    with Place(KEYED) as place:
        place.does('modify', 'keyed', '--endpoint', 'https://new.example.com', '--yes')
        moved = dict(shown(KEYED), endpoint='https://new.example.com')
        for wanted in (shown(KEYED), moved, shown(KEYED)):
            place.does('undo', '--yes', says=['undoes the modify of ', 'modify keyed: applied'])
            assert place.entry('keyed') == wanted
        ids = [record['id'] for record in place.records()]
        assert len(set(ids)) == 4
        assert [record.get('undoes') for record in place.records()] == [None] + ids[:3]


def test_an_add_is_undone():
    with Place() as place:
        place.does('add', 'new', '--cloud', 'aws', '--access-role', ROLE['accessRole'], '--yes')
        result = place.does('undo', '--dry-run', says=['op=delete&bucketname=new', 'undoes the add of '])
        assert place.entry('new') and 'op=delete' in result.out
        place.does('undo', '--yes')
        assert place.entry('new') is None
        place.does('undo', '--yes', says=['undoes the delete of '])
        assert place.entry('new') == {'cloud': 'aws', 'accessRole': ROLE['accessRole']}


def test_a_delete_is_undone_with_its_secret():
    with Place(KEYED) as place:
        place.does('delete', 'keyed', '--yes')
        place.does('undo', '--secret-access-key-file', place.secret('s3cr3t-again\n'), '--yes',
                   says=['secretAccessKey   *** (12 bytes)', 'the sharedSecret that the entry may have had is not recorded'])
        assert place.entry('keyed') == shown(KEYED)
        with open(os.path.join(place.home, 'pail', 'journal.jsonl')) as file:
            assert 's3cr3t' not in file.read()


def test_on_a_terminal_secrets_are_asked_for():
    with Place(KEYED) as place:
        place.does('delete', 'keyed', '--yes')
        with Tui([PAIL, '--url', place.service.url, 'undo'], env=place.environment(), rows=40) as tui:
            tui.wait_for('Secret access key:')
            tui.keys('s3cr3t-again\r')
            tui.wait_for('Shared secret:')
            tui.keys('\r')
            tui.wait_for('[y/N]')
            assert 'secretAccessKey   *** (12 bytes)' in tui.text() and 's3cr3t' not in tui.text(), tui.text()
            tui.keys('y\r')
            assert tui.wait_end() == DONE, tui.text()
        assert place.entry('keyed') == shown(KEYED)


def test_without_a_secret_that_it_had_nothing_is_sent_unless_that_is_wanted():
    missing = "the secretAccessKey that the entry had is not recorded, and isn't given: it does not come back"
    with Place(KEYED) as place:
        place.does('delete', 'keyed', '--yes')
        place.does('undo', '--dry-run', says=[missing])
        before = len(place.records())
        place.does('undo', '--yes', status=USAGE, says=[
            'keyed: nothing was sent: the secretAccessKey that it had is not recorded: give --secret-access-key-file, '
            'or --without-secrets to go on without'])
        assert place.entry('keyed') is None and len(place.records()) == before
        place.does('undo', '--yes', '--without-secrets', says=[missing])
        assert place.entry('keyed') == shown(KEYED)


def test_a_key_is_not_set_back_without_its_secret():
    with Place(KEYED) as place:
        place.does('modify', 'keyed', '--access-key-id', 'new', '--secret-access-key-file', place.secret('s3cr3t'), '--yes')
        place.does('undo', '--yes', status=USAGE, says=['nothing was sent'])
        assert place.entry('keyed')['accessKeyId'] == 'new'
        place.does('undo', '--yes', '--without-secrets', says=["isn't given: the present one stays"])
        assert place.entry('keyed') == shown(KEYED)


def test_on_a_terminal_yes_does_not_go_on_without_a_secret_either():
    with Place(KEYED) as place:
        place.does('delete', 'keyed', '--yes')
        with Tui([PAIL, '--url', place.service.url, 'undo', '--yes'], env=place.environment(), rows=40) as tui:
            assert tui.wait_end() == USAGE, tui.text()
            assert 'nothing was sent' in tui.text(), tui.text()
        assert place.entry('keyed') is None


def test_an_edited_journal_is_told_of():
    with Place(ROLE) as place:
        place.does('modify', 'roled', '--access-role-ext', 'y', '--yes')
        path = os.path.join(place.home, 'pail', 'journal.jsonl')
        with open(path) as file:
            text = file.read()
        write_private(path, text.replace('"accessRoleExt":"x"', '"accessRoleExt":"z"'))
        assert 'was changed after pail wrote it' in place.does('undo', '--dry-run').out
        write_private(path, text)
        assert 'was changed after pail wrote it' not in place.does('undo', '--dry-run').out


def test_a_replacement_is_undone():
    with Place(ROLE) as place:
        place.does('add', 'roled', '--replace', '--cloud', 'minio', '--endpoint', 'https://m.example.com',
                   '--access-key-id', 'K', '--secret-access-key-file', place.secret('s3cr3t'), '--yes')
        place.does('undo', '--yes')
        assert place.entry('roled') == shown(ROLE)


def test_the_nth_last_is_undone():
    with Place(ROLE, KEYED) as place:
        place.does('modify', 'roled', '--access-role-ext', 'y', '--yes')
        place.does('modify', 'keyed', '--endpoint', 'https://new.example.com', '--yes')
        place.does('undo', '2', '--yes', says=['modify roled: applied'])
        assert place.entry('roled') == shown(ROLE)
        place.does('undo', '4', '--yes', status=REFUSED, says=['the journal has 3 changes that were applied at 127.0.0.1'])
        for wrong in ('0', '-1', 'x', '1x', '99999999999', ''):
            assert place.run('undo', '--', wrong).status == USAGE, wrong


def test_what_was_changed_since_is_told():
    with Place(ROLE) as place:
        place.does('modify', 'roled', '--access-role-ext', 'y', '--yes')
        place.service.change('op=modify&bucketname=roled&accessRoleExt=theirs&endpoint=https%3A%2F%2Ftheirs.example.com')
        place.does('undo', '--yes', says=['somebody has changed this since, and it goes too: accessRoleExt'])
        assert place.entry('roled') == dict(shown(ROLE), endpoint='https://theirs.example.com')
        place.service.change('op=delete&bucketname=roled')
        place.does('undo', '--yes', status=REFUSED, says=['the entry is gone: there is nothing to set back; nothing was sent'])


def test_what_cannot_be_undone():
    with Place(KEYED) as place:
        place.does('undo', '--yes', status=REFUSED, says=['the journal has no change that was applied at 127.0.0.1'])
        place.does('modify', 'keyed', '--secret-access-key-file', place.secret('s3cr3t'), '--yes')
        place.does('undo', '--yes', status=USAGE, says=[
            'keyed: nothing was sent: nothing else differs, and the secretAccessKey that it had is not recorded: '
            'give --secret-access-key-file'])
        place.does('undo', '--yes', '--secret-access-key-file', place.secret('old'), says=['modify keyed: '])
        place.does('undo', status=USAGE, says=['give --yes'], *['--secret-access-key-file', place.secret('old')])
        assert place.run('undo', '--yes', before=['--read-only']).status == READ_ONLY
        assert place.run('undo', '--endpoint', 'x', '--yes').status == USAGE


if __name__ == '__main__':
    tap.main(globals())
