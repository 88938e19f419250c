"""add, modify and delete from a script: what the service receives byte for byte, what is said, the exit status."""
import collections, fcntl, os, re, signal, subprocess, tempfile, time

import tap
from dashboard import BUILD, PAIL, TokenFolder, pail
from service import (Bucketd, Fake, answer, hang, hang_up, json_answer, login_page, one_after_the_other, table_answer,
                     write_private)

TESTB3 = {'bucketname': 'testb3', 'cloud': 'aws', 'accessRole': 'aaaa', 'accessRoleExt': 'bbbb'}
KEYED = {'bucketname': 'testb3', 'cloud': 'aws', 'accessKeyId': 'iiii'}
EDGE = {'bucketname': 'edge', 'cloud': 'minio', 'endpoint': 'https://minio.example.com:9000', 'accessKeyId': 'minio'}
MOVED = dict(TESTB3, endpoint='https://mine.example.com')
CHANGE = '/add-mod-del-bucket'
DONE, REFUSED, USAGE, NO_BUCKET, LOGIN, UNKNOWN, CONFLICT, READ_ONLY, NO_CONNECTION, NOT_RECORDED = range(10)
MODIFY = ('modify', 'testb3', '--endpoint', 'https://mine.example.com')
MODIFIED = b'op=modify&bucketname=testb3&endpoint=https%3A%2F%2Fmine.example.com'
TO_KEY = (b'op=add&bucketname=testb3&cloud=aws&endpoint=&accessKeyId=iiii&secretAccessKey=ssss'
          b'&accessRole=&accessRoleExt=')

Result = collections.namedtuple('Result', 'status out err')


class Recorder(Fake):
    """Lists `before`; once a change has come, `after` (its n-th table after the n-th change; the last one stays)."""

    def __init__(self, before, *after, on_change=json_answer({})):
        super().__init__()
        self.tables = [before, *after]
        self.answer = {'/customerinfo': self.list, CHANGE: on_change}

    def list(self, connection, request):
        table_answer(self.tables[min(len(self.bodies()), len(self.tables) - 1)])(connection, request)


def environment(token):
    return {'PATH': os.environ['PATH'], 'LC_ALL': 'C.UTF-8', 'HOME': '/dev/null/home',
            'INFINSTOR_TOKEN_FILE_DIR': token.path, 'XDG_STATE_HOME': token.path,
            'ASAN_OPTIONS': os.environ.get('ASAN_OPTIONS', '')}


def command(url, *words):
    """Flags of pail itself come before the subcommand."""
    first = next(i for i, word in enumerate(words) if word in ('add', 'modify', 'delete'))
    return [PAIL, '--url', url, *words[:first], *words[first:]]


def run(url, token, *words, typed=b'', environ=None):
    done = subprocess.run(command(url, *words), input=typed, capture_output=True, timeout=60,
                          env=dict(environment(token), **(environ or {})))
    return Result(done.returncode, done.stdout.decode(), done.stderr.decode())


def check(before, after, words, status, bodies, typed=b'', says=(), token='admin-token', mode=0o600, on_change=None):
    """One run against a Recorder; the result, after the checks that all tests have in common."""
    after = () if after is None else (after,)
    with Recorder(before, *after, on_change=on_change or json_answer({})) as fake, TokenFolder(token, mode) as folder:
        result = run(fake.url, folder, *words, typed=typed)
        assert result.status == status, result
        assert fake.bodies() == bodies, (fake.bodies(), result)
        for text in says:
            assert text in result.err, (text, result)
        return result


def on_terminal(fake, token, *words):
    url = fake.url
    first = next(i for i, word in enumerate(words) if word in ('add', 'modify', 'delete'))
    return pail(url, token.path, *words[:first], *words[first:], env=environment(token))


# ---- what is sent

def test_add_sends_the_first_example_and_the_cloud():
    result = check([], [TESTB3], ('add', 'testb3', '--cloud', 'aws', '--access-role', 'aaaa', '--access-role-ext',
                                  'bbbb', '--yes'), DONE,
                   [b'op=add&bucketname=testb3&cloud=aws&endpoint=&accessKeyId=&secretAccessKey='
                    b'&accessRole=aaaa&accessRoleExt=bbbb'], says=['add testb3: applied', 'POST http://'])
    assert result.out == ''


def test_modify_sends_the_changed_field_alone():
    check([TESTB3], [MOVED], (*MODIFY, '--yes'), DONE, [MODIFIED], says=['modify testb3: applied', 'everything else'])


def test_modify_can_clear_a_field():
    check([MOVED], [TESTB3], ('modify', 'testb3', '--clear', 'endpoint', '--yes'), DONE,
          [b'op=modify&bucketname=testb3&endpoint='], says=['cleared'])
    check([EDGE], [EDGE], ('modify', 'edge', '--clear', 'shared-secret', '--yes'), DONE,
          [b'op=modify&bucketname=edge&sharedSecret='])


def test_flags_of_the_other_access_send_the_fourth_example():
    with tempfile.TemporaryDirectory() as folder:
        secret = write_private(os.path.join(folder, 'secret'), 'ssss\n')
        check([TESTB3], [KEYED], ('modify', 'testb3', '--access-key-id', 'iiii', '--secret-access-key-file', secret,
                                  '--yes'), DONE, [TO_KEY], says=['replace testb3', 'replaces the entry: the documented'])
    check([KEYED], [TESTB3], ('modify', 'testb3', '--access-role', 'aaaa', '--access-role-ext', 'bbbb', '--yes'), DONE,
          [b'op=add&bucketname=testb3&cloud=aws&endpoint=&accessKeyId=&secretAccessKey=&accessRole=aaaa'
           b'&accessRoleExt=bbbb'])


def test_replace_sends_all_fields():
    words = ('add', 'testb3', '--cloud', 'aws', '--access-key-id', 'iiii', '--secret-access-key-file', '-', '--yes')
    check([TESTB3], None, words, REFUSED, [], typed=b'ssss', says=['modify', '--replace'])
    check([TESTB3], [KEYED], (*words, '--replace'), DONE, [TO_KEY], typed=b'ssss')
    check([], [KEYED], (*words, '--replace'), DONE, [TO_KEY], typed=b'ssss')


def test_delete_sends_the_third_example():
    check([TESTB3], [], ('delete', 'testb3', '--yes'), DONE, [b'op=delete&bucketname=testb3'],
          says=['delete testb3: applied'])


def test_without_a_difference_nothing_is_sent():
    check([TESTB3], None, ('modify', 'testb3', '--access-role', 'aaaa'), DONE, [], says=['nothing to change'])
    check([TESTB3], None, ('modify', 'testb3', '--yes'), DONE, [], says=['nothing to change'])


def test_the_whole_way_with_bucketd():
    with Bucketd(BUILD, seed=[EDGE]) as service, TokenFolder() as token:
        def done(*words, typed=b''):
            result = run(service.url, token, *words, '--yes', typed=typed)
            assert result.status == DONE, result
        done('add', 'testb3', '--cloud', 'aws', '--access-role', 'aaaa', '--access-role-ext', 'bbbb')
        assert service.entry('testb3')['accessRoleExt'] == 'bbbb'
        done('modify', 'testb3', '--access-key-id', 'iiii', '--secret-access-key-file', '-', typed=b'ssss')
        assert service.entry('testb3')['accessRole'] == '' and service.entry('testb3')['accessKeyId'] == 'iiii'
        done('delete', 'testb3', 'edge')
        assert service.listing() == []


# ---- what isn't

def test_a_dry_run_prints_the_request_and_sends_nothing():
    words = ('modify', 'testb3', '--access-key-id', 'iiii', '--secret-access-key-file', '-', '--dry-run')
    result = check([TESTB3], None, words, DONE, [], typed=b'hush-hush\r\n')
    assert 'secretAccessKey=***9&' in result.out and 'hush' not in result.out + result.err, result
    assert '/add-mod-del-bucket' in result.out and 'accessRole' in result.out and result.err == ''
    result = check([TESTB3], None, ('--read-only', 'delete', 'testb3', '--dry-run'), DONE, [])
    assert 'op=delete&bucketname=testb3' in result.out
    check([], None, ('delete', 'testb3', '--dry-run'), NO_BUCKET, [])


def test_a_dry_run_that_cannot_be_written_fails():
    with Recorder([TESTB3]) as fake, TokenFolder() as token, open('/dev/full', 'w') as full:
        done = subprocess.run(command(fake.url, *MODIFY, '--dry-run'), env=environment(token), stdout=full,
                              stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=60)
        assert done.returncode == REFUSED and done.stderr, done


def test_off_a_terminal_yes_is_needed():
    for words in (MODIFY, ('delete', 'testb3', 'testb3')):
        result = check([TESTB3], [], words, USAGE, [], typed=b'y\ntestb3\n', says=['--yes'])
        assert result.err.count('--yes') == 1, result


def test_read_only_comes_before_all_else():
    check([TESTB3], None, ('--read-only', *MODIFY, '--yes'), READ_ONLY, [], says=['read-only'])
    check([TESTB3], None, ('--read-only', 'delete', 'testb3'), READ_ONLY, [], says=['read-only'])
    with Recorder([]) as fake, TokenFolder() as token:
        assert run(fake.url, token, '--read-only', 'add', 'x', '--cloud', 'aws', '--yes').status == READ_ONLY
        assert fake.requests == []


def test_what_cannot_be_meant_is_a_usage_error():
    for words, says in ((('add', 'x'), 'aws azure minio other'), (('add', 'x', '--cloud', 'gcp'), 'aws azure minio'),
                        (('modify', 'x', '--cloud', ''), 'aws azure minio'), (('add', '--cloud', 'aws'), 'usage'),
                        (('modify', 'x', '--endpoint', 'https://a', '--clear', 'endpoint'), 'both'),
                        (('modify', 'x', '--clear', 'cloud'), '--clear'), (('modify', 'x', '--nosuch', 's'), 'nosuch'),
                        (('modify', 'x', '--secret-access-key-file', '-', '--shared-secret-file', '-'), 'only one'),
                        (('delete',), 'usage'), (('delete', 'x', '--settle', '601'), '--settle')):
        check([], None, (*words, '--yes'), USAGE, [], says=[says])


def test_a_rule_that_blocks_sends_nothing():
    check([], None, ('add', 'x', '--cloud', 'minio', '--endpoint', 'nohost', '--yes'), REFUSED, [],
          says=['endpoint-url'])
    check([], None, ('add', 'x\n', '--cloud', 'minio', '--yes'), REFUSED, [], says=['clean-text'])
    check([dict(TESTB3, endpoint='odd')], [dict(TESTB3, endpoint='odd', accessRole='c')],
          ('modify', 'testb3', '--access-role', 'c', '--yes'), DONE, [b'op=modify&bucketname=testb3&accessRole=c'])


def test_a_bucket_that_is_not_there():
    check([TESTB3], None, ('modify', 'nosuch', '--endpoint', 'https://x', '--yes'), NO_BUCKET, [], says=['nosuch'])
    check([TESTB3], None, ('delete', 'no\x1bsuch', '--yes'), NO_BUCKET, [], says=['no^[such'])


# ---- secrets

def test_an_empty_value_clears_nothing():
    for flag, field in (('--endpoint', 'endpoint'), ('--access-role', 'accessRole'), ('--secret-access-key-file', 'secretAccessKey')):
        check([MOVED], None, ('modify', 'testb3', flag, '', '--yes'), USAGE, [], says=['--clear %s empties it' % field])


def test_an_empty_name_is_no_entry_that_cannot_be_read():
    """Such as the value of a variable that isn't set; an entry that can't be read has no name for pail."""
    odd = [TESTB3, {'bucketname': ''}, {'bucketname': 'huge', 'n': 10 ** 30}]
    for words in (('modify', '', '--endpoint', 'https://mine.example.com', '--yes'), ('delete', '', '--yes')):
        check(odd, None, words, NO_BUCKET, [], says=['(an empty name): no such bucket, unless', '; nothing was sent'])
    check(odd, None, ('delete', 'huge', '--yes'), NO_BUCKET, [], says=["huge: no such bucket, unless it is an entry that can't be"])
    check(odd, None, ('delete', 'tiny', '--yes'), NO_BUCKET, [], says=['tiny: no such bucket; nothing'])
    check(odd, None, ('add', '', '--cloud', 'aws', '--yes'), REFUSED, [], says=['a name is needed'])


def test_a_secret_comes_from_a_file_without_its_last_line_end():
    with tempfile.TemporaryDirectory() as folder:
        for text, sent in (('s\n', b's'), ('s\r\n', b's'), ('s\r\n\n', None), ('s', b's'), ('a b&=%\n', b'a%20b%26%3D%25'),
                           ('\n', None), ('', None), ('a\0b', None), ('a\x1bb', None), ('x' * 70000, None)):
            secret = write_private(os.path.join(folder, 'secret'), text)
            words = ('modify', 'edge', '--shared-secret-file', secret, '--yes')
            with Recorder([EDGE]) as fake, TokenFolder() as token:
                result = run(fake.url, token, *words)
                wanted = [] if sent is None else [b'op=modify&bucketname=edge&sharedSecret=' + sent]
                assert fake.bodies() == wanted, (text, result)
                assert (result.status == DONE) == (sent is not None) and result.status <= USAGE, (text, result)
                assert sent in (None, b's') or 'a b&' not in result.err, result


def test_a_secret_file_that_others_can_read_is_warned_of():
    with tempfile.TemporaryDirectory() as folder:
        secret = write_private(os.path.join(folder, 'secret'), 'hush')
        os.chmod(secret, 0o644)
        check([EDGE], None, ('modify', 'edge', '--secret-access-key-file', secret, '--yes'), DONE,
              [b'op=modify&bucketname=edge&secretAccessKey=hush'], says=['others can read'])
        check([EDGE], None, ('modify', 'edge', '--secret-access-key-file', folder + '/nosuch', '--yes'), USAGE, [],
              says=['No such file'])


def test_an_empty_secret_is_cleared_where_it_can_be():
    with tempfile.TemporaryDirectory() as folder:
        given = ('--secret-access-key-file', write_private(os.path.join(folder, 'empty'), ''), '--yes')
        says = 'secretAccessKey: what was given is empty'
        check([EDGE], None, ('modify', 'edge', *given), USAGE, [], says=[says + '; --clear secretAccessKey empties it\n'])
        check([], None, ('add', 'edge', '--cloud', 'aws', *given), USAGE, [], says=[says + '\n'])


def test_the_file_of_a_secret_is_named_if_its_folder_is_there():
    """Then it is no secret that was given in its place."""
    with tempfile.TemporaryDirectory() as folder:
        for path, said in ((folder + '/nosuch', ' %s/nosuch' % folder), (folder + '/no/such', ''), ('/s3cr3t', '')):
            check([EDGE], None, ('modify', 'edge', '--secret-access-key-file', path, '--yes'), USAGE, [],
                  says=['secretAccessKey: its file%s: No such file or directory\n' % said])


def test_a_secret_given_in_place_of_its_file_is_not_repeated():
    for flag in ('--secret-access-key-file', '--secret-access-key'):
        result = check([EDGE], None, ('modify', 'edge', flag, 'hush', '--yes'), USAGE, [])
        assert 'hush' not in result.err, result


def test_a_key_without_its_secret_is_warned_of():
    check([], [KEYED], ('add', 'testb3', '--cloud', 'aws', '--access-key-id', 'iiii', '--yes'), DONE,
          [TO_KEY.replace(b'ssss', b'')], says=['no secret access key'])


def test_a_secret_is_not_lost_without_a_word():
    to_role = ('modify', 'edge', '--access-role', 'aaaa', '--yes')
    sent = (b'op=add&bucketname=edge&cloud=minio&endpoint=https%3A%2F%2Fminio.example.com%3A9000&accessKeyId='
            b'&secretAccessKey=&accessRole=aaaa&accessRoleExt=')
    result = check([EDGE], None, to_role, USAGE, [], says=[
        'pail: edge: nothing was sent: its sharedSecret, if it has one, would be lost: give --shared-secret-file, or '
        '--without-secrets to go on without\n'])
    assert result.err.count('\n') == 1, result
    check([TESTB3], None, ('modify', 'testb3', '--access-key-id', 'iiii', '--yes'), USAGE, [], says=[
        'its secretAccessKey, if it has one, would be lost: give --secret-access-key-file, or'])
    both = dict(EDGE, accessKeyId='', accessRole='aaaa')
    check([both], None, ('modify', 'edge', '--access-key-id', 'iiii', '--yes'), USAGE, [], says=[
        'its secretAccessKey and sharedSecret, if it has them, would be lost: give --secret-access-key-file and '
        '--shared-secret-file, or'])
    check([EDGE], None, (*to_role[:-1], '--dry-run'), DONE, [])
    for more, typed, last in (('--without-secrets',), b'', b''), (('--shared-secret-file', '-'), b's', b'&sharedSecret=s'), \
            (('--clear', 'shared-secret'), b'', b''):
        check([EDGE], [both], (*to_role, *more), DONE, [sent + last], typed=typed)


# ---- outcomes

def test_refusals_by_the_service():
    for behaviour, status, says in ((answer(400, 'bucketname is odd', 'text/plain'), REFUSED, 'bucketname is odd'),
                                    (answer(403, 'no', 'text/plain'), REFUSED, 'administrator'),
                                    (login_page(), LOGIN, 'login has expired'),
                                    (answer(401, '', 'text/plain'), LOGIN, 'login has expired')):
        check([TESTB3], None, (*MODIFY, '--yes'), status, [MODIFIED], says=[says], on_change=behaviour)


def test_a_table_that_cannot_be_read():
    for behaviour, status in ((login_page(), LOGIN), (answer(503, ''), NO_CONNECTION), (answer(429, ''), NO_CONNECTION),
                              (answer(403, ''), REFUSED), (json_answer([]), REFUSED), (hang_up(), NO_CONNECTION)):
        for first in ([], [table_answer([TESTB3])]):  # for the review, and for the check
            with Fake({'/customerinfo': one_after_the_other(*first, behaviour)}) as fake, TokenFolder() as token:
                result = run(fake.url, token, *MODIFY, '--yes')
                assert result.status == status and fake.bodies() == [], (first, result)


def test_no_token_and_no_service():
    with Recorder([TESTB3]) as fake, TokenFolder() as token:
        os.unlink(token.file)
        assert run(fake.url, token, *MODIFY, '--yes').status == LOGIN
        url = fake.url
    with TokenFolder(mode=0o644) as token:
        assert run(url, token, *MODIFY, '--yes').status == LOGIN
    with TokenFolder() as token:
        assert run(url, token, *MODIFY, '--yes').status == NO_CONNECTION
        done = subprocess.run([PAIL, *MODIFY, '--yes'], capture_output=True, env=environment(token),
                              stdin=subprocess.DEVNULL, timeout=60)
        assert done.returncode == USAGE, done


def test_a_change_by_somebody_else_meanwhile_is_not_overwritten():
    theirs = dict(TESTB3, endpoint='https://theirs.example.com')
    for words in (MODIFY, ('delete', 'testb3')):
        listing = one_after_the_other(table_answer([TESTB3]), table_answer([theirs]))
        with Fake({'/customerinfo': listing}) as fake, TokenFolder() as token:
            result = run(fake.url, token, *words, '--yes')
            assert result.status == CONFLICT and 'https://theirs.example.com' in result.err, result
            assert fake.bodies() == []


def test_an_unknown_outcome_is_settled_by_reading_again():
    def slow(connection, request):  # the change takes effect two seconds after the connection was lost
        late.append(time.monotonic() + 1.5)
    late = []
    with Recorder([TESTB3], on_change=slow) as fake, TokenFolder() as token:
        def listing(connection, request):
            table_answer([MOVED if late and time.monotonic() > late[0] else TESTB3])(connection, request)
        fake.answer['/customerinfo'] = listing
        result = run(fake.url, token, *MODIFY, '--yes')
        assert result.status == DONE and 'unknown' in result.err and 'applied' in result.err, result
        assert fake.bodies() == [MODIFIED]


def test_an_unknown_outcome_that_nothing_settles():
    for seconds in (0, 2):
        start = time.monotonic()
        check([TESTB3], None, (*MODIFY, '--yes', '--settle', str(seconds)), UNKNOWN, [MODIFIED], on_change=hang_up(),
              says=['unknown', "isn't sent again"])
        assert seconds <= time.monotonic() - start < seconds + 10


def test_an_earlier_unknown_outcome_is_told_before_the_next_change():
    with Recorder([TESTB3], on_change=hang_up()) as fake, TokenFolder() as token:
        result = run(fake.url, token, *MODIFY, '--yes', '--settle', '0')
        assert result.status == UNKNOWN and 'not known yet' not in result.err, result
        result = run(fake.url, token, *MODIFY, '--dry-run')
        assert result.status == DONE and 'testb3: what came of an earlier change of it is not known yet' in result.err, \
            result
        assert fake.bodies() == [MODIFIED]


def test_a_table_as_before_settles_it_after_a_while():
    with tempfile.TemporaryDirectory() as folder:
        config = write_private(folder + '/pail.conf',
                               'profiles = { quick = { url = "http://127.0.0.1:1"; settle_after = 2; }; };\n')
        check([TESTB3], None, ('--config', config, '--profile', 'quick', *MODIFY, '--yes'), REFUSED, [MODIFIED],
              on_change=hang_up(), says=['not applied'])


def test_a_signal_does_not_end_a_write_without_a_word():
    names = ['n%02d' % i for i in range(12)]
    for number in (signal.SIGINT, signal.SIGTERM):
        with Recorder([dict(EDGE, bucketname=name) for name in names], on_change=hang()) as fake, \
                TokenFolder() as token:
            process = subprocess.Popen(command(fake.url, 'delete', *names, '--yes'), env=environment(token),
                                       stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
            try:
                assert len(fake.wait_for(8)) == 8  # at a time
                process.send_signal(number)
                err = process.communicate(timeout=20)[1].decode()
            finally:
                process.kill()
                process.wait()
            assert process.returncode == UNKNOWN and 'of 12 changes: 4 not sent, 8 unknown' in err, err
            assert 'delete n08: not sent: stopped' in err and 'nor the 3 that follow, to n11' in err, err
            assert len(fake.bodies()) == 8


def test_a_signal_ends_the_settling():
    with Recorder([TESTB3], on_change=hang_up()) as fake, TokenFolder() as token:
        process = subprocess.Popen(command(fake.url, *MODIFY, '--yes', '--settle', '60'), env=environment(token),
                                   stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            assert len(fake.wait_for(4, '/customerinfo')) == 4  # review, check, after the change, settling
            process.send_signal(signal.SIGINT)
            err = process.communicate(timeout=2)[1].decode()
        finally:
            process.kill()
            process.wait()
        assert process.returncode == UNKNOWN and "isn't sent again" in err, err
        assert fake.bodies() == [MODIFIED]


def test_a_signal_before_the_write_cancels_it():
    listing = one_after_the_other(table_answer([TESTB3]), hang())
    with Fake({'/customerinfo': listing}) as fake, TokenFolder() as token:
        process = subprocess.Popen(command(fake.url, *MODIFY, '--yes'), env=environment(token),
                                   stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            assert len(fake.wait_for(2, '/customerinfo')) == 2
            process.send_signal(signal.SIGINT)
            err = process.communicate(timeout=20)[1].decode()
        finally:
            process.kill()
            process.wait()
        assert process.returncode == REFUSED and 'not sent' in err, err
        assert fake.bodies() == []


# ---- outcomes that can't be recorded

def spoils(folder, then):
    """Answers a change when its intent is in the journal and nothing more can be written there."""
    def send(connection, request):
        os.chmod(os.path.join(folder.path, 'pail', 'journal.jsonl'), 0o666)
        then(connection, request)
    return send


def test_what_was_applied_and_could_not_be_recorded_is_a_status_of_its_own():
    two = [{'bucketname': name, 'cloud': 'aws'} for name in ('a', 'b')]
    refuses = answer(400, 'it is odd', 'text/plain')
    for before, after, then, words, status, said in (
            ([TESTB3], [MOVED], json_answer({}), MODIFY, NOT_RECORDED,
             'modify testb3: applied: the table shows it; not recorded: journal '),
            (two, [], json_answer({}), ('delete', 'a', 'b'), NOT_RECORDED,
             'of 2 changes: 2 applied\npail: not recorded: journal '),
            ([TESTB3], [TESTB3], refuses, MODIFY, REFUSED, 'not recorded: journal ')):
        with Recorder(before, after) as fake, TokenFolder() as folder:
            fake.answer[CHANGE] = spoils(folder, then)
            result = run(fake.url, folder, *words, '--yes')
            assert result.status == status and said in result.err, result
            assert result.err.count('not recorded: ') == 1 and 'chmod 600' in result.err, result


def test_another_pail_that_keeps_the_journal_is_a_status_too():
    with Recorder([TESTB3], [MOVED]) as fake, TokenFolder() as folder:
        locks = []

        def send(connection, request):
            locks.append(os.open(os.path.join(folder.path, 'pail', 'journal.jsonl.lock'), os.O_RDWR))
            fcntl.flock(locks[0], fcntl.LOCK_EX)
            json_answer({})(connection, request)
        fake.answer[CHANGE] = send
        result = run(fake.url, folder, *MODIFY, '--yes')
        os.close(locks[0])
        assert result.status == NOT_RECORDED, result
        assert 'modify testb3: applied: the table shows it\n' in result.err, result
        assert 'not recorded: what came of 1 change: another pail is writing to the journal' in result.err, result
        assert fake.bodies() == [MODIFIED]


# ---- several names

def test_several_names_are_several_changes():
    with Recorder([TESTB3, EDGE], [EDGE], []) as fake, TokenFolder() as token:
        result = run(fake.url, token, 'delete', 'testb3', 'nosuch', 'edge', 'testb3', '--yes')
        assert result.status == NO_BUCKET and result.err.endswith('pail: of 2 changes: 2 applied\n'), result
        assert sorted(fake.bodies()) == [b'op=delete&bucketname=edge', b'op=delete&bucketname=testb3']
        assert len(fake.bodies('/customerinfo')) == 3  # for the review, before and after


def test_of_several_names_one_may_be_left():
    with Recorder([TESTB3, EDGE], [EDGE]) as fake, TokenFolder() as token:
        result = run(fake.url, token, 'delete', 'nosuch', 'testb3', '--yes')
        assert result.status == NO_BUCKET and 'delete testb3: applied' in result.err, result
        result = run(fake.url, token, 'delete', 'nosuch', 'nowhere', '--yes')
        assert result.status == NO_BUCKET and 'nosuch: no such' in result.err and 'nowhere: no such' in result.err
        assert fake.bodies() == [b'op=delete&bucketname=testb3']


def test_of_several_failures_the_worst_is_the_status():
    with Recorder([TESTB3, EDGE], on_change=one_after_the_other(answer(400, 'no', 'text/plain'), hang_up())) as fake, \
            TokenFolder() as token:
        result = run(fake.url, token, 'delete', 'nosuch', 'testb3', 'edge', '--yes', '--settle', '0')
        assert result.status == UNKNOWN and len(fake.bodies()) == 2, result
    changed = dict(EDGE, endpoint='https://x.example.com')
    listing = one_after_the_other(table_answer([TESTB3, EDGE]), table_answer([TESTB3, changed]))
    with Fake({'/customerinfo': listing, CHANGE: json_answer({})}) as fake, TokenFolder() as token:
        result = run(fake.url, token, 'delete', 'nosuch', 'edge', '--yes')
        assert result.status == CONFLICT and fake.bodies() == [], result


# ---- on a terminal

def test_a_terminal_is_asked():
    for typed, status, bodies in (('y\r', DONE, [MODIFIED]), ('\r', REFUSED, []), ('n\r', REFUSED, []),
                                  ('\x04', REFUSED, []), ('testb3\r', REFUSED, [])):
        with Recorder([TESTB3], [MOVED]) as fake, TokenFolder() as token, on_terminal(fake, token, *MODIFY) as tui:
            tui.wait_for('[y/N]')
            assert fake.bodies() == []
            tui.keys(typed)
            assert tui.wait_end() == status, tui.text()
            assert fake.bodies() == bodies


def test_what_was_typed_ahead_confirms_nothing():
    listing = one_after_the_other(lambda c, r: (time.sleep(1), table_answer([TESTB3])(c, r)), table_answer([TESTB3]))
    with Fake({'/customerinfo': listing}) as fake, TokenFolder() as token, on_terminal(fake, token, *MODIFY) as tui:
        fake.wait_for(1, '/customerinfo')
        tui.keys('y\ry\r')
        tui.wait_for('[y/N]')
        time.sleep(0.5)
        tui.keys('\r')
        assert tui.wait_end() == REFUSED and fake.bodies() == []


def test_deleting_and_replacing_want_the_name_typed():
    for typed, status, count in (('testb3\r', DONE, 1), ('y\r', REFUSED, 0), ('testb\r', REFUSED, 0)):
        for words, after in ((('delete', 'testb3'), []),
                             (('add', 'testb3', '--cloud', 'minio', '--replace'),
                              [{'bucketname': 'testb3', 'cloud': 'minio'}])):
            with Recorder([TESTB3], after) as fake, TokenFolder() as token, on_terminal(fake, token, *words) as tui:
                tui.wait_for('Type the name "testb3"')
                tui.keys(typed)
                assert tui.wait_end() == status, tui.text()
                assert len(fake.bodies()) == count


def test_of_several_names_the_number_is_typed():
    for typed, status, count in (('2\r', DONE, 2), ('y\r', REFUSED, 0), ('testb3\r', REFUSED, 0), ('3\r', REFUSED, 0)):
        with Recorder([TESTB3, EDGE], [TESTB3], []) as fake, TokenFolder() as token, \
                on_terminal(fake, token, 'delete', 'testb3', 'edge') as tui:
            tui.wait_for('Type the number of entries to delete, 2, to send all:')
            tui.keys(typed)
            assert tui.wait_end() == status, tui.text()
            assert len(fake.bodies()) == count


def test_a_secret_cannot_slip_into_argv_by_a_shortened_flag():
    with Recorder([TESTB3], [KEYED]) as fake, TokenFolder() as token:
        for words in (['--secret-access-key', 'ssss'], ['--secret-access-key=ssss'], ['--secret', 'ssss']):
            done = run(fake.url, token, 'modify', 'testb3', *words, '--yes')
            assert done[0] == USAGE and 'in full' in done[2] and 'ssss' not in done[2], done
        assert fake.bodies() == []


def test_a_secret_is_asked_for_and_not_shown():
    with Recorder([TESTB3], [KEYED]) as fake, TokenFolder() as token, \
            on_terminal(fake, token, 'modify', 'testb3', '--access-key-id', 'iiii') as tui:
        tui.wait_for('Secret access key:')
        tui.keys('ssss\r')
        tui.wait_for('Type the name')
        assert tui.settings() == tui.before
        tui.keys('testb3\r')
        assert tui.wait_end() == DONE, tui.text()
        assert b'ssss' not in tui.raw and fake.bodies() == [TO_KEY]


def test_a_terminal_is_set_back_when_a_secret_is_interrupted():
    with Recorder([EDGE]) as fake, TokenFolder() as token, \
            on_terminal(fake, token, 'modify', 'edge', '--shared-secret-file', '-') as tui:
        tui.wait_for('Shared secret:')
        tui.keys('hush\x03')
        assert tui.wait_end() == -signal.SIGINT, tui.text()
        assert tui.settings() == tui.before and b'hush' not in tui.raw
        assert fake.bodies() == []


# ---- the manual

def test_the_manual_has_the_flags():
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'doc', 'pail.1')) as file:
        section = re.search(r'^\.Ss Changing the table\n(.*?)(?=^\.S[hs] )', file.read(), re.M | re.S).group(1)
    helped = set()
    for name in ('add', 'modify', 'delete', 'undo'):
        done = subprocess.run([PAIL, name, '--help'], stdin=subprocess.DEVNULL, capture_output=True, timeout=20)
        assert done.returncode == DONE
        helped |= set(re.findall(r'^  --([a-z-]+)', done.stdout.decode(), re.M)) - {'help'}
    assert len(helped) > 10 and set(re.findall(r'^\.It Fl -([a-z-]+)', section, re.M)) == helped, helped


if __name__ == '__main__':
    tap.main(globals())
