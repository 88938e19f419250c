#!/usr/bin/python3
"""Many entries at once from the dashboard, on a pty: marked by a filter, changed or deleted through bucketd; and a service
that refuses one of them and never answers another."""
import json, os, shutil, stat, sys, tempfile, threading, time, urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tap
from dashboard import BUILD, TokenFolder, pail
from service import Bucketd, Fake, answer, busy, hang, json_answer, table_answer

CHANGE = '/add-mod-del-bucket'
MANY = 30


def entries(count=MANY):
    return [{'bucketname': 'team-%02d' % i, 'cloud': 'minio', 'endpoint': 'https://old.example.com',
             'accessKeyId': 'key-%d' % (i % 3)} for i in range(count)]


OTHERS = [{'bucketname': 'archive', 'cloud': 'aws', 'accessRole': 'arn:aws:iam::111122223333:role/x'},
          {'bucketname': 'zebra', 'cloud': 'aws', 'accessKeyId': 'AKIAIOSFODNN7EXAMPLE'}]


class Keeper(Fake):
    """Keeps a table, and does what it is told; but not to some entries."""

    def __init__(self, table, odd=None, delay=0):
        super().__init__()
        self.table = {entry['bucketname']: dict(entry) for entry in table}
        self.odd, self.delay, self.guard = odd or {}, delay, threading.Lock()
        self.answer = {'/customerinfo': self.list, CHANGE: self.change}

    def list(self, connection, request):
        with self.guard:
            table_answer(list(self.table.values()))(connection, request)

    def change(self, connection, request):
        fields = dict(urllib.parse.parse_qsl(request.body.decode(), keep_blank_values=True))
        op, name = fields.pop('op'), fields.pop('bucketname')
        if name in self.odd:
            self.odd[name](connection, request)
            return
        time.sleep(self.delay)
        with self.guard:
            if op == 'delete':
                del self.table[name]
            else:
                self.table[name].update({key: value for key, value in fields.items() if 'secret' not in key})
        json_answer({})(connection, request)


def mark_team(tui, count=MANY):
    tui.wait_for('as of')
    tui.keys('/team-<Enter>A')
    tui.wait_for('%d marked' % count)


def review_endpoint(tui, endpoint, count=MANY):
    tui.keys('b')
    tui.wait_for('for the %d marked' % count)
    tui.keys('endpoint<Enter>')
    tui.wait_for('endpoint of the')
    tui.keys(endpoint + '<F2>')
    tui.wait_for('review: modify')


def send(tui):
    """Cancel has the focus."""
    tui.keys('<Shift-Tab><Enter>', quiet=0.02)


def test_an_endpoint_is_set_on_thirty():
    with Bucketd(BUILD, seed=entries() + OTHERS) as service, pail(service.url, service.token_dir) as tui:
        mark_team(tui)
        review_endpoint(tui, 'https://new.example.com')
        text = tui.text()
        assert 'modify 30 entries' in text and 'https://old.example.com  →  https://new.example.com' in text, text
        assert all(entry.get('endpoint') != 'https://new.example.com' for entry in service.listing())
        send(tui)
        tui.wait_for('applied: 30; not marked any more')
        changed = {e['bucketname'] for e in service.listing() if e.get('endpoint') == 'https://new.example.com'}
        assert changed == {entry['bucketname'] for entry in entries()}
        tui.keys('q')
        text = tui.wait_for('30 of 32')
        assert 'marked' not in text, text


def test_thirty_are_deleted_once_the_count_is_typed():
    with Bucketd(BUILD, seed=entries() + OTHERS) as service, pail(service.url, service.token_dir) as tui:
        mark_team(tui)
        tui.keys('D')
        tui.wait_for('Type 30 to delete them:')
        tui.keys('<Enter>')  # Cancel has the focus
        tui.wait_for('30 of 32')
        tui.keys('D')
        tui.wait_for('Type 30 to delete them:')
        tui.keys('29<Enter>')
        tui.wait_for('the count: it is 30')
        tui.keys('<Tab><Tab><Tab><Enter>')
        tui.wait_for('Not sent: type the count first.')
        tui.keys('\x15\x1b[200~30\r\x1b[201~')
        assert "A paste doesn't confirm" in tui.text() and len(service.listing()) == 32
        tui.keys('30<Enter><Enter>')
        tui.wait_for('applied: 30')
        assert {entry['bucketname'] for entry in service.listing()} == {'archive', 'zebra'}


def test_one_refused_and_one_that_hangs_keep_their_marks():
    odd = {'team-07': answer(400, 'it is odd', 'text/plain'), 'team-19': hang()}
    folder = tempfile.mkdtemp(prefix='pail-bulk-')
    path = os.path.join(folder, 'results')
    try:
        with Keeper(entries() + OTHERS, odd) as fake, TokenFolder() as token, pail(fake.url, token.path) as tui:
            mark_team(tui)
            review_endpoint(tui, 'https://new.example.com')
            send(tui)
            tui.wait_for('under way: team-19\n')
            text = tui.text()
            assert '29 of 30' in text and 'refused 1, conflict 0, not sent 0, to be judged 28' in text, text
            tui.keys('j?\x0c')  # keys are answered meanwhile
            tui.keys('q' if 'help' in tui.text() else '')
            tui.keys('<Escape>')
            text = tui.wait_for('applied')
            assert '30 changes: 28 applied, 1 refused, 1 unknown' in text and 'it is odd' in text, text
            tui.keys('s')
            tui.wait_for('save to a new file: results.jsonl')
            tui.keys('\x15' + path + '<Enter>')
            tui.wait_for('Saved to ')
            results = [json.loads(line) for line in open(path)]
            assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
            assert [line['bucketname'] for line in results] == ['team-%02d' % i for i in range(MANY)]
            wanted = {7: 'refused', 19: 'unknown'}
            assert [line['outcome'] for line in results] == [wanted.get(i, 'applied') for i in range(MANY)]
            assert all(set(line) == {'bucketname', 'op', 'outcome', 'text', 'id'} for line in results)
            tui.keys('s\x15' + path + '<Enter>')
            tui.wait_for('exists; nothing was written')
            tui.keys('<Escape>q')
            tui.wait_for('2 marked')
            assert sorted(fake.bodies()) == [b'op=modify&bucketname=team-%02d&endpoint=https%%3A%%2F%%2Fnew.example.com' % i
                                             for i in range(MANY)], 'each once'
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_a_service_that_asks_to_wait_is_said_to():
    odd = {'team-00': busy(429, 2)}
    with Keeper(entries(), odd, delay=0.05) as fake, TokenFolder() as token, pail(fake.url, token.path) as tui:
        mark_team(tui)
        review_endpoint(tui, 'https://new.example.com')
        send(tui)
        tui.wait_for('the service asked to wait: the rest is sent from 20')
        text = tui.wait_for('refused or not applied: 1;')
        assert '29 applied, 1 refused' in text, text


def test_the_first_failure_ends_it_if_asked_to():
    odd = {'team-00': answer(400, 'it is odd', 'text/plain')}
    with Keeper(entries(), odd, delay=0.05) as fake, TokenFolder() as token, pail(fake.url, token.path) as tui:
        mark_team(tui)
        review_endpoint(tui, 'https://new.example.com')
        tui.keys('<Tab><Tab> ')  # reason, then the switch
        tui.wait_for('[x] stop after the first that fails')
        send(tui)
        if 'review:' in tui.text():
            tui.keys('<Tab><Enter>', quiet=0.02)
        text = tui.wait_for('refused or not applied: 1;')
        sent = len(fake.bodies())
        assert sent < 20 and '%d not sent' % (MANY - sent) in text, text


def open_conflict(tui):
    """From the results, with the conflict chosen."""
    tui.wait_for('in conflict: 1; still marked')
    tui.keys('<Enter>')
    tui.wait_for('now (theirs)')


def test_a_conflict_of_an_entry_with_a_version_opens_from_the_results():
    """bucketd's entries have one; a colleague has changed it while the review was open."""
    with Bucketd(BUILD, seed=entries(3)) as service, pail(service.url, service.token_dir) as tui:
        mark_team(tui, 3)
        review_endpoint(tui, 'https://new.example.com', 3)
        service.change('op=modify&bucketname=team-01&secretAccessKey=theirs')
        send(tui)
        open_conflict(tui)
        assert 'it may be a secret' in tui.text(), tui.text()
        tui.keys('<Tab><Tab><Enter>')
        text = tui.wait_for('review: modify team-01')
        assert 'https://old.example.com  →  https://new.example.com' in text, text
        tui.keys('<Enter>')
        text = tui.wait_for('conflicts decided since: 1; not marked any more')
        assert 'team-01: applied' in text and '3 changes: 2 applied, 1 in conflict' in text, text
        assert all(entry['endpoint'] == 'https://new.example.com' for entry in service.listing())
        tui.keys('q')
        assert 'marked' not in tui.wait_for('3 of 3')


def test_a_conflict_of_an_entry_without_a_version_opens_from_the_results():
    with Keeper(entries(3)) as fake, TokenFolder() as token, pail(fake.url, token.path) as tui:
        mark_team(tui, 3)
        tui.keys('D')
        tui.wait_for('Type 3 to delete them:')
        fake.table['team-01']['endpoint'] = 'https://theirs.example.com'
        tui.keys('3<Enter><Enter>')
        open_conflict(tui)
        assert 'https://theirs.e' in tui.text(), tui.text()
        tui.keys('<Left><Left><Enter>')
        tui.wait_for('review: delete team-01')
        fake.table['team-01']['endpoint'] = 'https://again.example.com'
        tui.keys('team-01<Enter><Enter>')
        tui.wait_for('https://again.ex')  # a conflict once more, with the entry as it is now
        tui.keys('<Escape>')
        tui.wait_for('in conflict: 1; still marked')
        tui.keys('<Enter>')
        tui.wait_for('https://again.ex')
        tui.keys('<Left><Left><Enter>')
        tui.wait_for('review: delete team-01')
        tui.keys('team-01<Enter><Enter>')
        tui.wait_for('conflicts decided since: 1')
        assert not fake.table and len(fake.bodies()) == 3, fake.bodies()
        tui.keys('q')
        assert 'marked' not in tui.wait_for('as of')


def test_a_conflict_whose_change_got_no_answer_is_unknown_in_the_results():
    with tempfile.TemporaryDirectory(prefix='pail-bulk-') as folder, Keeper(entries(3)) as fake, \
            TokenFolder() as token, pail(fake.url, token.path) as tui:
        mark_team(tui, 3)
        review_endpoint(tui, 'https://new.example.com', 3)
        fake.table['team-01']['endpoint'] = 'https://theirs.example.com'
        send(tui)
        open_conflict(tui)
        fake.odd['team-01'] = hang()
        tui.keys('<Tab><Tab><Enter>')
        tui.wait_for('review: modify team-01')
        tui.keys('<Enter>', quiet=0.02)
        fake.wait_for(3)
        fake.answer['/customerinfo'] = answer(500, 'not now', 'text/plain')
        tui.keys('<Escape>')
        tui.wait_for("isn't sent again")
        tui.keys('<Escape>')  # not to the conflict, where it could be said that nothing was sent
        text = tui.wait_for('unknown: 1; still marked')
        assert 'team-01: unknown: stopped waiting' in text and 'nothing was sent' not in text.lower(), text
        path = os.path.join(folder, 'results')
        tui.keys('s\x15' + path + '<Enter>')
        tui.wait_for('Saved to ')
        with open(path) as file:
            results = [json.loads(line) for line in file]
        assert [line['outcome'] for line in results] == ['applied', 'unknown', 'applied'] and results[1]['id'], results
        tui.keys('q')
        tui.wait_for('1 marked, 1 ?')


def test_the_reason_is_in_the_journal():
    with tempfile.TemporaryDirectory(prefix='pail-bulk-') as state, Keeper(entries(3)) as fake, TokenFolder() as token, \
            pail(fake.url, token.path, env={'XDG_STATE_HOME': state}) as tui:
        mark_team(tui, 3)
        tui.keys('D')
        tui.wait_for('Type 3 to delete them:')
        tui.keys('3<Tab>ticket 7<Tab><Tab><Enter>')
        tui.wait_for('applied: 3')
        with open(os.path.join(state, 'pail', 'journal.jsonl')) as file:
            intents = [line for line in map(json.loads, file) if line['kind'] == 'intent']
        assert [(line['op'], line['reason']) for line in intents] == [('delete', 'ticket 7')] * 3, intents


def test_a_key_is_rotated_and_its_secret_never_shown():
    with Keeper(entries() + OTHERS) as fake, TokenFolder() as token, pail(fake.url, token.path) as tui:
        tui.wait_for('as of')
        tui.keys('A')
        tui.wait_for('32 marked')
        tui.keys('baccess-key<Enter>')
        tui.wait_for('access-key of the 32 marked')
        tui.keys('newkey<Tab>s3cr/t+7<F2>')
        text = tui.wait_for('review: modify 31')
        assert '1 marked entry is left out' in text and '4 different access keys' in text, text
        tui.keys('G')
        assert 'secretAccessKey=***8' in tui.text(), tui.text()
        send(tui)
        tui.wait_for('applied: 31')
        assert len(fake.bodies()) == 31
        assert all(body.endswith(b'&accessKeyId=newkey&secretAccessKey=s3cr%2Ft%2B7') for body in fake.bodies())
        assert b's3cr' not in tui.raw
        tui.keys('q')
        assert '1 marked' in tui.wait_for('as of')


def test_pausing_begins_nothing_more():
    with Keeper(entries(), delay=0.1) as fake, TokenFolder() as token, pail(fake.url, token.path) as tui:
        mark_team(tui)
        review_endpoint(tui, 'https://new.example.com')
        send(tui)
        fake.wait_for(1)
        tui.keys('p', quiet=0.02)
        tui.wait_for('paused')
        time.sleep(0.5)
        begun = len(fake.bodies())
        assert begun < MANY, 'it was over too soon'
        time.sleep(0.3)
        assert len(fake.bodies()) == begun and 'Go on' in tui.text()
        tui.keys(' ')
        tui.wait_for('applied: 30')
        assert len(fake.bodies()) == MANY


if __name__ == '__main__':
    tap.main(globals())
