"""export, diff and apply: desired state from the shell."""
import collections, json, os, re, shutil, signal, sqlite3, stat, subprocess, tempfile, time, urllib.parse

import tap
from dashboard import BUILD, PAIL, TokenFolder, pail
from service import (Bucketd, Fake, answer, hang, hang_up, json_answer, login_page, one_after_the_other, raw_answer,
                     table_answer, write_private)

DONE, REFUSED, USAGE, NO_BUCKET, LOGIN, UNKNOWN, CONFLICT, READ_ONLY, NO_CONNECTION = range(9)
DIFFERS = 1
CHANGE, LIST = '/add-mod-del-bucket', '/customerinfo'
TESTB3 = {'bucketname': 'testb3', 'cloud': 'aws', 'accessRole': 'aaaa', 'accessRoleExt': 'bbbb'}
EDGE = {'bucketname': 'edge', 'cloud': 'minio', 'endpoint': 'https://minio.example.com:9000', 'accessKeyId': 'minio'}
LAKE = {'bucketname': 'lake', 'cloud': 'aws', 'accessKeyId': 'AKIA'}

Result = collections.namedtuple('Result', 'status out err')


class Place:
    """A folder with a token, and pail run from it. service: has a url."""

    def __init__(self, service):
        self.path = tempfile.mkdtemp(prefix='pail-apply-')
        self.token, self.service = TokenFolder(), service

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.token.__exit__()
        shutil.rmtree(self.path, ignore_errors=True)

    def environment(self):
        return {'PATH': os.environ['PATH'], 'LC_ALL': 'C.UTF-8', 'HOME': self.path,
                'INFINSTOR_TOKEN_FILE_DIR': self.token.path, 'ASAN_OPTIONS': os.environ.get('ASAN_OPTIONS', '')}

    def command(self, *words):
        """Options of pail itself come first."""
        return [os.path.abspath(PAIL), '--url', self.service.url, *words]

    def on_terminal(self, *words, **size):
        return pail(self.service.url, self.token.path, *words, env=self.environment(), **size)

    def run(self, *words, typed=b''):
        done = subprocess.run(self.command(*words), input=typed, capture_output=True, timeout=60,
                              env=self.environment(), cwd=self.path)
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    def ends(self, status, *words, typed=b'', says=()):
        result = self.run(*words, typed=typed)
        assert result.status == status, result
        for text in says:
            assert text in result.err, (text, result)
        return result

    def write(self, value, name='state.json'):
        """A file with this text, or this value as JSON."""
        return write_private(os.path.join(self.path, name), value if isinstance(value, str) else json.dumps(value))


def fake(*tables):
    return Fake({LIST: one_after_the_other(*(table_answer(table) for table in tables))})


class Service(Fake):
    """Carries changes out, in memory. refuse: {name: what it does instead}."""

    def __init__(self, entries, refuse=None):
        super().__init__({LIST: self.list, CHANGE: self.change})
        self.entries, self.refuse = {entry['bucketname']: entry for entry in entries}, refuse or {}

    def list(self, connection, request):
        table_answer(list(self.entries.values()))(connection, request)

    def change(self, connection, request):
        fields = dict(urllib.parse.parse_qsl(request.body.decode(), keep_blank_values=True))
        op, name = fields.pop('op'), fields['bucketname']
        if name in self.refuse:
            return self.refuse[name](connection, request)
        fields = {key: value for key, value in fields.items() if 'ecret' not in key}
        with self.lock:
            if op == 'delete':
                del self.entries[name]
            else:
                self.entries[name] = dict(self.entries.get(name, {}) if op == 'modify' else {}, **fields)
        json_answer({})(connection, request)

    def names(self, op):
        """The buckets of the changes that came, by name: several come at a time."""
        found = [re.match(rb'op=%s&bucketname=([^&]*)' % op.encode(), body) for body in self.bodies()]
        return sorted(match.group(1).decode() for match in found if match)


def entries(count, **fields):
    return [dict({'bucketname': 'n%03d' % i, 'cloud': 'aws'}, **fields) for i in range(count)]


REFUSES = answer(400, 'it is odd', 'text/plain')


# ---- export

def test_export_writes_what_can_be_set_by_name():
    odd = {'bucketname': 'odd', 'cloud': None, 'endpoint': 7, 'ddbTable': 'snap', 'region': 'eu', 'apiToken': 't'}
    with fake([TESTB3, odd, EDGE]) as service, Place(service) as place:
        result = place.ends(DONE, 'export')
        assert result.out == (
            '[\n  {"bucketname": "edge", "cloud": "minio", "endpoint": "https://minio.example.com:9000", '
            '"accessKeyId": "minio", "secretAccessKey_file": null, "sharedSecret_file": null},\n'
            '  {"bucketname": "odd", "endpoint": "7"},\n'
            '  {"bucketname": "testb3", "cloud": "aws", "accessRole": "aaaa", "accessRoleExt": "bbbb"}\n]\n')
        assert result.err == ''
        assert [e['bucketname'] for e in json.loads(place.ends(DONE, 'export', 'cloud:minio').out)] == ['edge']
        assert place.ends(DONE, 'export', 'nosuch').out == '[]\n'


def test_export_has_no_secret_and_nothing_for_a_terminal():
    wild = dict(LAKE, secretAccessKey='hush-hush', sharedSecret='****', endpoint='\x1b[2J\x7f\u202e')
    with fake([wild]) as service, Place(service) as place:
        out = place.ends(DONE, 'export').out
        assert 'hush' not in out and out.isascii() and all(c == '\n' or c >= ' ' for c in out) and '\x7f' not in out
        assert json.loads(out) == [{'bucketname': 'lake', 'cloud': 'aws', 'accessKeyId': 'AKIA',
                                    'endpoint': '\x1b[2J\x7f\u202e', 'secretAccessKey_file': None,
                                    'sharedSecret_file': None}]


def test_export_leaves_out_what_cannot_be_told_apart():
    twin = dict(EDGE, cloud='aws')
    table = [EDGE, TESTB3, twin, {'cloud': 'aws'}, 7]
    with fake(table) as service, Place(service) as place:
        for words in ((), ('cloud:minio',), ('cloud:aws',)):
            result = place.ends(DONE, 'export', *words, says=['edge: the table has 2 entries of this name: left out'])
            names = [entry['bucketname'] for entry in json.loads(result.out)]
            assert names == ([] if words == ('cloud:minio',) else ['testb3']), result
        assert '2 entries could not be read: left out' in place.run('export').err
        assert place.ends(DONE, 'export', 'testb3').err == ''


def test_export_that_cannot_be_written_or_read():
    with fake([TESTB3]) as service, Place(service) as place, open('/dev/full', 'w') as full:
        done = subprocess.run([PAIL, '--url', service.url, 'export'], env=place.environment(), stdout=full,
                              stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=60)
        assert done.returncode == REFUSED and done.stderr, done
        for behaviour, status in ((login_page(), LOGIN), (answer(503, ''), NO_CONNECTION)):
            service.answer[LIST] = behaviour
            assert place.ends(status, 'export').out == ''


# ---- diff

def test_diff_is_equal_to_what_was_exported():
    wild = dict(LAKE, bucketname='wild', secretAccessKey='hush', endpoint='\x1b\x7f', ddbTable='snap', region='eu')
    for table in ([], [TESTB3, LAKE, EDGE], [wild, {'bucketname': 'odd', 'endpoint': 7, 'accessRole': {'a': [1]}}],
                  [TESTB3, EDGE, EDGE, 7]):
        with fake(table) as service, Place(service) as place:
            place.write(place.run('export').out)
            result = place.ends(DONE, 'diff', 'state.json', '--prune')
            assert result.out == '' and (7 in table or result.err == ''), result
            assert place.ends(DONE, 'diff', '-', typed=place.run('export').out.encode()).out == ''


def test_diff_takes_what_list_prints():
    with Bucketd(BUILD, seed=[EDGE, dict(TESTB3, ddbTable='snap')]) as service, Place(service) as place:
        place.write(place.ends(DONE, 'list', '--format', 'json').out)
        result = place.ends(DONE, 'diff', '--prune', 'state.json')
        assert result.out == '' and result.err == '', result


def test_diff_prints_what_differs():
    wanted = [dict(TESTB3, endpoint='https://mine.example.com'), dict(LAKE, secretAccessKey_file='no/such')]
    with fake([EDGE, TESTB3]) as service, Place(service) as place:
        place.write(wanted)
        result = place.ends(DIFFERS, 'diff', 'state.json')
        assert result.out == ('add lake\n'
                              '  bucketname        lake\n'
                              '  cloud             aws\n'
                              '  accessKeyId       AKIA\n'
                              '  secretAccessKey   given by its file\n'
                              'modify testb3\n'
                              '  endpoint          default  →  https://mine.example.com\n'
                              '  everything else   as it is\n')
        assert result.err == ('pail: 1 entry of the table is not in the file: left alone without --prune\n'
                              '2 changes: 1 to add, 1 to modify\n'), result
        result = place.ends(DIFFERS, 'diff', 'state.json', '--prune')
        assert 'delete edge\n' in result.out and '3 changes: 1 to add, 1 to modify, 1 to delete' in result.err
        assert service.bodies() == []


def test_diff_is_not_equal_where_it_cannot_tell():
    table = [EDGE, EDGE, {'bucketname': 'lake', 'quota': float('1e300')}]
    text = json.dumps({'InfinSnapBuckets': table}).replace('1e+300', '1e999')
    with Fake({LIST: answer(200, text)}) as service, Place(service) as place:
        place.write([EDGE])
        place.ends(DIFFERS, 'diff', 'state.json', says=['edge: left alone: the table has several entries'])
        place.write([{'bucketname': 'lake'}])
        place.ends(DIFFERS, 'diff', 'state.json', says=['lake: left alone: an entry that could not be read may have'])
        place.write([])
        result = place.ends(DONE, 'diff', 'state.json', '--prune', says=['edge: left alone', '1 entry of the table'])
        assert result.out == ''


def test_diff_refuses_what_is_no_desired_state():
    with fake([]) as service, Place(service) as place:
        for text, says in (('', 'line 1: an array of entries is wanted'), ('[{"bucketname": "a"},\n]', 'line 2: entry 2'),
                           ([{'bucketname': 'a', 'acessRole': 'r'}], 'entry 1 (a): acessRole: is none of: bucketname'),
                           ([{'bucketname': 'a', 'endpoint': 7}], 'entry 1 (a): endpoint: must be text'),
                           ([TESTB3, EDGE, TESTB3], 'entries 1 and 3 have the same bucketname, testb3'),
                           ([{'bucketname': 'a', 'secretAccessKey': 'hush-hush'}], '"secretAccessKey_file": PATH'),
                           ([{'bucketname': '\x1b', 'sharedSecret': 'hush-hush'}], 'entry 1 (^[): sharedSecret')):
            place.write(text)
            result = place.ends(USAGE, 'diff', 'state.json', says=['state.json: ' + says if text == '' else says])
            assert 'hush' not in result.err and result.out == '', result
        place.ends(USAGE, 'diff', 'nosuch.json', says=['nosuch.json: No such file'])
        place.ends(USAGE, 'diff', '.', says=['Is a directory'])
        place.ends(USAGE, 'diff', says=['usage: pail diff FILE'])
        assert service.requests == []


def test_diff_tells_a_failure_from_a_difference():
    with fake([]) as service, Place(service) as place:
        place.write([])
        for behaviour, status in ((login_page(), LOGIN), (answer(503, ''), NO_CONNECTION),
                                  (raw_answer(b''), NO_CONNECTION)):
            service.answer[LIST] = behaviour
            place.ends(status, 'diff', 'state.json')


# ---- apply

def test_apply_makes_the_table_so_and_then_does_nothing():
    wanted = [dict(LAKE, secretAccessKey_file='keys/lake'), dict(TESTB3, endpoint='https://mine.example.com'),
              dict(EDGE, sharedSecret_file=None)]
    with Bucketd(BUILD, seed=[TESTB3, EDGE, {'bucketname': 'old', 'cloud': 'aws'}]) as service, \
            Place(service) as place:
        place.write('hush-hush\n', 'deep/keys/lake')
        path = place.write(wanted, 'deep/state.json')
        result = place.ends(DONE, 'apply', 'deep/state.json', '--yes', says=[
            'add lake\n', 'modify testb3\n', 'secretAccessKey   *** (9 bytes)\n',
            'pail: 1 entry of the table is not in the file: left alone without --prune\n',
            '2 changes: 1 to add, 1 to modify\n', 'pail: of 2 changes: 2 applied\n'])
        assert result.out == '' and 'hush' not in result.err, result
        assert service.entry('testb3')['endpoint'] == 'https://mine.example.com' and service.entry('old')
        with sqlite3.connect(service.db) as db:
            assert db.execute('SELECT secretAccessKey FROM buckets WHERE bucketname = "lake"').fetchall() == \
                [('hush-hush',)]
        before = service.listing()
        result = place.ends(DONE, 'apply', path, '--prune', '--yes', says=['delete old\n', '1 change: 1 to delete\n'])
        assert [entry['bucketname'] for entry in service.listing()] == ['edge', 'lake', 'testb3']
        for words in ((), ('--prune',), ('--prune', '--yes')):
            result = place.ends(DONE, 'apply', path, *words)
            assert result.err == 'pail: nothing to change: 3 entries are as desired; nothing was sent\n', result
        assert [entry for entry in before if entry['bucketname'] != 'old'] == service.listing()
        place.ends(DONE, 'diff', path, '--prune')


def test_an_export_is_applied_without_a_change():
    wild = dict(LAKE, bucketname='wild', secretAccessKey='hush', endpoint='\x1b\x7f', ddbTable='snap', region='eu')
    with Service([TESTB3, EDGE, LAKE, wild]) as service, Place(service) as place:
        exported = place.run('export').out
        place.ends(DONE, 'apply', '-', '--prune', '--secrets', '--yes', typed=exported.encode(), says=['nothing to change'])
        assert service.bodies() == []


def test_apply_sends_each_change_once_between_two_readings():
    wanted = [dict(LAKE, secretAccessKey_file='key'), {'bucketname': 'testb3', 'accessKeyId': 'iiii',
              'secretAccessKey_file': 'key'}]
    with Service([TESTB3, EDGE]) as service, Place(service) as place:
        place.write('s s\r\n', 'key')
        place.write(wanted)
        place.ends(DONE, 'apply', 'state.json', '--prune', '--yes', says=['replace testb3\n'])
        assert sorted(service.bodies()) == [
            b'op=add&bucketname=lake&cloud=aws&endpoint=&accessKeyId=AKIA&secretAccessKey=s%20s&accessRole=&accessRoleExt=',
            b'op=add&bucketname=testb3&cloud=aws&endpoint=&accessKeyId=iiii&secretAccessKey=s%20s&accessRole='
            b'&accessRoleExt=', b'op=delete&bucketname=edge']
        assert len(service.bodies(LIST)) == 3  # for the review, before and after


def test_secrets_are_sent_when_told_to():
    with Service([LAKE]) as service, Place(service) as place:
        place.write('ssss', 'key')
        place.write([dict(LAKE, secretAccessKey_file=place.path + '/key')])
        place.ends(DONE, 'apply', 'state.json', '--yes', says=['nothing to change'])
        place.ends(DONE, 'apply', 'state.json', '--yes', '--secrets', says=['1 change: 1 to modify'])
        assert service.bodies() == [b'op=modify&bucketname=lake&secretAccessKey=ssss']


def test_a_dry_run_prints_all_and_sends_nothing():
    with Service([TESTB3, EDGE]) as service, Place(service) as place:
        place.write('hush-hush', 'key')
        place.write([dict(TESTB3, endpoint='https://x.example.com'), dict(LAKE, secretAccessKey_file='key')])
        for first in ((), ('--read-only',)):
            result = place.ends(DONE, *first, 'apply', 'state.json', '--prune', '--dry-run')
            assert result.err == '' and 'hush' not in result.out, result
            for text in ('add lake\n', '  op=add&bucketname=lake&cloud=aws&endpoint=&accessKeyId=AKIA&secretAccessKey=***9&',
                         'modify testb3\n  endpoint          default  →  https://x.example.com\n', 'delete edge\n',
                         '  POST http://127.0.0.1:%d/add-mod-del-bucket\n' % service.port,
                         '\n3 changes: 1 to add, 1 to modify, 1 to delete\n'):
                assert text in result.out, (text, result)
        place.ends(READ_ONLY, '--read-only', 'apply', 'state.json', '--yes', says=['read-only'])
        assert service.bodies() == []


def test_off_a_terminal_yes_is_needed():
    with Service([TESTB3]) as service, Place(service) as place:
        place.write([LAKE])
        place.ends(USAGE, 'apply', 'state.json', typed=b'y\n', says=['--yes'])
        assert service.bodies() == []


def test_one_that_may_not_be_sent_keeps_all_from_it():
    with Service([TESTB3]) as service, Place(service) as place:
        place.write([LAKE, dict(EDGE, endpoint='nohost'), {'bucketname': 'gcp', 'cloud': 'gcp'}])
        place.ends(REFUSED, 'apply', 'state.json', '--prune', '--yes', says=[
            'pail: edge: endpoint: ', '(endpoint-url): nothing was sent', 'pail: gcp: cloud: '])
        place.write([LAKE, dict(EDGE, secretAccessKey_file='nosuch')])
        place.ends(USAGE, 'apply', 'state.json', '--yes', says=['pail: edge: secretAccessKey: its file: No such file'])
        os.mkdir(os.path.join(place.path, 'deep'))
        for given, said in (('nosuch', ', seen from deep/'), ('../nosuch', ' deep/../nosuch'),
                            ('no/such', ', seen from deep/'), ('/nosuch', '')):
            place.write([LAKE, dict(EDGE, secretAccessKey_file=given)], 'deep/state.json')
            place.ends(USAGE, 'apply', 'deep/state.json', '--yes', says=[
                'pail: edge: secretAccessKey: its file%s: No such file or directory\n' % said])
        place.write('', 'nosuch')
        place.ends(USAGE, 'apply', 'state.json', '--yes', says=['edge: secretAccessKey: what was given is empty\n'])
        place.write([dict(EDGE, secretAccessKey='hush')])
        place.ends(USAGE, 'apply', 'state.json', '--yes', says=['"secretAccessKey_file": PATH'])
        assert service.bodies() == []


def test_a_key_without_its_secret_is_warned_of():
    with Service([]) as service, Place(service) as place:
        place.write([LAKE])
        place.ends(DONE, 'apply', 'state.json', '--yes', says=['! no secret access key is given: it is sent empty'])


def test_a_secret_that_is_not_known_is_not_lost_without_a_word():
    """A switch of role and key carries all fields, and what null stands for can't be among them."""
    role = {'bucketname': 'edge', 'cloud': 'minio', 'accessRole': 'aaaa', 'sharedSecret_file': None}
    left = ('edge: left alone: its sharedSecret, if it has one, would be lost: give sharedSecret_file, or '
            '--without-secrets to go on without\n')
    sent = b'op=add&bucketname=edge&cloud=minio&endpoint=&accessKeyId=&secretAccessKey=&accessRole=aaaa&accessRoleExt='
    with Service([EDGE]) as service, Place(service) as place:
        place.write([LAKE, role])
        for words in ((), ('--prune',), ('--secrets',)):
            place.ends(REFUSED, 'apply', 'state.json', '--yes', *words, says=[left])
        assert service.bodies() == [b'op=add&bucketname=lake&cloud=aws&endpoint=&accessKeyId=AKIA&secretAccessKey='
                                    b'&accessRole=&accessRoleExt=']
        place.ends(DIFFERS, 'diff', 'state.json')
        place.ends(DONE, 'apply', 'state.json', '--dry-run')
        place.ends(DONE, 'apply', 'state.json', '--yes', '--without-secrets', says=['! lost unless it is given again'])
        assert service.bodies()[1:] == [sent]
    with Service([EDGE]) as service, Place(service) as place:
        place.write('ssss', 'key')
        place.write([dict(role, sharedSecret_file='key')])
        place.ends(DONE, 'apply', 'state.json', '--yes')
        assert service.bodies() == [sent + b'&sharedSecret=ssss']
    shown = dict(LAKE, secretAccessKey='********', sharedSecret='********')
    with Service([shown, TESTB3]) as service, Place(service) as place:
        place.write([dict(TESTB3, accessRole='', accessRoleExt='', accessKeyId='iiii'),
                     {'bucketname': 'lake', 'accessRole': 'aaaa'}])
        place.ends(REFUSED, 'apply', 'state.json', '--yes', says=[
            'testb3: left alone: its secretAccessKey, if it has one, would be lost: give secretAccessKey_file, or',
            'lake: left alone: its sharedSecret, if it has one, would be lost: '])
        assert service.bodies() == []


def test_what_cannot_be_told_apart_is_left_alone():
    with fake([EDGE, EDGE, TESTB3]) as service, Place(service) as place:
        service.answer[CHANGE] = json_answer({})
        place.write([dict(EDGE, cloud='aws'), TESTB3])
        place.ends(REFUSED, 'apply', 'state.json', '--prune', '--yes',
                   says=['edge: left alone', 'nothing was sent: ', ' as desired, 1 is left alone'])
        place.write([TESTB3])
        place.ends(DONE, 'apply', 'state.json', '--prune', '--yes', says=['edge: left alone', 'nothing to change'])
        assert service.bodies() == []


# ---- outcomes

def read_results(place, name='results'):
    path = os.path.join(place.path, name)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    with open(path) as file:
        return [json.loads(line) for line in file]


def test_one_failure_does_not_stop_the_others():
    refuse = {'n003': REFUSES, 'n007': hang_up()}
    with Service(entries(2), refuse) as service, Place(service) as place:
        place.write(entries(12, endpoint='https://x.example.com'))
        result = place.ends(UNKNOWN, 'apply', 'state.json', '--yes', '--settle', '0', '--results', 'results', says=[
            'add n003: refused: the service answered 400: it is odd', 'add n007: unknown', 'of 12 changes: 10 applied, 1 refused, 1 unknown\n'])
        assert 'add n004: ' not in result.err and len(service.bodies()) == 12, result
        results = read_results(place)
        assert [line['bucketname'] for line in results] == ['n%03d' % i for i in range(12)]
        assert [line['outcome'] for line in results].count('applied') == 10
        assert results[0]['op'] == 'modify' and results[3] == dict(results[3], op='add', outcome='refused')
        assert 'it is odd' in results[3]['text'] and results[7]['outcome'] == 'unknown'
        assert all(set(line) == {'bucketname', 'op', 'outcome', 'text', 'id'} for line in results)


def test_the_journal_has_each_with_the_reason():
    with Service([TESTB3], {'lake': REFUSES}) as service, Place(service) as place:
        place.write('hush-hush', 'key')
        place.write([dict(LAKE, secretAccessKey_file='key'), EDGE])
        place.ends(REFUSED, 'apply', 'state.json', '--prune', '--yes', '--reason', 'ticket "7"', '--results', 'results')
        with open(os.path.join(place.path, '.local', 'state', 'pail', 'journal.jsonl')) as file:
            text = file.read()
        lines = [json.loads(line) for line in text.split('\n') if line]
        assert text.count('"reason":"ticket \\"7\\""') == 3 and 'hush' not in text, text
        ids = {line['bucketname']: line['id'] for line in read_results(place)}
        assert set(ids) == {'edge', 'lake', 'testb3'} and set(ids.values()) <= {line.get('id') for line in lines}, text


def test_stop_on_error_begins_nothing_more():
    with Service([], {'n%03d' % i: REFUSES for i in range(100)}) as service, Place(service) as place:
        place.write(entries(100))
        result = place.ends(REFUSED, 'apply', 'state.json', '--yes', '--stop-on-error', '--results', 'results')
        sent = len(service.bodies())
        assert sent <= 8 and 'of 100 changes: %d refused, %d not sent\n' % (sent, 100 - sent) in result.err, result
        assert 'nor the %d that follow, to n099' % (99 - sent) in result.err
        assert [line['outcome'] for line in read_results(place)] == ['refused'] * sent + ['not sent'] * (100 - sent)


def test_without_changes_the_results_are_empty():
    with Bucketd(BUILD, seed=[EDGE]) as service, Place(service) as place:
        place.write([EDGE])
        place.ends(DONE, 'apply', 'state.json', '--yes', '--results', 'results', says=['nothing to change'])
        assert read_results(place) == []
        place.ends(USAGE, 'apply', 'state.json', '--yes', '--results', 'results', says=['File exists', 'nothing was sent'])
        place.ends(DONE, 'apply', 'state.json', '--dry-run', '--results', 'new', says=['nothing to change'])
        assert not os.path.exists(os.path.join(place.path, 'new'))


def test_results_go_to_a_new_file():
    with Service([]) as service, Place(service) as place:
        path = place.write('mine', 'results')
        place.write([LAKE])
        place.ends(USAGE, 'apply', 'state.json', '--yes', '--results', 'results', says=['File exists', 'nothing was sent'])
        place.ends(USAGE, 'apply', 'state.json', '--yes', '--results', 'no/such', says=['No such file'])
        place.ends(DONE, 'apply', 'state.json', '--dry-run', '--results', 'new')
        with open(path) as file:
            assert file.read() == 'mine' and not os.path.exists(path.replace('results', 'new'))
        assert service.bodies() == []


def test_an_entry_changed_meanwhile_is_not_overwritten():
    theirs = dict(EDGE, endpoint='https://theirs.example.com')
    with fake([EDGE, TESTB3], [theirs, TESTB3], [theirs]) as service, Place(service) as place:
        service.answer[CHANGE] = json_answer({})
        place.write([dict(EDGE, endpoint='https://mine.example.com')])
        place.ends(CONFLICT, 'apply', 'state.json', '--prune', '--yes', '--settle', '0', says=[
            'modify edge: not sent: the entry was changed meanwhile', 'https://theirs.example.com',
            'of 2 changes: 1 applied, 1 in conflict\n'])
        assert service.bodies() == [b'op=delete&bucketname=testb3']


def test_a_login_that_expired_has_its_status():
    with Service([], {'n%03d' % i: login_page() for i in range(20)}) as service, Place(service) as place:
        place.write(entries(20))
        result = place.ends(LOGIN, 'apply', 'state.json', '--yes', says=['the login has expired'])
        assert result.err.count('log in again') <= 16 and len(service.bodies()) <= 8, result


def test_a_signal_stops_between_changes():
    with Service([], {'n%03d' % i: hang() for i in range(40)}) as service, Place(service) as place:
        place.write(entries(40))
        process = subprocess.Popen(place.command('apply', 'state.json', '--yes', '--results', 'results'),
                                   env=place.environment(), cwd=place.path, stdin=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE)
        try:
            assert len(service.wait_for(8)) == 8
            process.send_signal(signal.SIGINT)
            err = process.communicate(timeout=20)[1].decode()
        finally:
            process.kill()
            process.wait()
        assert process.returncode == UNKNOWN and 'of 40 changes: 32 not sent, 8 unknown' in err, err
        assert 'add n008: not sent: stopped' in err and 'nor the 31 that follow, to n039' in err, err
        assert len(service.bodies()) == 8 and len(read_results(place)) == 40


def run_until(service, place, act, under=''):
    """apply of 12 entries, which act(process) meets when 8 are under way: the process, and what it has said."""
    place.write(entries(12))
    process = subprocess.Popen(['sh', '-c', under + ' exec "$@"', 'sh', *place.command(
        'apply', 'state.json', '--yes', '--settle', '0', '--results', 'results')], env=place.environment(),
        cwd=place.path, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        assert len(service.wait_for(8)) == 8
        act(process)
        return process, process.communicate(timeout=20)[1].decode()
    finally:
        process.kill()
        process.wait()


def test_a_signal_that_is_ignored_stays_so():
    """As nohup has it, or a script's job in the background."""
    gate = []

    def slow(connection, request):
        while not gate and service.open:
            time.sleep(0.01)
        service.change(connection, request)
    for number in (signal.SIGHUP, signal.SIGINT):
        with Service([]) as service, Place(service) as place:
            gate.clear()
            service.answer[CHANGE] = slow

            def act(process):
                process.send_signal(number)
                time.sleep(0.2)
                gate.append(True)
            process, err = run_until(service, place, act, "trap '' %d;" % number)
            assert process.returncode == DONE and 'of 12 changes: 12 applied' in err, (process.returncode, err)


def test_a_second_signal_leaves_the_status_and_the_results():
    """Somebody impatient, or timeout, which signals twice: what is known is saved and told."""
    for pause in (0, 0, 0.001, 0.003, 0.006, 0.01, 0.02):
        with Service([], {'n%03d' % i: hang() for i in range(12)}) as service, Place(service) as place:
            def act(process):
                process.send_signal(signal.SIGINT)
                time.sleep(pause)
                process.send_signal(signal.SIGTERM)
            process, err = run_until(service, place, act)
            assert process.returncode == UNKNOWN and 'of 12 changes: 4 not sent, 8 unknown' in err, (process.returncode, err)
            assert len(read_results(place)) == 12


def test_many_changes_go_through():
    with Bucketd(BUILD, seed=entries(150)) as service, Place(service) as place:
        wanted = [dict(entry, endpoint='https://x.example.com') for entry in entries(300) if entry['bucketname'] >= 'n050']
        place.write(wanted)
        place.ends(DONE, 'apply', 'state.json', '--prune', '--yes', says=['of 300 changes: 300 applied\n'])
        assert [entry['bucketname'] for entry in service.listing()] == [entry['bucketname'] for entry in wanted]
        place.ends(DONE, 'diff', 'state.json', '--prune')


# ---- on a terminal

def test_a_terminal_is_asked():
    for typed, status, count in (('y\r', DONE, 2), ('n\r', REFUSED, 0), ('2\r', REFUSED, 0), ('\r', REFUSED, 0)):
        with Service([TESTB3]) as service, Place(service) as place:
            path = place.write([LAKE, EDGE])
            with place.on_terminal('apply', path) as tui:
                tui.wait_for('Send all 2? [y/N]')
                tui.keys(typed)
                assert tui.wait_end() == status, tui.text()
                assert len(service.bodies()) == count


def test_a_person_may_lose_a_secret():
    with Service([EDGE]) as service, Place(service) as place:
        path = place.write([{'bucketname': 'edge', 'cloud': 'minio', 'accessRole': 'aaaa'}])
        with place.on_terminal('apply', path, rows=40) as tui:
            tui.wait_for('Send it? [y/N]')
            assert '! lost unless it is given again' in tui.text()
            tui.keys('y\r')
            assert tui.wait_end() == DONE and len(service.bodies()) == 1, tui.text()


def test_with_deletes_their_number_is_typed():
    for typed, status, count in (('2\r', DONE, 3), ('y\r', REFUSED, 0), ('3\r', REFUSED, 0), ('02\r', REFUSED, 0)):
        with Service([TESTB3, EDGE]) as service, Place(service) as place:
            path = place.write([LAKE])
            with place.on_terminal('apply', path, '--prune') as tui:
                tui.wait_for('Type the number of entries to delete, 2, to send all:')
                tui.keys(typed)
                assert tui.wait_end() == status, tui.text()
                assert len(service.bodies()) == count


def test_progress_is_one_line_that_goes_away():
    gate = []

    def slow(connection, request):
        while not gate and service.open:
            time.sleep(0.01)
        Service.change(service, connection, request)
    with Service([]) as service, Place(service) as place:
        service.answer[CHANGE] = one_after_the_other(*[service.change] * 5, slow)
        path = place.write(entries(9))
        with place.on_terminal('apply', path, '--yes', columns=40) as tui:
            tui.wait_for('5/9')
            before = [line for line in tui.text().split('\n') if '5/9' in line]
            assert len(before) == 1 and re.match(r'5/9(, \d+/s)? *$', before[0]), before
            gate.append(True)
            tui.wait_for('of 9 changes: 9 applied')
            assert tui.wait_end() == DONE and '/9' not in tui.text(), tui.text()


if __name__ == '__main__':
    tap.main(globals())
