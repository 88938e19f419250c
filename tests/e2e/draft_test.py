"""Unfinished forms: kept when pail is ended, offered at its next start, and never with a secret."""
import json, os, shutil, signal, stat, tempfile

import tap
from dashboard import BUILD, TokenFolder, pail
from service import Bucketd, Fake, hang, table_answer

SECRET = 's3cr3t-never-on-the-disk'
MINIO = {'bucketname': 'edge', 'cloud': 'minio', 'endpoint': 'https://minio.example.com:9000', 'accessKeyId': 'minio',
         'secretAccessKey': 'old'}
CHANGE = '/add-mod-del-bucket'


class State:
    """A folder for what pail keeps, and pails on one service that keep it there."""

    def __init__(self, url, token_dir):
        self.url, self.token_dir = url, token_dir
        self.dir = tempfile.mkdtemp(prefix='pail-state-')
        self.file = os.path.join(self.dir, 'pail', 'draft.json')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.dir)

    def pail(self, wanted=''):
        tui = pail(self.url, self.token_dir, env={'XDG_STATE_HOME': self.dir})
        tui.wait_for(wanted)
        tui.wait_for('as of')
        return tui

    def drafts(self):
        try:
            with open(self.file) as file:
                return json.load(file)['drafts']
        except FileNotFoundError:
            return []

    def check_no_secret(self):
        for folder, _, names in os.walk(self.dir):
            for name in names:
                with open(os.path.join(folder, name), 'rb') as file:
                    assert SECRET.encode() not in file.read(), name


def end(tui, number):
    os.kill(tui.pid, number)
    assert tui.wait_end() == 128 + number
    return tui.raw[-2000:].decode('utf-8', 'replace')


def fill_edit(tui):
    """An endpoint and a secret."""
    tui.keys('e\x15https://moved.example.com:9000<Tab><Tab>' + SECRET)
    tui.wait_for('moved.example.com')


def test_an_edit_goes_on_where_it_was():
    with Bucketd(BUILD, seed=[MINIO]) as service, State(service.url, service.token_dir) as state:
        with state.pail() as tui:
            fill_edit(tui)
            told = end(tui, signal.SIGHUP)
            assert 'the unfinished form, modify edge, is offered at the next start' in told, told
        assert stat.S_IMODE(os.stat(state.file).st_mode) == 0o600
        state.check_no_secret()
        draft, = state.drafts()
        assert draft['op'] == 'modify' and draft['bucket'] == 'edge' and draft['again'] == ['secretAccessKey'], draft
        assert draft['opened']['endpoint'] == MINIO['endpoint'] and draft['opened']['etag'], draft
        assert draft['host'] == '127.0.0.1:%d' % service.port and not draft['sent'], draft
        with state.pail('unfinished form') as tui:
            text = tui.text()
            assert 'modify edge' in text and 'Secret access key' in text, text
            tui.keys('<Enter>')
            assert 'moved.example.com' in tui.wait_for('edit edge')
            tui.keys('<F2>')
            tui.wait_for('type it again')
            tui.keys(SECRET + '<F2>')
            tui.wait_for('review: modify edge')
            assert state.drafts(), 'forgotten before it was done'
            tui.keys('<Enter>')
            tui.wait_for('modify edge: applied')
            tui.keys('q')
            assert tui.wait_end() == 0
        assert state.drafts() == [] and not os.path.exists(state.file)
        assert service.entry('edge')['endpoint'] == 'https://moved.example.com:9000'
        with state.pail() as tui:
            assert 'unfinished' not in tui.text()
        state.check_no_secret()


def test_an_entry_that_was_changed_since_is_a_conflict():
    with Bucketd(BUILD, seed=[MINIO]) as service, State(service.url, service.token_dir) as state:
        with state.pail() as tui:
            tui.keys('e\x15https://moved.example.com:9000')
            end(tui, signal.SIGTERM)
        service.change('op=modify&bucketname=edge&secretAccessKey=theirs')  # only the version tells
        with state.pail('unfinished form') as tui:
            tui.keys('<Enter><F2>')
            tui.wait_for('review: modify edge')
            tui.keys('<Enter>')
            tui.wait_for('conflict: edge')
            assert service.entry('edge')['endpoint'] == MINIO['endpoint']


def test_a_new_entry_can_be_discarded():
    with Bucketd(BUILD, seed=[MINIO]) as service, State(service.url, service.token_dir) as state:
        with state.pail() as tui:
            tui.keys('anewb<Tab>https://n.example.com')
            end(tui, signal.SIGTERM)
        with state.pail('unfinished form') as tui:
            assert 'add newb' in tui.text()
            tui.keys('<Escape>')
            tui.wait_for('offered again')
            tui.keys('q')
            assert tui.wait_end() == 0
        with state.pail('unfinished form') as tui:
            tui.keys('<Tab><Enter>')
            tui.wait_for('as of')
            assert state.drafts() == []


def test_a_form_that_goes_on_is_kept_until_it_is_done():
    with Bucketd(BUILD, seed=[MINIO]) as service, State(service.url, service.token_dir) as state:
        with state.pail() as tui:
            tui.keys('anewb')
            end(tui, signal.SIGTERM)
        with state.pail('unfinished form') as tui:
            tui.keys('<Enter>')
            tui.wait_for('add a bucket')
            os.kill(tui.pid, signal.SIGKILL)
            assert tui.wait_end() == -signal.SIGKILL
        with state.pail('unfinished form') as tui:
            tui.keys('<Enter>')
            tui.wait_for('add a bucket')
            tui.keys('<Tab>https://more.example.com')
            end(tui, signal.SIGHUP)
        draft, = state.drafts()  # in the place of what it was
        assert draft['typed']['endpoint'] == 'https://more.example.com', draft
        with state.pail('unfinished form') as tui:
            tui.keys('<Enter>')
            tui.wait_for('add a bucket')
            tui.keys('<Escape>')
            tui.wait_for('Discard what you typed?')
            tui.keys('<Tab><Enter>')
            assert state.drafts() == []


def test_what_is_typed_ahead_does_not_answer():
    with Bucketd(BUILD, seed=[MINIO]) as service, State(service.url, service.token_dir) as state:
        with state.pail() as tui:
            tui.keys('anewb')
            end(tui, signal.SIGTERM)
        with pail(service.url, service.token_dir, env={'XDG_STATE_HOME': state.dir}) as tui:
            os.write(tui.fd, b'd\rd')
            assert '[>Go on<]' in tui.wait_for('unfinished form')
            assert len(state.drafts()) == 1


def test_what_had_been_sent_says_so():
    fake = Fake({'/customerinfo': table_answer([MINIO]), CHANGE: hang()})
    with fake, TokenFolder() as token, State(fake.url, token.path) as state:
        with state.pail() as tui:
            tui.keys('e\x15https://moved.example.com:9000<F2>')
            tui.wait_for('review: modify edge')
            tui.keys('<Enter>', quiet=0)
            fake.wait_for(1)
            tui.wait_for('sending')
            told = end(tui, signal.SIGHUP)
            assert 'unknown' in told and 'unfinished form' in told, told
        assert state.drafts()[0]['sent']
        with state.pail('unfinished form') as tui:
            assert 'It had been sent' in tui.text()
        assert len(fake.bodies()) == 1


def test_pails_that_go_together_lose_none():
    """As when a connection breaks that carried several."""
    with Bucketd(BUILD, seed=[MINIO]) as service, State(service.url, service.token_dir) as state:
        tuis = [state.pail() for _ in range(4)]
        for i, tui in enumerate(tuis):
            tui.keys('anewb%d' % i)
        for tui in tuis:
            os.kill(tui.pid, signal.SIGHUP)
        for tui in tuis:
            assert tui.wait_end() == 128 + signal.SIGHUP
            tui.kill()
        assert sorted(draft['bucket'] for draft in state.drafts()) == ['newb%d' % i for i in range(4)], state.drafts()
        assert [name for name in os.listdir(os.path.dirname(state.file)) if name.startswith('draft.json')
                and name not in ('draft.json', 'draft.json.lock')] == []


def test_a_disk_that_takes_nothing_is_told_of():
    with Bucketd(BUILD, seed=[MINIO]) as service, State(service.url, service.token_dir) as state:
        with state.pail() as tui:
            tui.keys('anewb')
            shutil.rmtree(os.path.join(state.dir, 'pail'), ignore_errors=True)
            with open(os.path.join(state.dir, 'pail'), 'w'):
                pass
            told = end(tui, signal.SIGTERM)
            assert 'the unfinished form, add newb, could not be kept' in told, told


if __name__ == '__main__':
    tap.main(globals())
