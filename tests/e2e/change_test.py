"""The dashboard on a pty: what a person types, what the service receives byte for byte, what the screen says then."""
import fcntl, os, tempfile, time

import tap
from dashboard import BUILD, PAIL, TokenFolder, pail
from service import (Bucketd, Fake, answer, hang, hang_up, json_answer, login_page, one_after_the_other, table_answer,
                     write_private)
from tui import Tui

TESTB3 = {'bucketname': 'testb3', 'cloud': 'aws', 'accessRole': 'aaaa', 'accessRoleExt': 'bbbb'}
MINIO = {'bucketname': 'edge', 'cloud': 'minio', 'endpoint': 'https://minio.example.com:9000', 'accessKeyId': 'minio'}
CHANGE = '/add-mod-del-bucket'


class Recorder(Fake):
    """Lists what it is given, then (once a change has come) what it is given for afterwards."""

    def __init__(self, before, after=None, on_change=json_answer({})):
        super().__init__()
        self.before, self.after, self.on_change = before, after, on_change
        self.answer = {'/customerinfo': self.list, CHANGE: on_change}

    def list(self, connection, request):
        table = self.after if self.after is not None and self.bodies() else self.before
        table_answer(table)(connection, request)


def sitting(fake, token, *options, **size):
    tui = pail(fake.url, token.path, *options, **size)
    tui.wait_for('as of')
    return tui


def type_add(tui, name='testb3'):
    tui.keys('a' + name + '<Tab><Tab><Tab>aaaa<Tab>bbbb<F2>')
    tui.wait_for('review: add')


def test_add_sends_the_first_example_and_the_cloud():
    with Recorder([], [TESTB3]) as fake, TokenFolder() as token, sitting(fake, token) as tui:
        type_add(tui)
        assert fake.bodies() == []
        tui.keys('<Enter>')
        tui.wait_for('add testb3: applied')
        assert fake.bodies() == [b'op=add&bucketname=testb3&cloud=aws&endpoint=&accessKeyId=&secretAccessKey='
                                 b'&accessRole=aaaa&accessRoleExt=bbbb']
        assert [r.headers['authorization'] for r in fake.requests if r.path == CHANGE] == ['admin-token']


def test_another_pail_that_writes_holds_up_no_key():
    """It has the journal's lock: nothing is sent before our intent, and meanwhile keys are answered."""
    after = dict(TESTB3, endpoint='https://minio.isstage1.bb.com/')
    with tempfile.TemporaryDirectory() as state, Recorder([TESTB3], [after]) as fake, TokenFolder() as token:
        os.mkdir(os.path.join(state, 'pail'), 0o700)
        lock = os.open(os.path.join(state, 'pail', 'journal.jsonl.lock'), os.O_RDWR | os.O_CREAT, 0o600)
        with pail(fake.url, token.path, env={'XDG_STATE_HOME': state}) as tui:
            tui.wait_for('as of')
            tui.keys('ehttps://minio.isstage1.bb.com/<F2>')
            tui.wait_for('review: modify testb3')
            fcntl.flock(lock, fcntl.LOCK_EX)
            tui.keys('<Enter>')
            tui.wait_for("waiting for another pail's journal lock")
            start = time.monotonic()
            tui.keys('<Escape>')
            tui.wait_for('not sent: stopped before it was')
            assert time.monotonic() - start < 1 and fake.bodies() == []
            tui.keys('<Enter>')
            tui.wait_for('edit testb3')
            tui.keys('<F2>')
            tui.wait_for('review: modify testb3')
            tui.keys('<Enter>')
            tui.wait_for("waiting for another pail's journal lock")
            fcntl.flock(lock, fcntl.LOCK_UN)
            tui.wait_for('modify testb3: applied')
            assert len(fake.bodies()) == 1
        os.close(lock)


def test_the_list_says_that_the_journal_is_not_read_yet():
    """Another pail has its lock at the start: what earlier sittings left unsettled may be missing."""
    with tempfile.TemporaryDirectory() as state, Recorder([TESTB3]) as fake, TokenFolder() as token:
        os.mkdir(os.path.join(state, 'pail'), 0o700)
        lock = os.open(os.path.join(state, 'pail', 'journal.jsonl.lock'), os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pail(fake.url, token.path, env={'XDG_STATE_HOME': state}) as tui:
            note = 'Another pail is writing to the journal'
            text = tui.wait_for(lambda text: note in text and 'testb3' in text)
            assert '! Another' not in text, text
            fcntl.flock(lock, fcntl.LOCK_UN)
            tui.wait_for(lambda text: note not in text)
        os.close(lock)


def test_the_list_says_why_the_journal_cannot_be_read():
    with tempfile.TemporaryDirectory() as state, Recorder([TESTB3]) as fake, TokenFolder() as token:
        os.mkdir(os.path.join(state, 'pail'), 0o700)
        path = write_private(os.path.join(state, 'pail', 'journal.jsonl'), '')
        os.chmod(path, 0o644)
        with pail(fake.url, token.path, env={'XDG_STATE_HOME': state}, columns=200) as tui:
            text = tui.wait_for('! Changes that are not settled may not be marked: journal ')
            assert 'others may read or write it: chmod 600 ' in text, text
            os.chmod(path, 0o600)
            tui.keys('r')
            tui.wait_for(lambda text: 'others may read' not in text)


def test_modify_sends_the_changed_field_alone():
    after = dict(TESTB3, endpoint='https://minio.isstage1.bb.com/')
    with Recorder([TESTB3], [after]) as fake, TokenFolder() as token, sitting(fake, token) as tui:
        tui.keys('ehttps://minio.isstage1.bb.com/<F2>')
        text = tui.wait_for('review: modify testb3')
        assert 'https%3A%2F%2Fminio.isstage1.bb.com%2F' in text
        tui.keys('<Enter>')
        tui.wait_for('modify testb3: applied')
        assert fake.bodies() == [b'op=modify&bucketname=testb3&endpoint=https%3A%2F%2Fminio.isstage1.bb.com%2F']


def test_delete_wants_the_name_typed():
    with Recorder([TESTB3], []) as fake, TokenFolder() as token, sitting(fake, token) as tui:
        tui.keys('D')
        tui.wait_for('review: delete testb3')
        tui.keys('<Enter>')  # Back is focused
        tui.wait_for('as of')
        tui.keys('D')
        tui.wait_for('review: delete testb3')
        tui.keys('<Shift-Tab>')
        for _ in range(4):   # wherever the focus is, a wrong name sends nothing
            tui.keys('wrong<Enter>')
            tui.keys('D' if 'review' not in tui.text() else '<Tab>')
        assert fake.bodies() == []


def test_delete_sends_the_third_example():
    with Recorder([TESTB3], []) as fake, TokenFolder() as token, sitting(fake, token) as tui:
        tui.keys('D')
        tui.wait_for('review: delete testb3')
        tui.keys('testb3<Enter>')
        if not fake.bodies():
            tui.keys('<Enter>')
        tui.wait_for('delete testb3: applied')
        assert fake.bodies() == [b'op=delete&bucketname=testb3']


def test_a_switch_from_role_to_key_sends_the_fourth_example():
    after = {'bucketname': 'testb3', 'cloud': 'aws', 'accessKeyId': 'iiii'}
    with Recorder([TESTB3], [after]) as fake, TokenFolder() as token, sitting(fake, token) as tui:
        tui.keys('e<Tab><Right><Tab>iiii<Tab>ssss<F2>')
        text = tui.wait_for('review: ')
        assert 'ssss' not in text and 'replace' in text.lower(), text
        tui.keys('testb3<Enter>')
        if not fake.bodies():
            tui.keys('<Enter>')
        tui.wait_for('applied')
        assert fake.bodies() == [b'op=add&bucketname=testb3&cloud=aws&endpoint=&accessKeyId=iiii&secretAccessKey=ssss'
                                 b'&accessRole=&accessRoleExt=']


def test_an_untouched_secret_is_never_sent():
    after = dict(MINIO, endpoint='https://other.example.com')
    with Recorder([MINIO], [after]) as fake, TokenFolder() as token, sitting(fake, token) as tui:
        tui.keys('e\x15https://other.example.com<F2>')
        assert 'secretAccessKey' not in fake.bodies()
        tui.wait_for('review: modify edge')
        tui.keys('<Enter>')
        tui.wait_for('applied')
        assert fake.bodies() == [b'op=modify&bucketname=edge&endpoint=https%3A%2F%2Fother.example.com']


def test_nothing_that_differs_sends_nothing():
    with Recorder([TESTB3]) as fake, TokenFolder() as token, sitting(fake, token) as tui:
        tui.keys('e<F2>')
        tui.wait_for('Nothing differs')
        assert fake.bodies() == []


def test_an_entry_changed_by_somebody_else_is_not_overwritten():
    with Recorder([TESTB3]) as fake, TokenFolder() as token, sitting(fake, token) as tui:
        tui.keys('ehttps://mine.example.com<F2>')
        tui.wait_for('review: modify testb3')
        fake.before = [dict(TESTB3, endpoint='https://theirs.example.com')]
        tui.keys('<Enter>')
        text = tui.wait_for('conflict: testb3')
        assert 'https://theirs.e' in text and 'https://mine.exa' in text, text
        assert fake.bodies() == []


def test_a_conflict_is_merged_field_by_field():
    """Two people at one bucketd: what both changed is chosen by hand, what one changed is that one's."""
    with Bucketd(BUILD, seed=[TESTB3]) as service, pail(service.url, service.token_dir) as tui:
        tui.wait_for('as of')
        tui.keys('ehttps://mine.example.com<F2>')
        tui.wait_for('review: modify testb3')
        assert service.change('op=modify&bucketname=testb3&endpoint=https%3A%2F%2Ftheirs.example.com&'
                              'accessRoleExt=theirs').status == 200
        tui.keys('<Enter>')
        text = tui.wait_for('conflict: testb3')
        assert '! choose' in text and service.entry('testb3')['endpoint'] == 'https://theirs.example.com', text
        tui.keys('<Right><Tab><Tab><Enter>')
        tui.wait_for('review: modify testb3')
        tui.keys('<Enter>')
        tui.wait_for('modify testb3: applied')
        entry = service.entry('testb3')
        assert (entry['endpoint'], entry['accessRoleExt']) == ('https://mine.example.com', 'theirs'), entry


def test_a_secret_that_somebody_else_changed_is_not_overwritten_unseen():
    """Only the version tells of it."""
    with Bucketd(BUILD, seed=[MINIO]) as service, pail(service.url, service.token_dir) as tui:
        tui.wait_for('as of')
        tui.keys('e<Tab><Tab>mine<F2>')
        assert 'secretAccessKey' in tui.wait_for('review: modify edge')
        service.change('op=modify&bucketname=edge&secretAccessKey=theirs')
        tui.keys('<Enter>')
        text = tui.wait_for('conflict: edge')
        assert 'may be a secret' in text and '! choose' in text, text
        tui.keys('<Tab><Enter>')
        tui.wait_for('Choose a side for secretAccessKey')
        tui.keys('<Tab><Tab><Tab><Enter>')
        assert 'Nothing was sent' in tui.wait_for('as of')


def test_a_service_that_goes_in_the_middle_gets_one_post():
    with Recorder([TESTB3], on_change=hang_up()) as fake, TokenFolder() as token, sitting(fake, token) as tui:
        tui.keys('ehttps://mine.example.com<F2>')
        tui.wait_for('review: modify testb3')
        tui.keys('<Enter>')
        tui.wait_for('unknown')
        time.sleep(0.5)
        assert len(fake.bodies()) == 1


def test_a_silent_write_can_be_left_and_stays_marked():
    with Recorder([TESTB3], on_change=hang()) as fake, TokenFolder() as token, sitting(fake, token) as tui:
        tui.keys('ehttps://mine.example.com<F2>')
        tui.wait_for('review: modify testb3')
        tui.keys('<Enter>')
        assert len(fake.wait_for(1)) == 1
        fake.answer['/customerinfo'] = hang()
        tui.keys('<Escape>')
        tui.wait_for('unknown')
        for _ in range(5):
            if 'ACCESS' in tui.text():
                break
            tui.keys('<Escape>')
            if 'iscard' in tui.text():
                tui.keys('d<Enter>')
        assert '?testb3' in tui.wait_for('1 ?').replace(' ', ''), tui.text()
        tui.keys('q')
        assert tui.wait_end() == 0
        assert b'unknown' in tui.raw[-2000:]
        assert len(fake.bodies()) == 1


def test_an_unknown_change_is_told_of_after_another_profile_too():
    with Recorder([TESTB3], on_change=hang_up()) as fake, TokenFolder() as token:
        profile = '{ url = "%s"; token_dir = "%s"; };' % (fake.url, token.path)
        write_private(token.path + '/pail.conf', 'default_profile = "first";\nprofiles = { first = %s other = %s };'
                      % (profile, profile))
        with Tui([PAIL, '--config', token.path + '/pail.conf']) as tui:
            tui.wait_for('as of')
            tui.keys('ehttps://mine.example.com<F2>')
            tui.wait_for('review: modify testb3')
            tui.keys('<Enter>')
            tui.wait_for('unknown')
            tui.keys('<Enter><Escape><Tab><Enter>Pother<Enter>')
            assert 'unknown' in tui.wait_for('pail  other'), tui.text()
            tui.keys('q')
            assert tui.wait_end() == 0
            told = tui.raw[-2000:]
            assert b'pail: first: 1 change' in told and b'modify testb3: unknown' in told, told


def test_what_was_typed_is_there_after_a_refusal():
    for behaviour, wanted in ((answer(400, 'bucketname is odd', 'text/plain'), 'bucketname is odd'),
                              (answer(403, 'no', 'text/plain'), 'administrator'), (login_page(), 'login has expired')):
        with Recorder([], on_change=behaviour) as fake, TokenFolder() as token, sitting(fake, token) as tui:
            type_add(tui)
            tui.keys('<Enter>')
            tui.wait_for(wanted)
            tui.keys('<Escape>')
            text = tui.wait_for('add a bucket')
            assert 'testb3' in text and 'aaaa' in text and 'bbbb' in text
            assert len(fake.bodies()) == 1


def test_a_reader_cannot_write():
    with Bucketd(BUILD, seed=[TESTB3]) as service, pail(service.url, service.reader_token_dir) as tui:
        tui.wait_for('as of')
        tui.keys('ehttps://mine.example.com<F2>')
        tui.wait_for('review: modify testb3')
        tui.keys('<Enter>')
        tui.wait_for('administrator')
        assert service.entry('testb3')['endpoint'] == ''


def test_a_read_only_sitting_has_no_way_to_write():
    with Recorder([TESTB3], []) as fake, TokenFolder() as token, sitting(fake, token, '--read-only') as tui:
        assert 'READ-ONLY' in tui.text()
        for key in ('a', 'e', 'D', 'c', '<Delete>', '<F4>', '<F7>', '<F8>'):
            tui.keys(key)
            text = tui.wait_for('read-only')
            assert 'ACCESS' in text and 'READ-ONLY' in text, key
        tui.keys(':add<Enter>')
        tui.wait_for('read-only')
        tui.keys('<Enter>eDc')
        assert 'details' in tui.wait_for('read-only')
        assert fake.bodies() == []


def test_a_paste_never_confirms():
    with Recorder([TESTB3], []) as fake, TokenFolder() as token, sitting(fake, token) as tui:
        tui.keys('\x1b[200~Dtestb3\r\r\x1b[201~')
        assert 'ACCESS' in tui.text()
        tui.keys('D')
        tui.wait_for('review: delete testb3')
        tui.keys('\x1b[200~testb3\r\r\x1b[201~')
        tui.keys('<Tab>\x1b[200~testb3\r\r\x1b[201~<Tab>\x1b[200~\r\x1b[201~')
        assert fake.bodies() == []


def test_the_whole_way_with_bucketd():
    with Bucketd(BUILD, seed=[MINIO, dict(TESTB3, bucketname='other')]) as service, \
            pail(service.url, service.token_dir) as tui:
        tui.wait_for('as of')
        tui.keys('/cloud:minio<Enter>')
        tui.wait_for('1 of 2')
        tui.keys('e\x15https://moved.example.com:9000<F2>')
        tui.wait_for('https%3A%2F%2Fmoved.example.com%3A9000')
        tui.keys('<Enter>')
        assert 'moved' in tui.wait_for('modify edge: applied')
        assert service.entry('edge')['endpoint'] == 'https://moved.example.com:9000'
        tui.keys('<Escape>')
        type_add(tui)
        tui.keys('<Enter>')
        tui.wait_for('add testb3: applied')
        assert '▌ testb3' in tui.text(), tui.text()
        assert service.entry('testb3')['accessRoleExt'] == 'bbbb'
        tui.keys('/testb3<Enter>D')
        tui.wait_for('review: delete testb3')
        tui.keys('testb3<Enter>')
        if service.entry('testb3'):
            tui.keys('<Enter>')
        tui.wait_for('delete testb3: applied')
        assert service.entry('testb3') is None


if __name__ == '__main__':
    tap.main(globals())
