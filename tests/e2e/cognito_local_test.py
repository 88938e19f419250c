"""Login and renewal against a Cognito that we didn't write: cognito-local, from npm, behind the TLS front of domain.py, which
gives it the real host name. login_test.py and domain_test.py cover the same flows with a Cognito of our own; these tests are
skipped where Node, npm or the package aren't to be had.

The package is installed once, at a fixed version, into a folder of its own: $XDG_CACHE_HOME/pail-tests or, without that,
/tmp/pail-tests-UID."""
import base64, hashlib, hmac, http.client, json, os, re, shutil, struct, subprocess, tempfile, time, unittest

import tap
from domain import COGNITO, VERSION, Service
from login_test import answer, read_token
from service import read_line, write_private

NODE, PACKAGE, PACKAGE_VERSION = (20, 19), 'cognito-local', '5.3.0'
INSTALL_SECONDS = 120
USER, PASSWORD, NEW_PASSWORD = 'ann@example.com', 'Correct-horse-9', 'Battery-staple-7'
LOGIN = 4


failed = []  # why the package is not to be had: it is tried once


def skip(why):
    failed.append(why)
    raise unittest.SkipTest('%s; login_test.py and domain_test.py cover this with a Cognito of our own' % why)


def output(*command):
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return ''


def check_node():
    version = re.match(r'v(\d+)\.(\d+)', output('node', '--version'))
    if not version or tuple(map(int, version.groups())) < NODE:
        skip('this needs Node %d.%d, and there is %s' % (*NODE, version.group(0) if version else 'none'))
    if not output('npm', '--version'):
        skip('there is no npm')


def cache():
    """A folder that nobody else can write: what is in it is run."""
    base = os.environ.get('XDG_CACHE_HOME')
    path = os.path.join(base, 'pail-tests') if base else os.path.join(tempfile.gettempdir(), 'pail-tests-%d' % os.getuid())
    os.makedirs(path, mode=0o700, exist_ok=True)
    info = os.lstat(path)
    if info.st_uid != os.getuid() or info.st_mode & 0o77 or not os.path.isdir(path) or os.path.islink(path):
        skip('%s is not a folder of ours alone' % path)
    return path


def installed():
    """Where the package is; it is installed beside that and then renamed, so that it is whole or not there."""
    if failed:
        skip(failed[0])
    check_node()
    place = os.path.join(cache(), '%s-%s' % (PACKAGE, PACKAGE_VERSION))
    if not os.path.isdir(place):
        scratch = tempfile.mkdtemp(prefix='install-', dir=cache())
        try:
            done = subprocess.run(['npm', 'install', '--no-fund', '--no-audit', '--ignore-scripts', '--fetch-retries=0',
                                   '--fetch-timeout=20000', '--prefix', scratch, '%s@%s' % (PACKAGE, PACKAGE_VERSION)],
                                  cwd=scratch, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                  timeout=INSTALL_SECONDS)
            if done.returncode != 0:
                lines = [line for line in done.stderr.split('\n') if line.startswith('npm error')] or ['npm failed']
                skip('npm does not install %s: %s' % (PACKAGE, lines[0]))
            os.rename(scratch, place)
        except subprocess.TimeoutExpired:
            skip('npm did not install %s within %d s' % (PACKAGE, INSTALL_SECONDS))
        except OSError:
            if not os.path.isdir(place):  # another run was quicker
                raise
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    return os.path.join(place, 'node_modules', PACKAGE)


class CognitoLocal(Service):
    """The service of domain.py with cognito-local as its Cognito. One user pool, one client, one user."""

    def __init__(self, permanent=True):
        self.package = installed()
        super().__init__(good=())
        self.permanent = permanent

    def start(self):
        self.process = subprocess.Popen(['node', os.path.join(self.package, 'lib', 'bin', 'start.js')], cwd=self.dir,
                                        env={'PATH': os.environ['PATH'], 'HOST': '127.0.0.1', 'PORT': '0', 'HOME': self.dir},
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        said, end = '', time.monotonic() + 60
        while 'running on' not in said and self.process.poll() is None and time.monotonic() < end:
            said += read_line(self.process.stdout, 60)
        port = re.search(r'running on http://127\.0\.0\.1:(\d+)', said)
        if not port:
            raise RuntimeError('cognito-local did not start: ' + said)
        self.port = int(port.group(1))

    def seed(self):
        self.pool = self.ask('CreateUserPool', PoolName='p', UsernameAttributes=[], MfaConfiguration='OPTIONAL')['UserPool']['Id']
        client = self.ask('CreateUserPoolClient', UserPoolId=self.pool, ClientName='cli')['UserPoolClient']['ClientId']
        self.version = dict(VERSION, cognitoCliClientId=client)
        self.ask('AdminCreateUser', UserPoolId=self.pool, Username=USER, TemporaryPassword=PASSWORD, MessageAction='SUPPRESS')
        if self.permanent:
            self.ask('AdminSetUserPassword', UserPoolId=self.pool, Username=USER, Password=PASSWORD, Permanent=True)

    def __enter__(self):
        try:
            self.start()
            self.seed()
            return super().__enter__()
        except BaseException:
            self.stop()
            shutil.rmtree(self.dir, ignore_errors=True)
            raise

    def __exit__(self, *why):
        self.stop()
        super().__exit__(*why)

    def stop(self):
        self.process.kill()
        self.process.wait(20)
        self.process.stdout.close()

    def forward(self, target, body):
        """(status, text) of the call, as it is."""
        connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=30)
        try:
            connection.request('POST', '/', body, {'X-Amz-Target': target, 'Content-Type': 'application/x-amz-json-1.1'})
            got = connection.getresponse()
            return got.status, got.read().decode()
        finally:
            connection.close()

    def ask(self, call, **parameters):
        status, text = self.forward('AWSCognitoIdentityProviderService.' + call, json.dumps(parameters))
        assert status == 200, (call, status, text)
        return json.loads(text)

    def answer(self, host, path, headers, body):
        """The api host takes the id tokens that cognito-local has given out, and no other."""
        if host != COGNITO:
            return super().answer(host, path, headers, body)
        status, text = self.forward(headers['X-Amz-Target'], body)
        result = json.loads(text).get('AuthenticationResult') if status == 200 else None
        if result:
            self.good = (result['IdToken'],)
        return status, 'application/x-amz-json-1.1', text

    def login(self, password=PASSWORD):
        return self.run('login', '--username', USER, '--password-file', '-', input=password + '\n')

    def age(self, seconds):
        """The login that is in the file becomes older."""
        text = open(self.token).read()
        write_private(self.token, re.sub(r'(?m)^TokenTimeEpochSeconds=.*$',
                                         'TokenTimeEpochSeconds=%d' % (time.time() - seconds), text))

    def set_up_authenticator(self):
        """The secret that an authenticator would hold."""
        tokens = self.ask('InitiateAuth', ClientId=self.version['cognitoCliClientId'], AuthFlow='USER_PASSWORD_AUTH',
                          AuthParameters={'USERNAME': USER, 'PASSWORD': PASSWORD})['AuthenticationResult']
        secret = self.ask('AssociateSoftwareToken', AccessToken=tokens['AccessToken'])['SecretCode']
        self.ask('VerifySoftwareToken', AccessToken=tokens['AccessToken'], UserCode=one_time_code(secret))
        return secret


def one_time_code(secret):
    """RFC 6238: six digits of this half minute."""
    key = base64.b32decode(secret + '=' * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack('>Q', int(time.time()) // 30), hashlib.sha1).digest()
    start = digest[-1] & 15
    return '%06d' % ((struct.unpack('>I', digest[start:start + 4])[0] & 0x7fffffff) % 1000000)


def claims(token):
    part = token.split('.')[1]
    return json.loads(base64.urlsafe_b64decode(part + '=' * (-len(part) % 4)))


def test_a_password_logs_in_and_the_login_is_renewed():
    with CognitoLocal() as service:
        done = service.login()
        assert done.returncode == 0 and done.stdout == '', done
        first = read_token(service.token)
        assert claims(first['IdToken'])['token_use'] == 'id' and claims(first['Token'])['token_use'] == 'access', first
        assert first['ClientId'] == service.version['cognitoCliClientId'] and first['RefreshToken'], first
        done = service.run('list')
        assert done.returncode == 0 and 'testb3' in done.stdout, done
        assert len(service.calls(COGNITO)) == 1

        service.age(31 * 60)
        time.sleep(1.1)  # a token's time has whole seconds: else the new one could be the same
        done = service.run('list')
        assert done.returncode == 0 and 'testb3' in done.stdout, done
        second = read_token(service.token)
        assert len(service.calls(COGNITO)) == 2
        assert second['IdToken'] != first['IdToken'] and second['RefreshToken'] == first['RefreshToken'], second
        assert claims(second['IdToken'])['sub'] == claims(first['IdToken'])['sub']
        assert abs(int(second['TokenTimeEpochSeconds']) - time.time()) < 60, second


def test_a_login_that_was_revoked_is_not_renewed():
    with CognitoLocal() as service:
        assert service.login().returncode == 0
        found = read_token(service.token)
        service.ask('RevokeToken', ClientId=found['ClientId'], Token=found['RefreshToken'])
        service.age(31 * 60)
        done = service.run('list')
        assert done.returncode == LOGIN and 'the login has run out' in done.stderr, done
        assert read_token(service.token)['IdToken'] == found['IdToken']


def test_a_wrong_password_and_an_unknown_user_are_refused():
    with CognitoLocal() as service:
        done = service.login('wrong horse')
        assert done.returncode == LOGIN and 'the user name or the password is wrong' in done.stderr, done
        done = service.run('login', '--username', 'nobody', '--password-file', '-', input=PASSWORD + '\n')
        assert done.returncode == LOGIN and not os.path.exists(service.token), done


def test_a_first_login_sets_a_new_password():
    with CognitoLocal(permanent=False) as service:
        with service.tui('login', '--username', USER) as tui:
            answer(tui, ('Password of', PASSWORD), ('New password of', NEW_PASSWORD), ('The same again', NEW_PASSWORD))
            assert tui.wait_end() == 0, tui.text()
            assert NEW_PASSWORD.encode() not in tui.raw
        assert service.run('list').returncode == 0
        assert service.login(NEW_PASSWORD).returncode == 0


def test_an_authenticator_is_asked_for_its_code():
    with CognitoLocal() as service:
        secret = service.set_up_authenticator()
        with service.tui('login', '--username', USER) as tui:
            answer(tui, ('Password of', PASSWORD))
            tui.wait_for('Code of the authenticator:')
            tui.keys('000000<Enter>')
            tui.wait_for('the code is wrong')
            tui.keys(one_time_code(secret) + '<Enter>')
            assert tui.wait_end() == 0, tui.text()
        assert service.run('list').returncode == 0
        done = service.login()  # a script can't answer
        assert done.returncode == LOGIN and 'authenticator' in done.stderr, done


if __name__ == '__main__':
    tap.main(globals())
