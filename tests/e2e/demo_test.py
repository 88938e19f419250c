#!/usr/bin/python3
"""tests/demo/run with a stand-in for pail: what it sets up, and that bucketd never outlives it."""
import http.client, json, os, re, shlex, shutil, signal, subprocess, sys, tempfile, termios, time, unicodedata

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tap
from service import LIST_BODY

RUN = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'demo', 'run')

# Tells what it was given, then does what the test asks of it.
PAIL = '''#!/bin/sh
env >"$0.env"
printf '%%s\\n' "$@" >"$0.args"
echo $$ >"$0.new" && mv "$0.new" "$0.pid"
%s
'''


class Demo:
    """The demo in a folder of its own, with a blank in its name."""

    def __init__(self, build, then, *options, stdin=subprocess.DEVNULL):
        self.dir = tempfile.mkdtemp(prefix='demo -')
        self.pail = os.path.join(self.dir, 'pail')
        os.symlink(os.path.join(os.path.abspath(build), 'bucketd'), os.path.join(self.dir, 'bucketd'))
        with open(os.open(self.pail, os.O_WRONLY | os.O_CREAT, 0o755), 'w') as file:
            file.write(PAIL % then)
        self.process, self.options, self.stdin = None, options, stdin

    def __enter__(self):
        return self.start()

    def start(self):
        env = dict(os.environ, INFINSTOR_TOKEN_FILE_DIR='/nonexistent')
        self.process = subprocess.Popen([RUN, self.dir, *self.options], env=env, stdin=self.stdin,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
        wait_until(lambda: os.path.exists(self.pail + '.pid') or self.process.poll() is not None)
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.communicate(timeout=20)
        shutil.rmtree(self.dir, ignore_errors=True)

    def end(self):
        """The exit status and all that was printed."""
        text = self.process.communicate(timeout=20)[0].decode()
        return self.process.returncode, text

    def file(self, *path):
        with open(os.path.join(self.dir, *path)) as file:
            return file.read()

    def pail_pid(self):
        return int(self.file('pail.pid'))

    def port(self):
        return int(re.search(r'http://127\.0\.0\.1:(\d+)', self.file('demo', 'bucketd.log')).group(1))

    def listing(self, who='admin'):
        token = self.file('demo', who, 'token').strip().split('=', 1)[1]
        connection = http.client.HTTPConnection('127.0.0.1', self.port(), timeout=10)
        connection.request('POST', '/customerinfo', LIST_BODY, {'Authorization': token})
        info = json.loads(connection.getresponse().read())
        connection.close()
        return info

    def service_runs(self):
        try:
            self.listing()
            return True
        except OSError:
            return False


def wait_until(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, 'waited in vain'
        time.sleep(0.02)


def test_about_60_entries_of_all_clouds(build):
    with Demo(build, 'exec sleep 60') as demo:
        entries = demo.listing()['InfinSnapBuckets']
        assert 55 <= len(entries) <= 65
        count = {cloud: sum(entry['cloud'] == cloud for entry in entries) for cloud in ('aws', 'azure', 'minio', 'other')}
        assert sum(count.values()) == len(entries) and min(count.values()) >= 5, count
        text = ''.join(entry['bucketname'] for entry in entries)
        assert any(unicodedata.east_asian_width(c) == 'W' for c in text) and any(map(unicodedata.combining, text))
        assert any(entry['accessRole'] and entry['accessKeyId'] for entry in entries)
        assert 10 < sum('ddbTable' in entry for entry in entries) < 50
        assert not any(entry['bucketname'] == 'testb3' for entry in entries), 'that is for the user to add'


def test_a_world_of_its_own(build):
    with Demo(build, 'exec sleep 60', '--read-only', 'a b') as demo:
        own = os.path.join(demo.dir, 'demo')
        env = dict(line.split('=', 1) for line in demo.file('pail.env').splitlines() if '=' in line)
        for name in ('HOME', 'XDG_CONFIG_HOME', 'XDG_DATA_HOME', 'XDG_STATE_HOME', 'XDG_CACHE_HOME', 'XDG_RUNTIME_DIR'):
            assert env[name].startswith(own + '/') and os.path.isdir(env[name]), name
        assert 'INFINSTOR_TOKEN_FILE_DIR' not in env
        assert demo.file('pail.args') == '--read-only\na b\n'
        config = demo.file('demo', 'config', 'pail', 'pail.conf')
        assert 'default_profile = "demo";' in config and 'http://127.0.0.1:%d"' % demo.port() in config
        for directory in re.findall(r'token_dir = "(.*)"', config):
            assert os.stat(os.path.join(directory, 'token')).st_mode & 0o777 == 0o600
        assert (demo.listing()['isSecondaryUser'], demo.listing('reader')['isSecondaryUser']) == ('false', 'true')


def test_the_end_of_pail_ends_it_and_tells_how_to_go_on(build):
    with Demo(build, 'exit 3') as demo:
        port = demo.port()
        status, text = demo.end()
        assert status == 3 and not demo.service_runs(), text
        assert text.startswith('To rehearse an outage'), text
        command = re.search(r'^  (.*bucketd.* \\\n.*)$', text, re.M).group(1).replace('\\\n', '')
        again = subprocess.Popen(shlex.split(command), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        try:
            assert again.stdout.readline() == b'bucketd listening on http://127.0.0.1:%d\n' % port
            assert len(demo.listing()['InfinSnapBuckets']) > 50
        finally:
            again.terminate()
            again.communicate(timeout=20)
        assert again.returncode == 0


def test_a_killed_pail_takes_bucketd_with_it(build):
    with Demo(build, 'exec sleep 60') as demo:
        assert demo.service_runs()
        os.kill(demo.pail_pid(), signal.SIGKILL)
        assert demo.end()[0] == 137 and not demo.service_runs()


def test_a_killed_pail_leaves_the_terminal_as_it_was(build):
    master, terminal = os.openpty()
    try:
        before = termios.tcgetattr(terminal)
        with Demo(build, 'stty raw -echo; kill -9 $$', stdin=terminal) as demo:
            status, text = demo.end()
            assert status == 137 and '\x1b[?1049l' in text and '\x1b[?25h' in text, text
        assert termios.tcgetattr(terminal) == before
    finally:
        os.close(master)
        os.close(terminal)


def test_a_signal_ends_all_three(build):
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        with Demo(build, 'exec sleep 60') as demo:
            demo.process.send_signal(number)
            assert demo.end()[0] == 128 + number and not demo.service_runs(), number
            try:
                os.kill(demo.pail_pid(), 0)
                assert False, 'pail is left behind'
            except ProcessLookupError:
                pass


def test_kill_9_on_the_demo_ends_bucketd(build):
    if subprocess.run(['setpriv', '--pdeathsig', 'TERM', 'true'], stderr=subprocess.DEVNULL).returncode != 0:
        return
    with Demo(build, 'exec sleep 60') as demo:
        os.kill(demo.process.pid, signal.SIGKILL)
        wait_until(lambda: not demo.service_runs())
        os.kill(demo.pail_pid(), signal.SIGKILL)


def test_make_demo_in_a_folder_with_a_blank(build):
    repository = os.path.dirname(os.path.dirname(os.path.dirname(RUN)))
    with tempfile.TemporaryDirectory(prefix="demo 'n' ") as folder:
        for name in ('Makefile', 'src', 'include', 'tests', 'themes', 'doc'):
            os.symlink(os.path.join(repository, name), os.path.join(folder, name))
        lines = subprocess.run(['make', '-n', 'demo'], cwd=folder, env={'PATH': os.environ['PATH']},
                               stdout=subprocess.PIPE, check=True).stdout.decode().splitlines()
        assert shlex.split(lines[-1]) == ['exec', 'tests/demo/run', os.path.realpath(folder) + '/build'], lines[-1]


def test_a_second_one_leaves_the_first_alone(build):
    with Demo(build, 'exec sleep 60') as demo:
        token = demo.file('demo', 'admin', 'token')
        second = subprocess.run([RUN, demo.dir], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, timeout=20)
        assert second.returncode == 1 and b'already running' in second.stdout, second
        assert demo.file('demo', 'admin', 'token') == token
        demo.process.terminate()
        demo.end()
        demo.start()  # the first is over
        assert demo.process.poll() is None


def test_each_start_begins_anew(build):
    with Demo(build, 'exec sleep 60') as demo:
        stray = os.path.join(demo.dir, 'demo', 'state', 'stray')
        open(stray, 'w').close()
        tokens = demo.file('demo', 'admin', 'token')
        demo.process.terminate()
        demo.end()
        os.unlink(demo.pail + '.pid')
        demo.start()
        assert not os.path.exists(stray) and demo.file('demo', 'admin', 'token') != tokens
        assert len(demo.listing()['InfinSnapBuckets']) > 50


if __name__ == '__main__':
    tap.main(globals(), os.path.abspath(sys.argv[1]))
