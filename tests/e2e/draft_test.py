"""Unfinished forms: kept when pail is ended, offered at its next start, and never with a secret."""
import json, os, shutil, signal, stat, tempfile
from urllib.parse import parse_qs as parse

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

    def leave(self, keys):
        """A pail in which that is typed, and which SIGTERM ends."""
        with self.pail() as tui:
            tui.keys(keys)
            end(tui, signal.SIGTERM)

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
        state.leave('e\x15https://moved.example.com:9000')
        service.change('op=modify&bucketname=edge&secretAccessKey=theirs')  # only the version tells
        with state.pail('unfinished form') as tui:
            tui.keys('<Enter><F2>')
            tui.wait_for('review: modify edge')
            tui.keys('<Enter>')
            tui.wait_for('conflict: edge')
            assert service.entry('edge')['endpoint'] == MINIO['endpoint']


def test_a_new_entry_can_be_discarded():
    with Bucketd(BUILD, seed=[MINIO]) as service, State(service.url, service.token_dir) as state:
        state.leave('anewb<Tab>https://n.example.com')
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
        state.leave('anewb')
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
        state.leave('anewb')
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


def team(count=12):
    return [dict(MINIO, bucketname='team-%02d' % i) for i in range(count)]


def fill_bulk(tui, kind, text):
    tui.keys('/team-<Enter>Ab' + kind + '<Enter>')
    tui.wait_for(kind + ' of the')
    tui.keys(text)


def test_the_form_for_many_goes_on_with_its_marks():
    with Bucketd(BUILD, seed=team() + [MINIO]) as service, State(service.url, service.token_dir) as state:
        with state.pail() as tui:
            fill_bulk(tui, 'endpoint', 'https://moved.example.com:9000')
            told = end(tui, signal.SIGHUP)
            assert 'the unfinished form, endpoint of 12 marked, is offered at the next start' in told, told
        draft, = state.drafts()
        assert draft['op'] == 'bulk' and draft['names'] == [e['bucketname'] for e in team()], draft
        service.change('op=delete&bucketname=team-07')
        with state.pail('unfinished form') as tui:
            assert 'endpoint of 12 marked' in tui.text()
            tui.keys('<Enter>')
            text = tui.wait_for('endpoint of the 11 marked')
            assert 'moved.example.com' in text and '1 of the 12 is not in the table any more: team-07' in text, text
            tui.keys('<F2>')
            tui.wait_for('review: modify 11 entries')
            assert all(entry['endpoint'] == MINIO['endpoint'] for entry in service.listing())
            tui.keys('<Shift-Tab><Enter>')
            tui.wait_for('applied: 11; not marked any more')
            assert state.drafts() == []
            tui.keys('q')
            assert ' marked' not in tui.wait_for('NAME')
        moved = {e['bucketname'] for e in service.listing() if e['endpoint'] == 'https://moved.example.com:9000'}
        assert moved == {e['bucketname'] for e in team()} - {'team-07'}, moved


def test_a_key_for_many_is_kept_without_its_secret():
    with Bucketd(BUILD, seed=team()) as service, State(service.url, service.token_dir) as state:
        with state.pail() as tui:
            fill_bulk(tui, 'access-key', 'NEWKEY<Tab>' + SECRET + '<F2>')
            tui.wait_for('review: modify 12 entries')
            end(tui, signal.SIGTERM)  # what lies below a review is kept too
        state.check_no_secret()
        draft, = state.drafts()
        assert draft['value'] == 'NEWKEY' and draft['again'] == ['secretAccessKey'] and not draft['sent'], draft
        with state.pail('unfinished form') as tui:
            assert 'to be typed again: Secret access key' in tui.text()
            tui.keys('<Enter><F2>')
            assert "the new key's secret is needed" in tui.wait_for('access-key of the 12 marked')
            tui.keys(SECRET + '<F2>')
            tui.wait_for('review: modify 12 entries')
            tui.keys('<Shift-Tab><Enter>')
            tui.wait_for('applied: 12')
        assert state.drafts() == []
        state.check_no_secret()


def test_of_many_only_those_are_offered_that_were_not_sent():
    entries = team()
    fake = Fake({'/customerinfo': table_answer(entries), CHANGE: hang()})
    with fake, TokenFolder() as token, State(fake.url, token.path) as state:
        with state.pail() as tui:
            fill_bulk(tui, 'endpoint', 'https://moved.example.com:9000<F2>')
            tui.wait_for('review: modify 12 entries')
            tui.keys('<Shift-Tab><Enter>', quiet=0)
            fake.wait_for(8)
            tui.wait_for('under way: team-00')
            told = end(tui, signal.SIGHUP)
            assert '8 changes have an unknown outcome' in told, told
            assert 'endpoint of 4 marked, is offered' in told, told
        sent = {fields[0] for fields in (parse(body.decode())['bucketname'] for body in fake.bodies())}
        draft, = state.drafts()
        assert draft['sent'] and not sent & set(draft['names']), draft
        assert sent | set(draft['names']) == {e['bucketname'] for e in entries}
        with state.pail('unfinished form') as tui:
            assert 'The others had been sent' in tui.text()
        assert len(fake.bodies()) == 8


def test_a_form_for_many_that_was_sent_is_not_offered_after_a_crash():
    fake = Fake({'/customerinfo': table_answer(team()), CHANGE: hang()})
    with fake, TokenFolder() as token, State(fake.url, token.path) as state:
        with state.pail() as tui:
            fill_bulk(tui, 'endpoint', 'https://moved.example.com:9000')
            end(tui, signal.SIGHUP)
        with state.pail('unfinished form') as tui:
            tui.keys('<Enter><F2>')
            tui.wait_for('review: modify 12 entries')
            assert len(state.drafts()) == 1
            tui.keys('<Shift-Tab><Enter>', quiet=0)
            fake.wait_for(8)
            os.kill(tui.pid, signal.SIGKILL)
            assert tui.wait_end() == -signal.SIGKILL
        assert state.drafts() == []


def test_a_form_that_was_sent_is_not_offered_after_a_crash():
    fake = Fake({'/customerinfo': table_answer([MINIO]), CHANGE: hang()})
    with fake, TokenFolder() as token, State(fake.url, token.path) as state:
        state.leave('e\x15https://moved.example.com:9000')
        with state.pail('unfinished form') as tui:
            tui.keys('<Enter>')
            tui.wait_for('edit edge')
            tui.keys('<F2>')
            tui.wait_for('review: modify edge')
            assert len(state.drafts()) == 1
            tui.keys('<Enter>', quiet=0)
            assert len(fake.wait_for(1)) == 1
            os.kill(tui.pid, signal.SIGKILL)
            assert tui.wait_end() == -signal.SIGKILL
        assert state.drafts() == []


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
