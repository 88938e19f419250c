"""list, show, policy, config and completion: what they print byte for byte, and their exit status."""
import collections, json, os, pty, re, select, shutil, socket, stat, subprocess, tempfile, time, unittest

import tap
from dashboard import BUILD, PAIL, TokenFolder
from service import Bucketd, Fake, answer, hang, json_answer, login_page, table_answer, write_private

DONE, REFUSED, USAGE, NO_BUCKET, LOGIN, UNKNOWN, CONFLICT, READ_ONLY, NO_CONNECTION = range(9)
LIST = '/customerinfo'
ROLE = 'arn:aws:iam::111122223333:role/infinstor'
PRINCIPAL = 'arn:aws:iam::444455556666:root'
SEED = [
    {'bucketname': 'edge', 'cloud': 'minio', 'endpoint': 'https://minio.example.com:9000', 'accessKeyId': 'AKIAEDGE'},
    {'bucketname': 'artifacts', 'cloud': 'aws', 'accessRole': ROLE, 'accessRoleExt': 'ext-1', 'ddbTable': 'snap-1'},
]
ODD = {'bucketname': 'odd', 'cloud': None, 'endpoint': 7, 'accessKeyId': 'k', 'secretAccessKey': 's3cr3t',
       'region': 'x\x7f\x1b[2J\u202e', 'quota': 1.5, 'tags': [True, {'apiToken': 'hidden', 'a': None}],
       'password': 'hidden', 'tokenless': ''}

Result = collections.namedtuple('Result', 'status out err')


class Place:
    """A home with a token, and pail run from it."""

    def __init__(self, url=None, token='admin-token', config=None, mode=0o600):
        self.home = tempfile.mkdtemp(prefix='pail-home-')
        self.token = TokenFolder(token, mode)
        self.url, self.config = url, os.path.join(self.home, '.config', 'pail', 'pail.conf')
        if config is not None:
            write_private(self.config, config)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.token.__exit__()
        shutil.rmtree(self.home, ignore_errors=True)

    def environment(self, **more):
        return dict({'PATH': os.path.abspath(BUILD) + ':' + os.environ['PATH'], 'LC_ALL': 'C.UTF-8', 'HOME': self.home,
                     'INFINSTOR_TOKEN_FILE_DIR': self.token.path,
                     'ASAN_OPTIONS': os.environ.get('ASAN_OPTIONS', '')}, **more)

    def command(self, *words):
        return [PAIL] + (['--url', self.url] if self.url else []) + list(words)

    def run(self, *words, **more):
        done = subprocess.run(self.command(*words), stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
                              env=self.environment(**more))
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    def prints(self, *words, **more):
        """What a run that is done without a remark prints."""
        result = self.run(*words, **more)
        assert result.status == DONE and result.err == '', result
        return result.out

    def names(self, profile='127.0.0.1'):
        return os.path.join(self.home, '.cache', 'pail', 'names-' + profile)


def run(entries, *words):
    """One run against a service that lists these."""
    with Fake({LIST: table_answer(entries)}) as fake, Place(fake.url) as place:
        return place.run(*words)


# ---- list

def test_list_prints_a_table():
    with Bucketd(BUILD, SEED) as service, Place(service.url) as place:
        assert place.prints('list') == (
            'NAME       CLOUD  ACCESS  ENDPOINT                        ROLE/KEY                                  SNAP\n'
            'artifacts  aws    role    default                         arn:aws:iam::111122223333:role/infinstor  yes\n'
            'edge       minio  key     https://minio.example.com:9000  AKIAEDGE                                  -\n')


def test_list_prints_csv_and_tsv():
    head = 'bucketname,cloud,access,endpoint,accessRole,accessRoleExt,accessKeyId,infinsnap\n'
    rows = ('artifacts,aws,role,,%s,ext-1,,yes\n' % ROLE +
            'edge,minio,key,https://minio.example.com:9000,,,AKIAEDGE,no\n')
    with Bucketd(BUILD, SEED) as service, Place(service.url) as place:
        assert place.prints('list', '--format', 'csv') == head + rows
        assert place.prints('list', '--format=tsv') == (head + rows).replace(',', '\t')


def test_csv_and_tsv_take_every_value():
    name = 'a,"b"\n\tc\\d\r\x1b=1+1 é'
    entry = {'bucketname': name, 'cloud': '=cmd'}
    result = run([entry], 'list', '--columns', 'name,cloud', '--format', 'csv')
    assert result.out == 'bucketname,cloud\n"a,""b""\n\tc\\d^M^[=1+1 é",=cmd\n', result
    result = run([entry], 'list', '--columns', 'name,cloud', '--format', 'tsv')
    assert result.out == 'bucketname\tcloud\na,"b"\\n\\tc\\\\d\\r^[=1+1 é\t=cmd\n', result
    result = run([entry], 'list', '--columns', 'name')
    assert result.out == 'NAME\na,"b"^J^Ic\\d^M^[=1+1 é\n', result


def test_a_word_that_names_no_field_is_told():
    entries = [{'bucketname': name, 'cloud': 'aws'} for name in ('one', 'two')]
    for command in ('list', 'export'):
        result = run(entries, command, '!clowd:aws', 'o')
        assert (result.status, result.err) == (DONE, 'pail: clowd: is no field: looked for as text\n'), result
        assert 'one' in result.out and 'two' in result.out, result
        assert run(entries, command, 'cloud:aws', 'arn:aws').err == ''


def test_list_prints_json():
    with Bucketd(BUILD, SEED) as service, Place(service.url) as place:
        out = place.prints('list', '--format', 'json')
        assert json.loads(out) == service.listing()
        assert out.count('\n') == 4
        assert place.prints('list', 'nosuchthing', '--format', 'json') == '[]\n'


def test_json_keeps_what_is_unknown_and_masks_secrets():
    result = run([ODD], 'list', '--format', 'json')
    assert (result.status, result.err) == (DONE, ''), result
    assert result.out == (
        '[\n  {"bucketname": "odd", "endpoint": 7, "accessKeyId": "k", "secretAccessKey": "********", '
        '"region": "x\\u007F\\u001B[2J\\u202E", "quota": 1.5, "tags": [true, {"apiToken": "********", "a": null}], '
        '"password": "********", "tokenless": ""}\n]\n'), result
    one = run([ODD], 'show', 'odd', '--format', 'json')
    assert [json.loads(one.out)] == json.loads(result.out) and one.out.startswith('{\n  "bucketname": "odd",\n'), one


def test_list_filters_as_the_dashboard_does():
    with Bucketd(BUILD, SEED) as service, Place(service.url) as place:
        def names(*words):
            return place.prints('list', '--columns', 'name', '--format', 'csv', *words).split()[1:]
        assert names() == ['artifacts', 'edge']
        assert names('cloud:minio') == names('!artifacts') == names('MINIO', 'edge') == names('minio edge') == ['edge']
        assert names('access:role', 'snap:yes') == ['artifacts']
        assert names('minio', 'artifacts') == []
        assert names('--sort', 'identity') == ['edge', 'artifacts']
        assert names('--sort', 'Cloud') == ['artifacts', 'edge']
        assert place.prints('list', 'nosuch').startswith('NAME  CLOUD')


def test_list_takes_columns_of_both_kinds():
    with Bucketd(BUILD, SEED) as service, Place(service.url) as place:
        assert place.prints('list', 'edge', '--columns', 'accessKeyId,snap,ddbTable,name') == (
            'KEY-ID    SNAP  TABLE  NAME\nAKIAEDGE  -            edge\n')
        for words, said in ((('--columns', 'secretAccessKey'), 'is not one of: bucketname cloud'),
                            (('--columns', ''), 'is not one of'), (('--columns', 'name,name'), 'bucketname twice'),
                            (('--sort', 'ddbTable'), 'is not one of: bucketname cloud access endpoint identity '),
                            (('--format', 'xml'), 'is not one of: table json csv tsv'),
                            (('--format', 'json', '--columns', 'name'), 'json has all fields')):
            result = place.run('list', *words)
            assert result.status == USAGE and result.out == '' and said in result.err, result


def test_entries_that_cannot_be_read_are_counted():
    entries = [{'bucketname': 7, 'secretAccessKey': 's3cr3t'}, {'bucketname': 'good'}]
    said = 'pail: 1 entry could not be read\n'
    result = run(entries, 'list')
    assert result.status == DONE and '(unreadable)' in result.out and result.err == said, result
    result = run(entries, 'list', '--format', 'json')
    assert result.err == said
    assert json.loads(result.out) == [{'unreadable': '{"bucketname": 7, "secretAccessKey":"********"}'},
                                      {'bucketname': 'good'}], result
    result = run(entries, 'list', '--format', 'csv', '--columns', 'name')
    assert result.out == 'bucketname\ngood\n' and result.err == said, result


def test_a_table_is_cut_on_a_terminal_alone():
    long = {'bucketname': 'n' * 300, 'cloud': 'aws', 'accessRole': ROLE}
    assert 'n' * 300 in run([long], 'list').out
    with Fake({LIST: table_answer([long])}) as fake, Place(fake.url) as place:
        master, slave = pty.openpty()
        child = subprocess.Popen(place.command('list'), stdin=subprocess.DEVNULL, stdout=slave, env=place.environment())
        os.close(slave)
        out, end = b'', time.monotonic() + 30
        while time.monotonic() < end:
            try:
                piece = os.read(master, 4096) if select.select([master], [], [], 1)[0] else b''
            except OSError:
                break
            out += piece
        os.close(master)
        assert child.wait(10) == DONE
        lines = out.decode().split('\r\n')
        assert max(map(len, lines)) == 80 and 'n>' in lines[1] and '\x1b' not in out.decode(), lines


# ---- show

def test_show_prints_all_fields():
    result = run([ODD], 'show', 'odd')
    assert (result.status, result.err) == (DONE, ''), result
    lines = result.out.split('\n')
    assert lines[0] == 'Bucket name:        odd', result.out
    assert 'Endpoint:           7  (the service sent no text here)' in lines, result.out
    assert 'Secret access key:  ********' in lines and 'password:           ********  (a field that pail ' \
        "doesn't know)" in lines, result.out
    assert "region:             x^?^[[2J<U+202E>  (a field that pail doesn't know)" in lines, result.out
    assert 'Access:             key' in lines
    assert 's3cr3t' not in result.out and 'hidden' not in result.out, result.out
    assert 'tags:               [true,{"apiToken":"********","a":null}]' in result.out, result.out


def test_show_says_what_the_rules_say():
    result = run([{'bucketname': 'Bad_Name', 'cloud': 'aws'}], 'show', 'Bad_Name')
    assert '\n  ! ' in result.out and result.status == DONE, result


def test_show_of_a_name_that_is_not_there():
    result = run(SEED, 'show', 'no\x1bsuch')
    assert result == (NO_BUCKET, '', 'pail: no^[such: no such bucket\n'), result
    result = run([SEED[0], dict(SEED[0], cloud='other')], 'show', 'edge', '--format', 'json')
    assert json.loads(result.out) == SEED[0] and '2 entries of this name' in result.err, result


# ---- policy

def test_policy_prints_a_document_and_nothing_else():
    result = run(SEED, 'policy', 'artifacts', 'cors')
    assert result.status == DONE and isinstance(json.loads(result.out), list), result
    assert 'CORS' in result.err and result.out.endswith(']\n'), result
    result = run(SEED, 'policy', 'artifacts', 'cors', '--format', 'aws-cli')
    assert list(json.loads(result.out)) == ['CORSRules'] and 'aws s3api put-bucket-cors' in result.err, result
    result = run(SEED, 'policy', 'artifacts', 'iam', '--format', 'json')
    assert json.loads(result.out)['Statement'][0]['Resource'] == ['arn:aws:s3:::artifacts'], result
    result = run(SEED, 'policy', 'artifacts', 'trust', '--principal', PRINCIPAL)
    assert json.loads(result.out)['Statement'][0]['Principal'] == {'AWS': PRINCIPAL}, result


def test_policy_all_is_one_object():
    result = run(SEED, 'policy', 'artifacts', 'all', '--principal', PRINCIPAL)
    documents = json.loads(result.out)
    assert list(documents) == ['cors', 'iam', 'trust'] and all(documents.values()) and result.status == DONE, result
    result = run(SEED, 'policy', 'artifacts', 'all')
    assert json.loads(result.out)['trust'] is None and '\ntrust: not available\n' in result.err, result
    result = run(SEED, 'policy', 'edge', 'all')
    assert result.status == DONE and result.err.startswith('cors: not available\n'), result
    assert result.out == '{\n    "cors": null,\n    "iam": null,\n    "trust": null\n}\n', result


def test_policy_refuses():
    for words, status, said in ((('artifacts', 'trust'), USAGE, '--principal'),
                                (('artifacts', 'trust', '--principal', '*'), USAGE, '--principal'),
                                (('artifacts', 'both'), USAGE, 'is not one of: cors iam trust all'),
                                (('artifacts', 'cors', '--format', 'json'), USAGE, 'is not one of: console aws-cli'),
                                (('artifacts', 'iam', '--format', 'console'), USAGE, 'is not one of: json'),
                                (('artifacts',), USAGE, 'usage: pail policy NAME'),
                                (('edge', 'trust', '--principal', PRINCIPAL), REFUSED, 'this cloud has none'),
                                (('nosuch', 'cors'), NO_BUCKET, 'nosuch: no such bucket')):
        result = run(SEED, 'policy', *words)
        assert (result.status, result.out) == (status, '') and said in result.err, result


def test_the_profile_knows_the_principal():
    with Fake({LIST: table_answer(SEED)}) as fake:
        config = 'profiles = { p = { url = "%s"; principal = "%s"; }; };' % (fake.url, PRINCIPAL)
        with Place(config=config) as place:
            result = place.run('policy', 'artifacts', 'trust')
            assert json.loads(result.out)['Statement'][0]['Principal'] == {'AWS': PRINCIPAL}, result
            other = place.run('policy', 'artifacts', 'trust', '--principal', '777788889999')
            assert json.loads(other.out)['Statement'][0]['Principal'] == {'AWS': '777788889999'}, other


# ---- what stands in the way

def test_troubles_have_their_status():
    for behaviour, status in ((login_page(), LOGIN), (answer(401, 'no'), LOGIN), (answer(403, '{}'), REFUSED),
                              (answer(200, '{"InfinSnapBuckets": [{"bucket'), REFUSED),
                              (json_answer({'other': 1}), REFUSED), (answer(500, 'no'), NO_CONNECTION),
                              (answer(429, 'no'), NO_CONNECTION), (lambda connection, request: None, NO_CONNECTION)):
        with Fake({LIST: behaviour}) as fake, Place(fake.url) as place:
            for words in (('list',), ('show', 'edge'), ('policy', 'edge', 'cors')):
                result = place.run(*words)
                assert (result.status, result.out) == (status, '') and result.err.startswith('pail: '), (status, result)


def test_no_answer_no_port_no_token():
    with Fake({LIST: hang()}) as fake, Place(fake.url) as place:
        assert place.run('--timeout', '1', 'list').status == NO_CONNECTION
    free = socket.create_server(('127.0.0.1', 0))
    port = free.getsockname()[1]
    free.close()
    with Place('http://127.0.0.1:%d' % port) as place:
        assert place.run('list').status == NO_CONNECTION
        os.chmod(place.token.file, 0o644)
        assert place.run('list').status == LOGIN
        os.unlink(place.token.file)
        assert place.run('list').status == LOGIN


def test_without_a_service():
    with Place() as place:
        for words in (('list',), ('show', 'x'), ('policy', 'x', 'cors')):
            result = place.run(*words)
            assert result.status == USAGE and 'no service is configured' in result.err, result


def test_an_output_that_cannot_be_written():
    with Fake({LIST: table_answer(SEED)}) as fake, Place(fake.url) as place, open('/dev/full', 'wb') as full:
        done = subprocess.run(place.command('list'), stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE,
                              env=place.environment(), timeout=60)
        assert done.returncode == REFUSED and b'could not be written' in done.stderr, done


# ---- config

def test_config_check():
    good = 'default_profile = "b";\nprofiles = { a = { url = "https://a.example.com"; };\n' \
           ' b = { url = "https://b.example.com"; read_only = true; }; };\n'
    with Place(config=good) as place:
        assert place.prints('config', 'check') == place.config + ': OK\n'
        assert place.prints('config', 'path') == place.config + '\n'
        assert place.prints('config', 'profiles') == ('NAME  URL                    READ-ONLY  DEFAULT\n'
                                                      'a     https://a.example.com  -          -\n'
                                                      'b     https://b.example.com  yes        yes\n')
    for bad, line in (('\ncolour = 1;', 2), ('profiles = {\n\n p = { };\n};', 3), ('x 1;', 1)):
        with Place(config=bad) as place:
            result = place.run('config', 'check')
            assert (result.status, result.out) == (USAGE, ''), result
            assert result.err.startswith('pail: %s:%d: ' % (place.config, line)), result
    with Place(config='theme = "nosuch";') as place:
        result = place.run('config', 'check')
        assert result.status == USAGE and 'nosuch' in result.err and result.out == '', result


def test_config_without_a_file():
    with Place() as place:
        if os.path.exists('/etc/pail/pail.conf'):
            raise unittest.SkipTest('this machine has a configuration')
        searched = place.config + '\n/etc/pail/pail.conf\n'
        result = place.run('config', 'path')
        assert result == (DONE, searched, 'pail: none of these is there:\n'), result
        result = place.run('config', 'check')
        assert (result.status, result.out) == (USAGE, '') and result.err.endswith(searched), result
        assert place.prints('config', 'profiles') == 'NAME  URL  READ-ONLY  DEFAULT\n'
        assert place.run('config', 'nosuch').status == USAGE


# ---- whoami

def test_whoami_names_the_service_alike_in_both_formats():
    with Fake({LIST: table_answer([])}) as fake, Place(fake.url) as place:
        assert re.search('^Service: +%s$' % re.escape(fake.url), place.run('whoami').out, re.M), place.run('whoami')
        assert json.loads(place.run('whoami', '--format', 'json').out)['service'] == fake.url


# ---- completion

def test_the_names_of_the_last_list_are_kept():
    entries = [{'bucketname': name} for name in ('b', 'a', 'a b', '$(x)', '-x', 'é', 'a;b', '../y', '')]
    with Fake({LIST: table_answer(entries)}) as fake, Place(fake.url) as place:
        place.run('list', 'nosuch')
        with open(place.names()) as file:
            assert file.read() == 'b\na\n'
        assert stat.S_IMODE(os.stat(place.names()).st_mode) == 0o600
        fake.answer[LIST] = table_answer([dict(ODD, bucketname='c')])
        cache = os.path.join(place.home, 'elsewhere')
        place.run('show', 'c', XDG_CACHE_HOME=cache)
        with open(os.path.join(cache, 'pail', 'names-127.0.0.1')) as file:
            assert file.read() == 'c\n'
        assert os.listdir(os.path.join(cache, 'pail')) == ['names-127.0.0.1']
        fake.answer[LIST] = login_page()
        place.run('list')
        with open(place.names()) as file:
            assert file.read() == 'b\na\n'


def ask(place, shell, *lines):
    """What a shell offers at the end of each line: lists of words."""
    scripts = {
        'bash': 'source <(pail completion bash); for line in "$@"; do COMP_LINE=$line COMP_POINT=${#line}; '
                'compopt() { COMPREPLY=("$*"); }; _pail; echo "${COMPREPLY[*]}"; done',
        'zsh': 'compdef() { :; }; compset() { :; }; _files() { echo -n "-o default"; }; '
               'compadd() { local -a fit=(${(M)next:#${words[CURRENT]##--*=}*}); echo -n "$fit"; }; '
               'source <(pail completion zsh); for line in "$@"; do words=("${(@s: :)line}"); CURRENT=${#words}; '
               '_pail; echo; done',
        'fish': 'pail completion fish | source; for line in $argv; '
                'echo (complete -C "$line" | string replace -r "\\t.*" ""); end',
    }
    command = ['bash', '--norc', '-c', scripts[shell], 'bash'] if shell == 'bash' else \
        ['zsh', '-f', '-c', scripts[shell], 'zsh'] if shell == 'zsh' else ['fish', '-N', '-c', scripts[shell]]
    done = subprocess.run(command + list(lines), stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
                          env=place.environment(), cwd=place.home)
    assert done.returncode == 0 and not done.stderr, done
    return [line.split() for line in done.stdout.decode().split('\n')[:-1]]


CONFIG = 'default_profile = "beta"; profiles = { alpha = { url = "http://127.0.0.1:1"; }; ' \
         'beta = { url = "http://127.0.0.1:2"; }; };'
COMMANDS = 'list show add modify delete export diff apply policy undo journal login logout whoami config completion'.split()
LINES = [
    ('pail s', ['show']),
    ('pail --read-only --profile alpha co', ['config', 'completion']),
    ('pail --profile ', ['alpha', 'beta']),
    ('pail --profile b', ['beta']),
    ('pail --theme=hi', ['high-contrast']),
    ('pail --prof', ['--profile']),
    ('pail list --fo', ['--format']),
    ('pail list --format ', ['table', 'json', 'csv', 'tsv']),
    ('pail list --format=t', ['table', 'tsv']),
    ('pail list --format json --so', ['--sort']),
    ('pail show --format ', ['text', 'json']),
    ('pail add x --cloud m', ['minio']),
    ('pail add x --settle 5 --secret-a', ['--secret-access-key-file']),
    ('pail modify x --clear sh', ['sharedSecret']),
    ('pail show ', ['edge', 'lake']),
    ('pail --profile alpha show ', ['other']),
    ('pail --profile=alpha show o', ['other']),
    ('pail --url http://127.0.0.1:9/x show ', ['local']),
    ('pail --profile nosuch show ', []),
    ('pail show edge ', []),
    ('pail delete edge l', ['lake']),
    ('pail policy edge ', ['cors', 'iam', 'trust', 'all']),
    ('pail config ', ['check', 'path', 'profiles']),
    ('pail completion z', ['zsh']),
    ('pail list --columns cl', ['cloud']),
    ('pail list --settle', []),
    ('pail journal --bucket ', ['edge', 'lake']),
    ('pail --profile alpha journal --bucket=o', ['other']),
    ('pail add ', []),
]


def completes(shell):
    if not shutil.which(shell):
        raise unittest.SkipTest('there is no %s on this machine' % shell)
    with Place(config=CONFIG) as place:
        for profile, names in (('beta', 'edge\n$(touch x)\n-x\nlake\n'), ('alpha', 'other\n'), ('127.0.0.1', 'local\n')):
            write_private(place.names(profile), names)
        got = ask(place, shell, *(line for line, _ in LINES))
        for (line, wanted), words in zip(LINES, got):
            words = [re.sub('^--[a-z]*=', '', word) for word in words] \
                if '=' in line else words
            assert sorted(words) == sorted(wanted), (line, wanted, words)
        assert set(COMMANDS) == set(ask(place, shell, 'pail ')[0])
        assert 'x' not in os.listdir(place.home)


def test_bash_completes():
    completes('bash')
    with Place() as place:
        assert ask(place, 'bash', 'pail --config ', 'pail add x --shared-secret-file /t',
                   'pail diff /t') == [['-o', 'default']] * 3
        assert ask(place, 'bash', 'pail list --columns cloud,ac', 'pail list --columns=cloud,infinsnap,en') == \
            [['cloud,access', 'cloud,accessRole', 'cloud,accessRoleExt', 'cloud,accessKeyId'],
             ['cloud,infinsnap,endpoint']]
        assert ask(place, 'bash', 'pail diff x /t', 'pail apply --res') == [[], ['--results']]


def test_zsh_completes():
    completes('zsh')


def test_fish_completes():
    completes('fish')


def test_completion_knows_three_shells():
    with Place() as place:
        result = place.run('completion', 'csh')
        assert (result.status, result.out) == (USAGE, '') and 'is not one of: bash zsh fish' in result.err, result


if __name__ == '__main__':
    tap.main(globals())
