"""The dashboard on a pty against bucketd, and against servers that misbehave: reading."""
import os, socket, subprocess, tempfile, time

import tap
from dashboard import BUILD, PAIL, TokenFolder, pail
from service import Bucketd, Fake, answer, cut, hang, hang_up, in_pieces, login_page, table_answer, write_private
from tui import Tui

TABLE = [
    {'bucketname': 'artifacts-main', 'cloud': 'aws', 'accessRole': 'arn:aws:iam::111122223333:role/infinstor',
     'accessRoleExt': 'bbbb', 'ddbTable': 'snap-1'},
    {'bucketname': 'billing-exports', 'cloud': 'aws', 'accessKeyId': 'AKIAIOSFODNN7EXAMPLE'},
    {'bucketname': 'cold-archive', 'cloud': 'azure', 'endpoint': 'https://coldarch.blob.core.windows.net',
     'accessKeyId': 'coldarch'},
    {'bucketname': 'edge-日本', 'cloud': 'minio', 'endpoint': 'https://minio-01.lab.example.com:9000',
     'accessKeyId': 'minio'},
]


def run(*options, env=None):
    return subprocess.run([PAIL, *options], env=dict({'PATH': '/usr/bin', 'HOME': '/dev/null/home', 'TERM': 'xterm'},
                                                     **(env or {})),
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)


def test_the_list_shows_what_bucketd_holds():
    with Bucketd(BUILD, seed=TABLE) as service, pail(service.url, service.token_dir) as tui:
        text = tui.wait_for('as of')
        for entry in TABLE:
            assert entry['bucketname'] in text.replace('日 本 ', '日本'), text
        assert 'admin@example.com' in text
        tui.keys('q')
        assert tui.wait_end() == 0


def test_the_filter_follows_the_keys():
    with Bucketd(BUILD, seed=TABLE) as service, pail(service.url, service.token_dir) as tui:
        tui.wait_for('as of')
        tui.keys('/MINIO')
        text = tui.wait_for('1 of 4')
        assert 'edge-' in text and 'billing' not in text
        tui.keys('<Escape>')
        assert 'billing' in tui.wait_for('billing')
        tui.keys('/cloud:aws !billing<Enter>')
        assert 'artifacts-main' in tui.wait_for('1 of 4')


def test_a_wrong_token_says_that_the_login_has_expired():
    with Bucketd(BUILD, seed=TABLE) as service, TokenFolder('wrong') as token, pail(service.url, token.path) as tui:
        text = tui.wait_for('login has expired')
        assert 'Log in with' in text and 'artifacts' not in text
        tui.keys('jq')
        assert tui.wait_end() == 0


def test_a_loose_token_file_is_refused_and_mended_by_a_key():
    with Bucketd(BUILD, seed=TABLE) as service, TokenFolder(mode=0o644) as token, pail(service.url, token.path) as tui:
        text = tui.wait_for('chmod 600')
        assert 'artifacts' not in text
        tui.keys('T')
        tui.wait_for('artifacts-main')
        assert os.stat(token.file).st_mode & 0o777 == 0o600


def test_no_token_file_is_said():
    with Bucketd(BUILD, seed=TABLE) as service, pail(service.url, '/nonexistent/folder') as tui:
        assert '/nonexistent/folder/token' in tui.wait_for('token file')


def test_the_table_stays_when_the_service_goes():
    with Bucketd(BUILD, seed=TABLE) as service, pail(service.url, service.token_dir) as tui:
        tui.wait_for('as of')
        service.stop()
        tui.keys('r')
        text = tui.wait_for('stale since')
        assert 'artifacts-main' in text and 'refused' in text.lower()
        tui.keys('jq')
        assert tui.wait_end() == 0


def test_keys_are_answered_while_a_request_hangs():
    with Fake({'/customerinfo': hang()}) as fake, TokenFolder() as token, pail(fake.url, token.path) as tui:
        tui.wait_for('reading')
        start = time.monotonic()
        tui.keys('?', quiet=0.05)
        tui.wait_for('The list')
        assert time.monotonic() - start < 1
        tui.keys('q<Escape>')
        tui.wait_for('r tries again')
        tui.keys('q')
        assert tui.wait_end() == 0


def test_a_silent_service_is_given_up():
    with Fake({'/customerinfo': hang()}) as fake, TokenFolder() as token, \
            pail(fake.url, token.path, '--timeout', '1') as tui:
        tui.wait_for('no answer within 1 s')


def test_answers_that_are_no_listing():
    cases = [(answer(200, '<html>hello'), 'The answer began'), (answer(200, '{"a": 1}'), 'InfinSnapBuckets'),
             (login_page(), 'login has expired'), (answer(403, 'no'), 'not an administrator'),
             (answer(500, 'oops'), '500'), (hang_up(), 'closed'),
             (cut(b'{"InfinSnapBuckets": [{"bucketname": "half"}', 30), 'cut off')]
    with TokenFolder() as token:
        for behaviour, wanted in cases:
            with Fake({'/customerinfo': behaviour}) as fake, pail(fake.url, token.path) as tui:
                tui.wait_for(wanted)
                tui.keys('q')
                assert tui.wait_end() == 0, wanted


def test_rows_show_while_the_rest_loads():
    rows = b','.join(b'{"bucketname":"early-%d"}' % i for i in range(3))
    pieces = [b'{"InfinSnapBuckets":[' + rows] + [b' '] * 100
    with Fake({'/customerinfo': in_pieces(pieces, 0.1)}) as fake, TokenFolder() as token, \
            pail(fake.url, token.path) as tui:
        assert 'reading: ' in tui.wait_for('early-1')
        tui.keys('/early-2')
        tui.wait_for('1 of ')


def test_the_service_cannot_drive_the_terminal():
    evil = 'x\x1b]0;owned\x07\x1b[2J\r\n\u202e\u200b\x9b31m'
    entry = {'bucketname': evil, 'endpoint': evil, 'cloud': evil, 'accessRole': evil, 'new': evil}
    with Fake({'/customerinfo': table_answer([entry], userName=evil)}) as fake, TokenFolder() as token, \
            pail(fake.url, token.path, columns=160) as tui:
        tui.wait_for('as of')
        tui.keys('<Enter>')
        tui.wait_for('details')
        tui.keys('qpq@qe<Escape>', quiet=0.3)
        for bad in (b'\x1b]0;owned', b'\x07', '\u202e'.encode(), '\u200b'.encode(), b'\x9b31m', b'\xc2\x9b'):
            assert bad not in tui.raw, bad
        tui.keys('q')
        tui.wait_end()


def test_the_proxy_of_the_environment_is_ignored():
    with Fake({}) as proxy, Bucketd(BUILD, seed=TABLE) as service:
        env = {'http_proxy': proxy.url, 'all_proxy': proxy.url, 'HTTP_PROXY': proxy.url}
        with pail(service.url, service.token_dir, env=env) as tui:
            tui.wait_for('artifacts-main')
        assert proxy.connections == 0


def test_another_profile_is_opened_while_this_one_cannot_be_reached():
    """Its danger colour and its badge are there at once: its table hasn't come yet."""
    with socket.create_server(('127.0.0.1', 0)) as listener:
        unused = listener.getsockname()[1]
    with Fake({'/customerinfo': hang()}) as silent, TokenFolder() as token, \
            Fake({'/customerinfo': hang()}) as other:
        for present, state in (('http://127.0.0.1:%d' % unused, 'connection refused'), (silent.url, 'reading')):
            config = write_private(os.path.join(token.path, 'pail.conf'), """
                default_profile = "present";
                profiles = { present = { url = "%s"; };
                             next = { url = "%s"; danger = "red"; read_only = true; }; };
                """ % (present, other.url))
            with Tui([PAIL, '--config', config], env={'INFINSTOR_TOKEN_FILE_DIR': token.path}) as tui:
                tui.wait_for(state)
                assert 'READ-ONLY' not in tui.text()
                tui.keys('Pnext<Enter>')
                first = tui.wait_for('READ-ONLY').split('\n')[0]
                assert first.startswith(' pail  next  READ-ONLY') and 'reading the table' in first, first
                colours = {tui.screen.buffer[0][first.index('next') + i].bg for i in range(4)}
                assert len(colours) == 1 and colours != {tui.screen.buffer[0][0].bg}, colours
                tui.keys('a')
                assert 'add a bucket' not in tui.text()
                tui.keys('<Escape>q')
                assert tui.wait_end() == 0


def test_no_configuration_says_where_it_looked():
    with Tui([PAIL], env={'XDG_CONFIG_HOME': '/dev/null/config'}) as tui:
        text = tui.wait_for('No service is configured')
        assert '/dev/null/config/pail/pail.conf' in text and '/etc/pail/pail.conf' in text
        tui.keys('q')
        assert tui.wait_end() == 0


def test_a_configuration_without_a_usual_profile_names_its_profiles():
    with tempfile.TemporaryDirectory() as home:
        config = write_private(os.path.join(home, 'pail.conf'), 'profiles = { east = { service = "a.example.com"; }; '
                               'west = { service = "b.example.com"; }; };\n')
        with Tui([PAIL, '--config', config], env={'HOME': home}) as tui:
            text = tui.wait_for('pail --profile NAME')
            assert 'east west' in text and config in text and 'make demo' not in text, text
            tui.keys('q')
            assert tui.wait_end() == 0
        for word in ('list', 'login', 'logout', 'whoami'):
            done = run('--config', config, word)
            assert done.returncode == 2 and '--profile' in done.stderr and 'east west' in done.stderr, done


def test_what_ends_with_status_2():
    cases = [(['--url', 'http://example.com'], 'plain http only to this machine; use https'),
             (['--url', 'ftp://example.com'], 'https://'), (['--config', '/nonexistent/pail.conf'], 'pail.conf'),
             (['--nosuch'], 'nosuch'), (['--timeout', '0'], '1 to 3600'), (['--profile', 'none'], 'none'),
             (['stray'], 'there is no command "stray"'), (['--url'], 'needs a value'),
             (['--read', '--version'], 'in full'),
             (['--nosuch\x1b[2J'], '^[[2J')]
    for options, wanted in cases:
        done = run(*options)
        assert done.returncode == 2 and wanted in done.stderr and done.stdout == '', (options, done)


def test_a_utf8_locale_that_is_not_installed_becomes_c_utf8():
    with Bucketd(BUILD, seed=TABLE) as service:
        for locale, wanted, unwanted in (('xx_YY.UTF-8', '日', '<U+65E5>'), ('xx_YY', '<U+65E5>', '日')):
            with pail(service.url, service.token_dir, env={'LC_ALL': None, 'LANG': locale}) as tui:
                text = tui.wait_for('as of')
                assert wanted in text and unwanted not in text, text


def test_help_and_version():
    assert run('--version').stdout.startswith('pail ')
    done = run('--help')
    assert done.returncode == 0
    for option in ('--profile', '--url', '--read-only', '--theme', '--config', '--timeout'):
        assert option in done.stdout, option


if __name__ == '__main__':
    tap.main(globals())
