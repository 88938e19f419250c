"""Logging in and out, against a Cognito that plays all its challenges (domain.py has the hosts)."""
import base64, json, os, re, time
from urllib.parse import parse_qs

import tap
from domain import COGNITO, DOMAIN, LOGIN_PAGE_HOST, TABLE, VERSION, Service
from service import write_private

USER, PASSWORD, NEW_PASSWORD, CODE = 'ann@example.com', 'correct horse "9', 'battery & staple', '246810'
SECRETS = (PASSWORD, NEW_PASSWORD, CODE, 'refresh-2', 'the-access-token', 'the-browser-code')
EXTERNAL = dict(VERSION, isExternalAuth='true')


class Cognito(Service):
    """Knows one user; `asks` are the challenges that follow the password."""

    def __init__(self, asks=(), revokes=True, **more):
        super().__init__(**more)
        self.asks, self.revokes = list(asks), revokes
        self.revoked = []

    def answer(self, host, path, headers, body):
        if host == COGNITO:
            target = headers['X-Amz-Target'].split('.')[-1]
            status, answer = getattr(self, target)(json.loads(body))
            return status, 'application/x-amz-json-1.1', answer
        if host == LOGIN_PAGE_HOST and path == '/oauth2/token':
            return self.exchange({name: values[0] for name, values in parse_qs(body.decode()).items()})
        return super().answer(host, path, headers, body)

    def next(self, session):
        if not self.asks:
            return 200, {'ChallengeParameters': {}, 'AuthenticationResult': {
                'AccessToken': 'the-access-token', 'IdToken': 'fresh', 'RefreshToken': 'refresh-2', 'TokenType': 'Bearer',
                'ExpiresIn': 3600}}
        return 200, {'ChallengeName': self.asks[0], 'Session': 'session-%d' % (session + 1),
                     'ChallengeParameters': {'USER_ID_FOR_SRP': 'ann-id', 'CODE_DELIVERY_DESTINATION': '+*******1234'}}

    def InitiateAuth(self, asked):
        assert asked['ClientId'] == 'cliclient1', asked
        if asked['AuthFlow'] == 'REFRESH_TOKEN_AUTH':
            return super().answer(COGNITO, '/', {}, b'')[::2]
        if asked['AuthParameters'] != {'USERNAME': USER, 'PASSWORD': PASSWORD}:
            return 400, {'__type': 'NotAuthorizedException', 'message': 'Incorrect username or password.'}
        return self.next(0)

    def RespondToAuthChallenge(self, asked):
        name, session = asked['ChallengeName'], int(asked['Session'].split('-')[1])
        response = {'NEW_PASSWORD_REQUIRED': ('NEW_PASSWORD', NEW_PASSWORD),
                    'SOFTWARE_TOKEN_MFA': ('SOFTWARE_TOKEN_MFA_CODE', CODE), 'SMS_MFA': ('SMS_MFA_CODE', CODE)}[name]
        assert name == self.asks[0] and asked['ChallengeResponses']['USERNAME'] == 'ann-id', asked
        if asked['ChallengeResponses'].get(response[0]) != response[1]:
            if name == 'NEW_PASSWORD_REQUIRED':
                return 400, {'__type': 'InvalidPasswordException', 'message': 'Password not long enough'}
            return 400, {'__type': 'CodeMismatchException', 'message': 'Invalid code received for user'}
        self.asks.pop(0)
        return self.next(session)

    def RevokeToken(self, asked):
        self.revoked.append((asked['Token'], asked['ClientId']))
        return (200, '') if self.revokes else (400, {'__type': 'UnsupportedOperationException', 'message': 'not enabled'})

    def exchange(self, form):
        wanted = {'grant_type': 'authorization_code', 'client_id': 'cliclient1', 'code': 'the-browser-code',
                  'redirect_uri': 'https://mlflow.%s/api/2.0/mlflow/infinstor/cliclient_authorize' % DOMAIN}
        if form != wanted:
            return 400, 'application/json', {'error': 'invalid_grant'}
        return 200, 'application/json', {'access_token': 'the-access-token', 'id_token': 'fresh', 'refresh_token': 'refresh-2',
                                         'token_type': 'Bearer', 'expires_in': 3600}

    def login(self, *words, password=PASSWORD, **more):
        """Off a terminal, the password on standard input."""
        return self.run('login', '--username', USER, '--password-file', '-', *words, input=password + '\n', **more)


def read_token(path):
    """As the reference describes the file: KEY=value lines by their beginnings, blanks at their ends left out."""
    found = {}
    with open(path) as file:
        for line in file.read().splitlines():
            for key in ('Token', 'RefreshToken', 'ClientId', 'TokenTimeEpochSeconds', 'IdToken', 'TokenType', 'Service'):
                if line.startswith(key + '='):
                    found[key] = line[len(key) + 1:].rstrip()
    return found


def expect_token(service):
    found = read_token(service.token)
    assert abs(int(found.pop('TokenTimeEpochSeconds')) - time.time()) < 60, found
    assert found == {'Token': 'the-access-token', 'RefreshToken': 'refresh-2', 'ClientId': 'cliclient1', 'IdToken': 'fresh',
                     'TokenType': 'Bearer', 'Service': DOMAIN}, found
    assert os.stat(service.token).st_mode & 0o777 == 0o600
    assert not [name for name in os.listdir(service.dir) if name.startswith('token.') and name != 'token.lock']


def expect_no_secrets(text):
    for secret in SECRETS:
        assert secret not in text, (secret, text)


def answer(tui, *pairs):
    """Waits for each question, then types its answer."""
    for question, text in pairs:
        tui.wait_for(question)
        tui.keys(text + '<Enter>', quiet=0.05)


# ---- the command line ----

def test_a_password_logs_in():
    with Cognito() as service:
        done = service.login()
        assert done.returncode == 0 and service.token in done.stderr and done.stdout == '', done
        expect_token(service)
        expect_no_secrets(done.stderr)
        assert 'testb3' in service.run('list').stdout
        assert [seen[0] for seen in service.seen][:2] == ['mlflow.' + DOMAIN, COGNITO]


def test_a_password_comes_from_a_file():
    with Cognito() as service:
        path = write_private(service.path('password'), PASSWORD + '\r\n')
        done = service.run('login', '--username', USER, '--password-file', path)
        assert done.returncode == 0, done
        expect_token(service)
        done = service.run('login', '--username', USER, '--password-file', service.path('nosuch'))
        assert done.returncode == 2 and 'No such file' in done.stderr, done


def test_lines_that_are_not_ours_stay():
    with Cognito() as service:
        service.write_token(3600, service='other.example.com')
        done = service.login()
        assert done.returncode == 0 and 'the login to other.example.com' in done.stderr, done
        text = open(service.token, newline='').read()
        assert 'Other=kept\r\n' in text and 'idtoken=fresh\r\n' in text and 'Service=' + DOMAIN in text, text


def test_a_wrong_password_is_refused():
    with Cognito() as service:
        done = service.login(password='wrong horse')
        assert done.returncode == 4 and done.stderr == 'pail: the user name or the password is wrong\n', done
        assert not os.path.exists(service.token)


def test_a_terminal_is_asked():
    with Cognito() as service, service.tui('login') as tui:
        answer(tui, ('User name at ' + DOMAIN + ':', USER), ('Password of ' + USER + ':', 'wrong'),
               ('User name at %s [%s]:' % (DOMAIN, USER), ''))
        tui.wait_for(lambda text: text.count('Password of') == 2)
        tui.keys(PASSWORD + '<Enter>')
        assert tui.wait_end() == 0, tui.text()
        assert 'the user name or the password is wrong' in tui.text() and 'logged in as ' + USER in tui.text()
        expect_token(service)
        expect_no_secrets(tui.raw.decode())


def test_three_wrong_passwords_are_enough():
    with Cognito() as service, service.tui('login', '--username', USER) as tui:
        for count in (1, 2, 3):
            tui.wait_for(lambda text: text.count('Password of') == count)
            tui.keys('wrong<Enter>', quiet=0.05)
        assert tui.wait_end() == 4 and len(service.calls(COGNITO)) == 3


def test_the_end_of_the_input_cancels():
    with Cognito() as service, service.tui('login') as tui:
        tui.wait_for('User name')
        tui.keys('\x04')
        assert tui.wait_end() == 1 and 'cancelled' in tui.text()
        assert service.calls(COGNITO) == []


def test_a_new_password_is_typed_twice():
    with Cognito(asks=['NEW_PASSWORD_REQUIRED']) as service, service.tui('login', '--username', USER) as tui:
        answer(tui, ('Password of', PASSWORD), ('New password of', NEW_PASSWORD), ('The same again', 'something else'),
               ('the two differ', 'short'))
        tui.wait_for(lambda text: text.count('The same again') == 2)
        tui.keys('short<Enter>')
        answer(tui, ('not long enough', NEW_PASSWORD))
        tui.wait_for(lambda text: text.count('The same again') == 3)
        tui.keys(NEW_PASSWORD + '<Enter>')
        assert tui.wait_end() == 0, tui.text()
        expect_token(service)
        expect_no_secrets(tui.raw.decode())


def test_codes_are_asked_for_until_they_are_right():
    for challenge, question in (('SOFTWARE_TOKEN_MFA', 'Code of the authenticator:'), ('SMS_MFA', 'Code sent to +*******1234:')):
        with Cognito(asks=[challenge]) as service, service.tui('login', '--username', USER) as tui:
            answer(tui, ('Password of', PASSWORD), (question, '000000'), ('the code is wrong', CODE))
            assert tui.wait_end() == 0, tui.text()
            expect_token(service)


def test_what_a_script_cannot_answer_is_said():
    with Cognito(asks=['SOFTWARE_TOKEN_MFA']) as service:
        done = service.login()
        assert done.returncode == 4 and 'Code of the authenticator: log in on a terminal' in done.stderr, done
        assert not os.path.exists(service.token)
    with Cognito(version=EXTERNAL) as service:
        done = service.login()
        assert done.returncode == 4 and 'by the browser: log in on a terminal' in done.stderr, done
        for words in ((), ('--username', USER), ('--password-file', '-')):
            done = service.run('login', *words)
            assert done.returncode == 2 and '--username and --password-file' in done.stderr, done
        done = service.run('login', '--username', '', '--password-file', '-', input='pw\n')
        assert done.returncode == 2 and 'a name is wanted' in done.stderr, done


def test_the_browser_logs_in():
    with Cognito(version=EXTERNAL) as service, service.tui('login') as tui:
        tui.wait_for('The code that the page ends with:')
        url = ('https://%s/oauth2/authorize?redirect_uri=https://mlflow.%s/api/2.0/mlflow/infinstor/cliclient_authorize'
               '&response_type=code&client_id=cliclient1' % (LOGIN_PAGE_HOST, DOMAIN))
        assert url in ''.join(tui.screen.display).replace(' ', ''), tui.text()
        answer(tui, ('The code', 'old-code'), ('was used before', ' the-browser-code '))
        assert tui.wait_end() == 0, tui.text()
        expect_token(service)
        assert len(service.calls(LOGIN_PAGE_HOST)) == 2


def test_a_login_page_that_would_be_elsewhere_is_not_used():
    for odd in (dict(EXTERNAL, region='evil.example.org/'), dict(EXTERNAL, serviceDnsName='evil.example')):
        with Cognito(version=odd) as service, service.tui('login') as tui:
            assert tui.wait_end() == 8 and 'not trusted' in tui.text(), tui.text()
            assert {seen[0] for seen in service.seen} == {'mlflow.' + DOMAIN}


def test_settings_and_the_environment_are_named():
    with Cognito() as service:
        config = service.config()
        text = open(config).read()
        write_private(config, text.replace('service = "%s"' % DOMAIN, 'url = "https://api.%s"' % DOMAIN))
        service.config = lambda more='': config
        done = service.login()
        assert done.returncode == 2 and 'set service' in done.stderr and service.seen == [], done
        write_private(config, text.replace('token_dir = "%s"; ' % service.dir, ''))
        done = service.login(env={'INFINSTOR_REFRESH_TOKEN': 'r', 'INFINSTOR_COGNITO_CLIENTID': 'c'})
        assert done.returncode == 2 and 'INFINSTOR_REFRESH_TOKEN' in done.stderr and '.infinstor/token' in done.stderr, done
        assert service.seen == []
        done = service.login()
        assert done.returncode == 0 and read_token(service.path('.infinstor/token'))['IdToken'] == 'fresh', done
        write_private(service.path('.infinstor/token'), 'Token=Custom mine\n')
        done = service.login()
        assert done.returncode == 2 and 'custom token' in done.stderr, done
        assert open(service.path('.infinstor/token')).read() == 'Token=Custom mine\n'


def test_a_service_that_is_not_there():
    with Cognito(version=None) as service:
        done = service.login()
        assert done.returncode == 8 and 'answered 500' in done.stderr and 'set region' in done.stderr, done
        done = service.login(more='region = "us-east-1"; client_id = "cliclient1";')
        assert done.returncode == 0 and 'a login by password is assumed' in done.stderr, done
        expect_token(service)


# ---- the dashboard ----

def test_the_dashboard_logs_in():
    with Cognito(asks=['SMS_MFA']) as service, service.tui() as tui:
        command = 'pail --config %s login' % service.path('pail.conf')
        tui.wait_for(lambda text: 'I logs in here. In a shell: %s, then r.' % command in ' '.join(text.split()))
        tui.keys('I')
        answer(tui, ('User name at', USER), ('Password of', 'wrong'), ('is wrong', ''), ('Password of', PASSWORD),
               ('Code sent to +*******1234', CODE))
        tui.wait_for('testb3')
        tui.wait_for('Logged in.')
        expect_token(service)
        expect_no_secrets(tui.raw.decode().replace(CODE, ''))  # which is typed openly
        tui.keys('@')
        tui.wait_for('read the table')
        expect_no_secrets(tui.text())
        tui.keys('qq')
        assert tui.wait_end() == 0


def test_the_dashboard_goes_on_after_a_login_elsewhere():
    with Cognito(renewal=False) as service, service.tui() as tui:
        service.write_token(31 * 60)
        tui.wait_for('I logs in here')
        tui.keys('r')
        tui.wait_for('the login was not renewed: the login has run out')
        tui.wait_for('I logs in here. In a shell: pail --config')
        tui.keys('ahalf')
        assert service.login().returncode == 0
        assert 'half' in tui.text()
        tui.keys('<Escape>d<Enter>')
        tui.keys('r')
        tui.wait_for('testb3')


# ---- logging out ----

def test_logout_revokes_and_removes():
    with Cognito() as service:
        assert service.login().returncode == 0
        done = service.run('logout')
        assert done.returncode == 0 and 'revoked' in done.stderr and not os.path.exists(service.token), done
        assert service.revoked == [('refresh-2', 'cliclient1')]
        expect_no_secrets(done.stderr)
        done = service.run('logout')
        assert done.returncode == 0 and 'not logged in' in done.stderr and len(service.revoked) == 1, done
        assert service.run('list').returncode == 4


def test_logout_says_what_remains():
    with Cognito(revokes=False) as service:
        service.write_token(60)
        done = service.run('logout')
        assert done.returncode == 1 and 'revoking is not enabled' in done.stderr and 'was removed' in done.stderr, done
        assert not os.path.exists(service.token)
        service.write_token(60)
        done = service.run('logout', more='region = "eu-nowhere-9";')
        assert done.returncode == 8 and 'not revoked' in done.stderr and not os.path.exists(service.token), done


def test_logout_leaves_what_it_cannot_end():
    with Cognito() as service:
        service.write_token(60, service='other.example.com')
        done = service.run('logout')
        assert done.returncode == 2 and 'other.example.com' in done.stderr and os.path.exists(service.token), done
        write_private(service.token, 'Token=Custom mine\n')
        done = service.run('logout')
        assert done.returncode == 2 and 'custom token' in done.stderr and os.path.exists(service.token), done
        assert service.seen == []
        os.unlink(service.token)
        service.write_token(60)
        os.chmod(service.token, 0o644)  # others may have read it: all the more
        assert service.run('logout').returncode == 0 and service.revoked == [('refresh-1', 'cliclient1')]


# ---- whoami ----

def jwt(**claims):
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b'=').decode()
    return '%s.%s.c2ln' % (part({'alg': 'RS256'}), part(claims))


def test_whoami():
    now = int(time.time())
    token = jwt(exp=now + 3600, sub='x')
    with Cognito(good=(token,)) as service:
        service.table = dict(TABLE, isSecondaryUser='false', serviceVersion='2.1\x1b[m', awsAccountId='111122223333', customerId=7)
        service.write_token(300, token=token)
        done = service.run('whoami')
        assert done.returncode == 0 and done.stderr == '', done
        lines = dict(re.split(r':\s+', line, 1) for line in done.stdout.splitlines())
        assert lines['User'] == 'admin@example.com' and lines['Secondary user'] == 'false' and lines['Customer'] == '7', lines
        assert lines['Administrator'] == 'unknown until a change was tried', lines
        assert lines['Service'] == DOMAIN and lines["Service's version"] == '2.1^[[m', lines
        assert lines['Login'] == service.token and lines['Issued'].endswith(', 5 min ago'), lines
        assert re.search(', in (24|25) min$', lines['Renewed when due']) and re.search(', in (59|60) min$', lines['Expires']), lines
        assert token not in done.stdout and 'refresh-1' not in done.stdout
        done = service.run('whoami', '--format', 'json')
        said = json.loads(done.stdout)
        login = said.pop('login')
        assert said == {'userName': 'admin@example.com', 'isSecondaryUser': 'false', 'awsAccountId': '111122223333',
                        'customerId': 7, 'serviceVersion': '2.1\x1b[m', 'administrator': None, 'service': DOMAIN}, said
        assert abs(login.pop('issued') - (now - 300)) < 5 and abs(login.pop('renewalDue') - (now + 1500)) < 5, login
        assert login == {'found': True, 'inEnvironment': False, 'custom': False, 'file': service.token,
                         'expires': now + 3600}, login


def test_whoami_of_a_login_that_does_not_do():
    with Cognito() as service:
        done = service.run('whoami')
        assert done.returncode == 4 and '(none that can be read)' in done.stdout and '(not known)' in done.stdout, done
        write_private(service.token, 'Token=Custom mine\n')
        done = service.run('whoami', more='')
        assert done.returncode == 4 and 'a custom token, never renewed' in done.stdout and 'Issued' not in done.stdout, done
        assert 'mine' not in done.stdout + done.stderr
        service.good = ('Custom mine',)
        assert service.run('whoami').returncode == 0
        assert json.loads(service.run('whoami', '--format', 'json').stdout)['login']['custom'] is True


if __name__ == '__main__':
    tap.main(globals())
