#!/usr/bin/python3
"""Changes whose outcome isn't known when pail ends: killed, or without an answer. The next start takes them up from the
journal and settles them by the same rules. And versions: If-Match, and what 412 leads to."""
import json, os, shutil, signal, subprocess, tempfile

import tap
from dashboard import PAIL, TokenFolder
from service import Fake, answer, hang, hang_up, json_answer, one_after_the_other, table_answer, write_private
from tui import Tui

OLD = {'bucketname': 'edge', 'cloud': 'minio', 'endpoint': 'https://old.example.com', 'accessKeyId': 'minio'}
NEW = dict(OLD, endpoint='https://new.example.com')
OTHER = dict(OLD, endpoint='https://other.example.com')
CHANGE = '/add-mod-del-bucket'
DONE, REFUSED, UNKNOWN, CONFLICT = 0, 1, 5, 6
MODIFY = ('modify', 'edge', '--endpoint', NEW['endpoint'], '--yes', '--settle', '0')
SENT = b'op=modify&bucketname=edge&endpoint=https%3A%2F%2Fnew.example.com'


class Place:
    """A service, and pail's files: a profile with short times, a token, a journal."""

    def __init__(self, on_change, table=OLD, settle_after=2):
        self.dir = tempfile.mkdtemp(prefix='settle-')
        self.fake = Fake({'/customerinfo': table_answer([table]), CHANGE: on_change})
        self.token = TokenFolder()
        self.settle_after = settle_after

    def __enter__(self):
        self.fake.__enter__()
        self.config = write_private(os.path.join(self.dir, 'pail.conf'), '''
            profiles = { quick = { url = "%s"; token_dir = "%s"; timeout = 3; settle_after = %d; }; };
            ''' % (self.fake.url, self.token.path, self.settle_after))
        self.env = {'PATH': os.environ['PATH'], 'LC_ALL': 'C.UTF-8', 'HOME': self.dir, 'TERM': 'xterm-256color',
                    'XDG_STATE_HOME': self.dir, 'ASAN_OPTIONS': os.environ.get('ASAN_OPTIONS', '')}
        return self

    def __exit__(self, *_):
        self.fake.__exit__()
        self.token.__exit__()
        shutil.rmtree(self.dir, ignore_errors=True)

    def shows(self, *entries):
        self.fake.answer['/customerinfo'] = table_answer(list(entries))

    def start(self, *words):
        return subprocess.Popen([PAIL, '--config', self.config, *words], env=self.env, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run(self, *words):
        process = self.start(*words)
        try:
            out, err = process.communicate(timeout=30)
        finally:
            process.kill()
            process.wait()
        return process.returncode, out.decode(), err.decode()

    def dashboard(self):
        return Tui([PAIL, '--config', self.config], env=self.env)

    def journal(self):
        with open(os.path.join(self.dir, 'pail', 'journal.jsonl')) as journal:
            return [json.loads(line) for line in journal]

    def states(self):
        return [line['state'] for line in self.journal() if line['kind'] == 'outcome']


# ---- left and taken up

def test_the_next_start_settles_what_was_left():
    for entries, state in (((NEW,), 'applied'), ((OLD,), 'refused'), ((OTHER,), None)):
        with Place(hang_up()) as place:
            status, _, err = place.run(*MODIFY)
            assert status == UNKNOWN and place.states() == ['unknown'], err
            with place.dashboard() as tui:
                tui.wait_for('▌?edge')
                assert '1, 1 ?' in tui.text()
                place.shows(*entries)
                if state is None:
                    tui.wait_for('other.example.com')  # read again by itself
                    tui.settle(3)
                    assert '▌?edge' in tui.text() and place.states() == ['unknown'], tui.text()
                    tui.keys('q')
                    tui.wait_end()
                    assert 'quick: 1 change has an unknown outcome' in tui.text(), tui.text()
                else:
                    tui.wait_for('▌ edge')
                    assert place.states() == ['unknown', state], place.journal()
            assert place.fake.bodies() == [SENT]


def test_a_command_settles_what_was_left_too():
    with Place(hang_up()) as place:
        assert place.run(*MODIFY)[0] == UNKNOWN
        place.shows(NEW)
        status, out, err = place.run('list')
        assert status == DONE and 'edge' in out and place.states() == ['unknown', 'applied'], err
        assert place.fake.bodies() == [SENT]


def kill_while_sending(place):
    process = place.start(*MODIFY)
    try:
        assert place.fake.wait_for(1) == [SENT]
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=20)
    kinds = [line['kind'] for line in place.journal()]
    assert kinds == ['begin', 'intent'], kinds


def test_a_killed_pail_leaves_an_intent_that_is_settled():
    with Place(hang()) as place:
        kill_while_sending(place)
        place.shows(NEW)
        with place.dashboard() as tui:
            tui.wait_for('▌ edge')
            assert place.states() == ['applied']
    with Place(hang(), settle_after=1) as place:
        kill_while_sending(place)
        with place.dashboard() as tui:  # as before, and late: by then a request can't take effect any more
            tui.wait_for('▌?edge')
            tui.wait_for('▌ edge')
            assert place.states() == ['refused'], place.journal()


def test_a_pail_that_runs_keeps_its_own():
    with Place(hang()) as place:
        process = place.start(*MODIFY)
        try:
            assert place.fake.wait_for(1) == [SENT]
            place.shows(OTHER)
            status, out, err = place.run('list')
            assert status == DONE and 'other.example.com' in out and place.states() == [], (err, place.journal())
            assert process.poll() is None
        finally:
            process.kill()
            process.communicate(timeout=20)


# ---- versions

def test_a_version_goes_along_and_a_mismatch_is_a_conflict():
    versioned, theirs = dict(OLD, etag='5'), dict(OTHER, etag='6')
    listing = one_after_the_other(table_answer([versioned]), table_answer([versioned]), table_answer([theirs]))
    with Place(answer(412, 'the entry is at version 6', 'text/plain')) as place:
        place.fake.answer['/customerinfo'] = listing
        status, _, err = place.run(*MODIFY)
        assert status == CONFLICT and '(412)' in err and OTHER['endpoint'] in err, err
        request = next(request for request in place.fake.requests if request.path == CHANGE)
        assert request.headers['if-match'] == '"5"', request
        assert place.states() == ['conflict']
    with Place(json_answer({})) as place:
        place.fake.answer['/customerinfo'] = one_after_the_other(table_answer([OLD]), table_answer([OLD]),
                                                                 table_answer([NEW]))
        status, _, err = place.run(*MODIFY)
        request = next(request for request in place.fake.requests if request.path == CHANGE)
        assert status == DONE and 'if-match' not in request.headers and 'if-none-match' not in request.headers, err


if __name__ == '__main__':
    tap.main(globals())
