"""What a command does when what it prints on is closed, full or left by its reader, and what it says of flags."""
import os, subprocess

import tap
from dashboard import PAIL, TokenFolder
from service import Fake, hang_up, json_answer, one_after_the_other, table_answer

DONE, REFUSED, USAGE, UNKNOWN = 0, 1, 2, 5
EDGE = {'bucketname': 'edge', 'cloud': 'aws'}
LIST, CHANGE = '/customerinfo', '/add-mod-del-bucket'
MODIFY = ('modify', 'edge', '--endpoint', 'https://mine.example.com', '--yes')


def shell(token, redirection, url, *words):
    """pail run by a shell, which can close its descriptors."""
    return subprocess.run(['sh', '-c', 'exec "$@" ' + redirection, 'sh', PAIL, *(['--url', url] if url else []), *words],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
                          env={'PATH': '/usr/bin:/bin', 'LC_ALL': 'C.UTF-8', 'HOME': token.path,
                               'INFINSTOR_TOKEN_FILE_DIR': token.path, 'ASAN_OPTIONS': os.environ.get('ASAN_OPTIONS', '')})


def test_what_is_printed_on_a_closed_output_goes_nowhere_else():
    with Fake({LIST: table_answer([EDGE])}) as fake, TokenFolder() as token:
        for words in (['list'], ['show', 'edge'], ['whoami'], ['config', 'profiles'], ['export'], ['list', '--help']):
            done = shell(token, '>&-', fake.url, *words)
            assert done.returncode == REFUSED and 'could not be written: Bad file descriptor' in done.stderr, (words, done)


def test_a_change_with_all_descriptors_closed_is_the_same():
    listing = one_after_the_other(table_answer([EDGE]), table_answer([EDGE]),
                                  table_answer([dict(EDGE, endpoint='https://mine.example.com')]))
    with Fake({LIST: listing, CHANGE: json_answer({})}) as fake, TokenFolder() as token:
        done = shell(token, '<&- >&- 2>&-', fake.url, *MODIFY)
        assert done.returncode == DONE and len(fake.bodies()) == 1, done
        with open(os.path.join(token.path, '.local/state/pail/journal.jsonl')) as file:
            assert all(line.startswith('{"kind":') for line in file)


def test_an_output_that_is_full():
    with Fake({LIST: table_answer([EDGE])}) as fake, TokenFolder() as token:
        for words in (['list'], ['--help'], ['--version'], ['delete', '--help']):
            done = shell(token, '>/dev/full', fake.url, *words)
            assert done.returncode == REFUSED and 'could not be written: No space' in done.stderr, (words, done)


def test_a_reader_that_leaves_does_not_end_a_change():
    """It goes when the request is under way; what comes of it is in the exit status and in the journal."""
    with Fake({LIST: table_answer([EDGE])}) as fake, TokenFolder() as token:
        reading, writing = os.pipe()

        def leave(connection, request):
            os.close(reading)
            hang_up()(connection, request)

        fake.answer[CHANGE] = leave
        process = subprocess.Popen([PAIL, '--url', fake.url, *MODIFY, '--settle', '1'], stdin=subprocess.DEVNULL,
                                   stdout=writing, stderr=writing,
                                   env={'LC_ALL': 'C.UTF-8', 'HOME': token.path, 'INFINSTOR_TOKEN_FILE_DIR': token.path})
        os.close(writing)
        try:
            assert process.wait(30) == UNKNOWN, process.returncode
        finally:
            process.kill()
            process.wait()
        assert len(fake.bodies()) == 1
        with open(os.path.join(token.path, '.local/state/pail/journal.jsonl')) as file:
            assert '"state":"unknown"' in file.read()


def test_flags_that_are_not_known():
    with TokenFolder() as token:
        for words, says in ((['list', '--formt', 'json'], 'pail: list: --formt is not a flag of it'),
                            (['list', '-x'], 'pail: list: -x is not a flag of it'),
                            (['list', '-xy'], 'pail: list: -xy is not a flag of it'),
                            (['-xy', 'list'], 'pail: -xy is not an option'),
                            (['list', '--format'], 'pail: list: --format needs a value'),
                            (['delete', 'edge', '--yes=1'], 'pail: delete: --yes is not a flag of it, or not used so'),
                            (['list', '--caf\udcff\x1b[31m'], 'pail: list: --caf<FF>^[[31m is not'),
                            (['login', 'ann'], 'pail: usage: pail login\n')):
            done = shell(token, '', None, *words)
            assert done.returncode == USAGE and done.stderr.startswith(says) and '\x1b' not in done.stderr, (words, done)
        done = shell(token, '', None, 'add', 'edge', '--secret-acess-key=s3cr3t')
        assert done.returncode == USAGE and '--secret-acess-key is not' in done.stderr and 's3cr3t' not in done.stderr, done


if __name__ == '__main__':
    tap.main(globals())
