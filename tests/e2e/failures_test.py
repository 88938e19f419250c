"""What can go wrong on the way to a service, one by one: the sentence, the next step and the exit status of a reading and of
a change, and that nothing is lost. TLS is in tls_test.py, the login in domain_test.py."""
import collections, os, socket, subprocess, time
from concurrent.futures import ThreadPoolExecutor

import tap
from dashboard import PAIL, TokenFolder, pail
from service import (Fake, answer, busy, cut, hang, hang_up, json_answer, login_page, one_after_the_other,
                     table_answer)

DONE, REFUSED, USAGE, NO_BUCKET, LOGIN, UNKNOWN, CONFLICT, READ_ONLY, NO_CONNECTION = range(9)
LIST, CHANGE = '/customerinfo', '/add-mod-del-bucket'
TESTB3 = {'bucketname': 'testb3', 'cloud': 'aws', 'accessRole': 'aaaa', 'accessRoleExt': 'bbbb'}
MODIFY = ('modify', 'testb3', '--endpoint', 'https://mine.example.com', '--yes', '--settle', '0')
API_HOST = "is the profile's url that of the api host?"

# Of a reading: its exit status, its sentence, the next step, how often it was asked. Of a change that is answered so: its
# exit status without settling, and its sentence.
Case = collections.namedtuple('Case', 'name behaviour status says next asked changed change_says')
CASES = [
    Case('silence', hang(), NO_CONNECTION, 'no answer within 1 s', '--timeout waits longer', 1, UNKNOWN,
         'no answer within 1 s'),
    Case('hung up', hang_up(), NO_CONNECTION, 'connection closed before the answer', 'if it stays so', 1, UNKNOWN,
         'connection closed before the answer'),
    Case('cut off', cut(b'{"InfinSnapBuckets": [{"bucketname": "half"}', 30), NO_CONNECTION, 'the answer was cut off',
         "half an answer isn't taken for a whole one", 1, UNKNOWN, 'the answer was cut off'),
    Case('HTML', answer(200, '<html><body>Welcome</body></html>', 'text/html'), REFUSED,
         'the answer is a web page, not a listing', API_HOST, 1, UNKNOWN, 'accepted it (its answer is a web page), but'),
    Case('empty', answer(200, ''), REFUSED, 'the answer is empty', API_HOST, 1, UNKNOWN, 'accepted it, but'),
    Case('plain text', answer(200, 'the table is locked'), REFUSED,
         'the answer is plain text, not a listing: the table is locked', API_HOST, 1, UNKNOWN,
         'accepted it (its answer: the table is locked), but the table is as before'),
    Case('plain text, 400', answer(400, 'the table is locked'), REFUSED, 'the service answered 400: the table is locked', '',
         1, REFUSED, 'refused: the service answered 400: the table is locked; nothing was changed'),
    Case('no table in it', json_answer({'userName': 'a'}), REFUSED, 'the answer has no InfinSnapBuckets', API_HOST, 1, UNKNOWN,
         'accepted it (its answer: {"userName": "a"}), but'),
    Case('login page', login_page(), LOGIN, 'the login has expired or is wrong', "InfinStor's own client", 1, LOGIN,
         'refused: the login has expired or is wrong; nothing was changed'),
    Case('401', answer(401, ''), LOGIN, 'the login has expired or is wrong', "InfinStor's own client", 1, LOGIN,
         'refused: the login has expired or is wrong; nothing was changed'),
    Case('403', answer(403, 'no'), REFUSED, 'not an administrator (403)', "ask the service's administrator", 1, REFUSED,
         'refused: not an administrator'),
    Case('404', answer(404, '<html>', 'text/html'), REFUSED, 'the service answered 404', API_HOST, 1, REFUSED,
         'refused: the service answered 404; nothing was changed'),
    Case('redirect', answer(302, '', 'text/html'), REFUSED, 'the service answered 302', "check the profile's url", 1, UNKNOWN,
         'the service answered 302'),
    Case('429', busy(429, 7), NO_CONNECTION, 'too many requests: the service asks to wait 7 s (429)', 'wait, then ask again',
         1, REFUSED, 'refused: too many requests: the service asks to wait 7 s (429); nothing was changed'),
    Case('429, for how long?', answer(429, ''), NO_CONNECTION, 'too many requests: the service asks to wait a while (429)',
         'wait, then ask again', 1, REFUSED, 'refused: too many requests: the service asks to wait a while (429); nothing was changed'),
    Case('500', answer(500, 'oops', 'text/plain'), NO_CONNECTION, 'the service answered 500: oops', 'tell who runs the service',
         1, UNKNOWN, 'the service answered 500: oops'),
    Case('503', busy(503, 9), NO_CONNECTION, 'the service answered 503: slow down', 'tell who runs', 1, UNKNOWN,
         'the service answered 503: slow down'),
    Case('504', answer(504, '<html>gateway', 'text/html'), NO_CONNECTION, 'the service answered 504',
         'it may have been starting', 2, UNKNOWN, 'the service answered 504'),
]


def environment(token):
    return {'PATH': os.environ['PATH'], 'LC_ALL': 'C.UTF-8', 'HOME': '/dev/null/home',
            'INFINSTOR_TOKEN_FILE_DIR': token.path, 'XDG_STATE_HOME': token.path,
            'ASAN_OPTIONS': os.environ.get('ASAN_OPTIONS', '')}


def run(url, token, *words):
    return subprocess.run([PAIL, '--url', url, '--timeout', '1', *words], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=60, env=environment(token))


def each_case(check):
    """Several at a time: they mostly wait."""
    with TokenFolder() as token, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda case: check(case, token), CASES))


def test_each_failure_of_a_reading_is_its_own_sentence_with_a_next_step():
    def check(case, token):
        with Fake({LIST: case.behaviour}) as fake:
            done = run(fake.url, token, 'list')
            assert done.returncode == case.status and done.stdout == '', (case.name, done)
            assert done.stderr.count('\n') == 1, (case.name, done)
            assert 'reading the table: ' + case.says in done.stderr and case.next in done.stderr, (case.name, done)
            assert len(fake.requests) == case.asked, (case.name, fake.requests)
    each_case(check)
    sentences = {case.says for case in CASES} - {'the login has expired or is wrong'}
    assert len(sentences) >= len(CASES) - 2  # the login page and 401 mean the same


def test_each_failure_of_a_change_says_what_became_of_it():
    def check(case, token):
        with Fake({LIST: table_answer([TESTB3]), CHANGE: case.behaviour}) as fake:
            done = run(fake.url, token, *MODIFY)
            assert done.returncode == case.changed, (case.name, done)
            assert 'modify testb3: ' in done.stderr and case.change_says in done.stderr, (case.name, done)
            assert len(fake.bodies(CHANGE)) == 1, (case.name, 'it was sent %d times' % len(fake.bodies(CHANGE)))
    each_case(check)


def test_a_change_is_not_sent_when_the_table_cannot_be_read_before_it():
    def check(case, token):
        behaviour = one_after_the_other(table_answer([TESTB3]), case.behaviour)
        with Fake({LIST: behaviour, CHANGE: json_answer({})}) as fake:
            done = run(fake.url, token, *MODIFY)
            assert done.returncode == case.status and 'not sent: ' in done.stderr, (case.name, done)
            assert case.says in done.stderr and fake.bodies(CHANGE) == [], (case.name, done)
    each_case(check)


def test_the_dashboard_says_the_same_and_keeps_the_table():
    def check(case, token):
        with Fake({LIST: one_after_the_other(table_answer([TESTB3]), case.behaviour)}) as fake, \
                pail(fake.url, token.path, '--timeout', '1', columns=240) as tui:
            tui.wait_for('as of')
            tui.keys('r', quiet=0.02)
            text = tui.wait_for('stale since')
            assert '! reading the table: ' + case.says in text and 'testb3' in text, (case.name, text)
            if case.status not in (LOGIN, DONE) and case.name != '403':  # these have keys for a next step
                assert case.next[1:] in text, (case.name, text)
            fake.answer[LIST] = table_answer([TESTB3])
            tui.keys('r')
            tui.wait_for('as of')
    each_case(check)


def test_a_form_is_as_it_was_after_each_failure_of_a_change():
    def check(case, token):
        if case.changed not in (REFUSED, LOGIN):
            return
        with Fake({LIST: table_answer([TESTB3]), CHANGE: case.behaviour}) as fake, \
                pail(fake.url, token.path, '--timeout', '1', rows=40, columns=120) as tui:
            tui.wait_for('as of')
            tui.keys('e')
            tui.wait_for('edit testb3')
            tui.keys('<Tab><Tab>https://typed.example.com<F2>')
            tui.wait_for('[>Send<]')
            tui.keys('<Enter>')
            tui.wait_for('nothing was changed')
            tui.keys('<Enter>')
            assert 'https://typed.example.com' in tui.wait_for('edit testb3'), case.name
    each_case(check)


# ---- no connection at all

def unused_port():
    with socket.create_server(('127.0.0.1', 0)) as listener:
        return listener.getsockname()[1]


def test_a_host_that_is_not_found_and_one_that_refuses():
    with TokenFolder() as token:
        for url, says, following in (
                ('https://nosuch.invalid', 'host not found', "check the name in the profile, and this machine's DNS"),
                ('http://127.0.0.1:%d' % unused_port(), 'connection refused', 'is the service running')):
            for words in (('list',), MODIFY):
                done = run(url, token, *words)
                assert done.returncode == NO_CONNECTION and done.stderr.count('\n') == 1, done
                assert 'reading the table: ' + says in done.stderr and following in done.stderr, done
            with pail(url, token.path, columns=200) as tui:
                text = tui.wait_for(says)
                assert following[1:] in text and 'Trying again' in text, text


# ---- 504: the service was starting

def slowly(behaviour, seconds):
    def send(connection, request):
        time.sleep(seconds)
        behaviour(connection, request)
    return send


def test_a_cold_start_is_read_twice_and_shown():
    listing = lambda: one_after_the_other(answer(504, ''), slowly(table_answer([TESTB3]), 1.5))
    with TokenFolder() as token:
        with Fake({LIST: listing()}) as fake, pail(fake.url, token.path) as tui:
            tui.wait_for('the service answered 504: reading once more')
            tui.wait_for('as of')
            assert 'once more' not in tui.text() and len(fake.requests) == 2
        with Fake({LIST: listing()}) as fake, pail(fake.url, token.path, 'list', env=environment(token)) as tui:
            tui.wait_for('the service answered 504: reading once more ...')
            tui.wait_for('testb3')
            assert tui.wait_end() == DONE
        with Fake({LIST: one_after_the_other(answer(504, ''), table_answer([TESTB3]))}) as fake:
            done = run(fake.url, token, 'list')  # a script is told by the status alone
            assert done.returncode == DONE and 'testb3' in done.stdout and done.stderr == '', done


def test_a_change_is_not_repeated_after_a_cold_start():
    with TokenFolder() as token, Fake({LIST: table_answer([TESTB3]),
                                       CHANGE: one_after_the_other(answer(504, ''), json_answer({}))}) as fake:
        done = run(fake.url, token, *MODIFY)
        assert done.returncode == UNKNOWN and len(fake.bodies(CHANGE)) == 1, done


# ---- 429: the dashboard comes again, and not too early

def test_the_dashboard_waits_as_long_as_it_is_asked_to():
    for behaviour in (busy(429, 4), busy(503, 4)):
        times = []

        def listing(connection, request, behaviour=behaviour):
            times.append(time.monotonic())
            (behaviour if len(times) == 1 else table_answer([TESTB3]))(connection, request)
        with TokenFolder() as token, Fake({LIST: listing}) as fake, pail(fake.url, token.path) as tui:
            tui.wait_for('Trying again when that is over')
            tui.wait_for('testb3')
        assert len(times) == 2 and 4 <= times[1] - times[0] < 8, times


if __name__ == '__main__':
    tap.main(globals())
