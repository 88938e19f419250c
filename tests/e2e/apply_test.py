"""export and diff: desired state from the shell."""
import collections, json, os, shutil, subprocess, tempfile

import tap
from dashboard import BUILD, PAIL, TokenFolder
from service import Bucketd, Fake, answer, login_page, one_after_the_other, raw_answer, table_answer, write_private

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

    def run(self, *words, typed=b''):
        done = subprocess.run([PAIL, '--url', self.service.url, *words], input=typed, capture_output=True, timeout=60,
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
                              'pail: 2 differ: 1 to add, 1 to modify\n'), result
        result = place.ends(DIFFERS, 'diff', 'state.json', '--prune')
        assert 'delete edge\n' in result.out and '3 differ: 1 to add, 1 to modify, 1 to delete' in result.err
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


if __name__ == '__main__':
    tap.main(globals())
