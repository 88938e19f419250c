"""A service that is known by its domain alone, played by domain.py: discovery, renewal by Cognito and the calls."""
import json, os, re, subprocess, time

import tap
from dashboard import PAIL
from domain import COGNITO, DOMAIN, VERSION, Service
from service import Fake, table_answer, write_private
from tui import Tui


def test_a_domain_and_a_login_are_enough():
    with Service(good=('old',)) as service:
        service.write_token(60)
        done = service.run('list')
        assert done.returncode == 0 and 'testb3' in done.stdout, done
        assert [(seen[0], seen[2].get('Authorization')) for seen in service.seen] == [
            ('mlflow.' + DOMAIN, 'None'), ('api.' + DOMAIN, 'old')], service.seen


def test_a_token_that_is_due_is_renewed_and_written():
    with Service() as service:
        service.write_token(31 * 60)
        done = service.run('list')
        assert done.returncode == 0 and 'testb3' in done.stdout, done
        sent = json.loads(service.calls(COGNITO)[0][3])
        assert sent == {'AuthFlow': 'REFRESH_TOKEN_AUTH', 'ClientId': 'cliclient1',
                        'AuthParameters': {'REFRESH_TOKEN': 'refresh-1'}}, sent
        assert [seen[2]['Authorization'] for seen in service.calls('api.' + DOMAIN)] == ['fresh']
        text = open(service.token).read()
        assert 'idtoken=fresh' in text and 'RefreshToken=refresh-1' in text and 'Other=kept' in text, text
        assert os.stat(service.token).st_mode & 0o777 == 0o600
        assert service.run('list').returncode == 0 and len(service.calls(COGNITO)) == 1


def test_the_login_page_renews_once_and_reads_again():
    with Service() as service:
        service.write_token(60)
        assert 'testb3' in service.run('list').stdout
        assert [seen[2]['Authorization'] for seen in service.calls('api.' + DOMAIN)] == ['old', 'fresh']
    with Service(good=()) as service:
        service.write_token(60)
        done = service.run('list')
        assert done.returncode == 4 and 'login has expired' in done.stderr, done
        assert len(service.calls(COGNITO)) == 1 and len(service.calls('api.' + DOMAIN)) == 2


def test_a_write_that_met_the_login_page_is_refused_and_renewed():
    with Service(good=('old', 'fresh')) as service:
        service.write_token(60)
        done = service.run('delete', 'testb3', '--yes')
        assert done.returncode == 4 and 'nothing was changed' in done.stderr and 'was renewed: send it again' in done.stderr
        assert len(service.calls(COGNITO)) == 1 and 'idtoken=fresh' in open(service.token).read()
        done = service.run('delete', 'testb3', '--yes')
        assert done.returncode == 0 and len(service.calls(COGNITO)) == 1, done
        writes = [seen for seen in service.calls('api.' + DOMAIN) if seen[1] == '/add-mod-del-bucket']
        assert [write[2]['Authorization'] for write in writes] == ['old', 'fresh'], writes


def test_the_dashboard_sends_again_at_once_after_the_login_page():
    with Service(good=('old', 'fresh')) as service:
        service.write_token(60)
        with Tui([PAIL, '--config', service.config()], env={'HOME': service.dir}) as tui:
            tui.wait_for('as of')
            tui.keys('D')
            tui.wait_for('Type testb3')
            tui.keys('testb3<Enter><Enter>')
            tui.wait_for('has expired or is wrong')
            tui.keys('<Shift-Tab>')
            tui.wait_for('[>Send<]')
            tui.keys('<Enter>')
            tui.wait_for('delete testb3: applied')
        assert len(service.calls(COGNITO)) == 1


def test_two_pails_at_once_renew_once():
    with Service() as service:
        service.write_token(31 * 60)
        service.slow = 1
        command = [PAIL, '--config', service.config(), 'list']
        env = {'PATH': '/usr/bin', 'HOME': service.dir, 'LC_ALL': 'C.UTF-8'}
        both = [subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env)
                for _ in range(2)]
        for process in both:
            out, err = process.communicate(timeout=60)
            assert process.returncode == 0 and b'testb3' in out, err
        assert len(service.calls(COGNITO)) == 1, service.seen
        assert [seen[2]['Authorization'] for seen in service.calls('api.' + DOMAIN)] == ['fresh'] * 2


def test_a_renewal_that_is_refused_needs_a_login():
    with Service(renewal=False) as service:
        service.write_token(31 * 60)
        done = service.run('list')
        assert done.returncode == 4 and done.stderr.count('\n') == 1, done
        assert 'refresh-1' not in done.stderr and service.calls('api.' + DOMAIN) == []
        assert 'idtoken=old' in open(service.token).read()


def test_without_an_answer_the_usual_host_is_taken():
    with Service(version=None, good=('old',)) as service:
        service.write_token(60)
        done = service.run('list')
        assert 'testb3' in done.stdout and 'did not name its hosts' in done.stderr, done
        assert 'api.%s is taken' % DOMAIN in done.stderr, done
        with Tui([PAIL, '--config', service.config()], env={'HOME': service.dir}, columns=200) as tui:
            tui.wait_for('api.%s is taken' % DOMAIN)
            tui.wait_for('testb3')


def test_hosts_stay_under_the_domain():
    for odd in ('evil.example.org/', 'a.b', 'API', ''):
        with Service(version=dict(VERSION, apiDnsName=odd), good=('old',)) as service:
            service.write_token(60)
            service.run('list')
            assert {seen[0] for seen in service.seen} <= {'mlflow.' + DOMAIN, 'api.' + DOMAIN}, service.seen


def test_a_token_of_another_service_is_not_sent():
    with Service(good=('old',)) as service:
        service.write_token(60, service='other.example.com')
        done = service.run('list')
        assert done.returncode == 4 and 'other.example.com' in done.stderr, done
        assert service.calls('api.' + DOMAIN) == []


def test_the_command_to_log_in_names_the_profile():
    """Also after a change that met an expired login which nothing can renew."""
    with Service(good=('old',), writes=()) as service:
        config = service.config
        service.config = lambda more='': write_private(service.path('pail.conf'), open(config(more)).read().replace(
            'profiles = {', 'default_profile = "other"; profiles = { other = { service = "a.invalid"; };'))
        wanted = 'pail --config %s --profile jump login\n' % service.path('pail.conf')
        done = service.run('--profile', 'jump', 'list')
        assert done.returncode == 4 and 'the command is: ' + wanted in done.stderr, done
        write_private(service.token, 'Token=a\nIdToken=old\nTokenTimeEpochSeconds=%d\n' % time.time())
        done = service.run('--profile', 'jump', 'delete', 'testb3', '--yes')
        assert done.returncode == 4 and 'log in again, then send again' in done.stderr, done
        assert 'the command is: ' + wanted in done.stderr, done


def test_a_url_alone_gets_no_token_of_another_service():
    """Nor does a service on this machine; the hosts of the token's own service do."""
    with Fake({'/customerinfo': table_answer([{'bucketname': 'testb3'}])}) as fake, Service(good=('old',)) as service:
        service.write_token(60)
        done = service.run('--url', fake.url, 'list', env={'INFINSTOR_TOKEN_FILE_DIR': service.dir})
        assert done.returncode == 4 and 'it is for ' + DOMAIN + ', not for 127.0.0.1' in done.stderr, done
        assert fake.requests == []
        config = service.config
        service.config = lambda more='': write_private(service.path('pail.conf'), open(config(more)).read().replace(
            'service = "%s"' % DOMAIN, 'url = "https://api.%s"' % DOMAIN))
        done = service.run('list')
        assert done.returncode == 0 and 'testb3' in done.stdout and len(service.seen) == 1, done


def test_what_calls_carry_is_a_setting():
    for more, wanted, id_token in (('authorization = "bearer";', 'Bearer access-old', None),
                                   ('authorization = "access+id";', 'access-old', 'old')):
        with Service(good=(wanted,)) as service:
            service.write_token(60)
            done = service.run('list', more=more)
            assert done.returncode == 0, done
            assert service.calls('api.' + DOMAIN)[0][2].get('Idtoken') == id_token


def test_a_refresh_token_of_the_environment_stays_in_memory():
    with Service() as service:
        env = {'INFINSTOR_REFRESH_TOKEN': 'refresh-e', 'INFINSTOR_COGNITO_CLIENTID': 'envclient1'}
        done = service.run('list', env=env)
        assert done.returncode == 4, done  # the profile's own folder comes first, and it is empty
        config = service.config()
        write_private(config, open(config).read().replace('token_dir = "%s"; ' % service.dir, ''))
        done = subprocess.run([PAIL, '--config', config, 'list'], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=60, env=dict(env, PATH='/usr/bin', HOME=service.dir + '/home', LC_ALL='C.UTF-8'))
        assert done.returncode == 0 and 'testb3' in done.stdout, done
        assert json.loads(service.calls(COGNITO)[0][3])['AuthParameters'] == {'REFRESH_TOKEN': 'refresh-e'}
        assert not os.path.exists(service.token)


def test_a_certificate_of_nobody_is_refused():
    with Service(good=('old',)) as service:
        service.write_token(60)
        config = service.config()
        write_private(config, open(config).read().replace('cacert = "%s"; ' % service.path('cert.pem'), ''))
        done = subprocess.run([PAIL, '--config', config, 'list'], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=60, env={'PATH': '/usr/bin', 'HOME': service.dir, 'LC_ALL': 'C.UTF-8'})
        assert done.returncode == 8 and 'certificate' in done.stderr and service.seen == [], done


def test_the_dashboard_opens_with_a_domain():
    with Service() as service:
        service.write_token(31 * 60)
        with Tui([PAIL, '--config', service.config()], env={'HOME': service.dir}) as tui:
            text = tui.wait_for('testb3')
            assert DOMAIN in text
            tui.keys('@')
            tui.wait_for('renewed the login')
            tui.keys('qq')
            assert tui.wait_end() == 0


def test_the_order_of_credentials():
    """The profile's folder, the environment's refresh token, the environment's folder, the home: each is left out in turn."""
    with Service(good=('profile', 'fresh', 'folder', 'home')) as service:
        for name, path in (('profile', service.token), ('folder', service.path('folder/token')),
                           ('home', service.path('.infinstor/token'))):
            write_private(path, 'Token=a\nIdToken=%s\nTokenTimeEpochSeconds=%d\n' % (name, time.time()))
        refresh = {'INFINSTOR_REFRESH_TOKEN': 'refresh-e', 'INFINSTOR_COGNITO_CLIENTID': 'envclient1'}
        folder = {'INFINSTOR_TOKEN_FILE_DIR': service.path('folder')}
        config = service.config
        for wanted, env in (('profile', {**refresh, **folder}), ('fresh', {**refresh, **folder}), ('folder', folder),
                            ('home', {})):
            if wanted != 'profile':
                def config_without_folder(more=''):
                    path = config(more)
                    with open(path) as file:
                        text = file.read()
                    return write_private(path, text.replace('token_dir = "%s"; ' % service.dir, ''))
                service.config = config_without_folder
            service.seen.clear()
            done = service.run('list', env=env)
            assert done.returncode == 0, (wanted, done)
            assert [seen[2]['Authorization'] for seen in service.calls('api.' + DOMAIN)] == [wanted], wanted
        assert service.calls(COGNITO) == []


# ---- the README's chapter, as it stands there

def jump_host():
    """The shell's commands of the chapter: three, and the chmod."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'README.md')) as file:
        chapter = re.search(r'^## On a jump host\n(.*?)^## ', file.read(), re.M | re.S).group(1)
    blocks = re.findall(r'^```\n(.*?)^```$', chapter, re.M | re.S)
    commands, chmod = blocks[0].strip().split('\n'), blocks[1].strip()
    assert len(commands) == 3 and commands[1:] == ['pail login', 'pail list'] and chmod.startswith('chmod 600 '), blocks
    return commands, chmod


class JumpHost(Service):
    """A home without anything; what leads the real names to this machine is added to the profile that the README writes."""

    def shell(self, command, input=''):
        command = command.replace('infinstor.yourcompany.com', DOMAIN)
        env = {'PATH': os.path.dirname(PAIL) + ':/usr/bin:/bin', 'HOME': self.path('home'), 'LC_ALL': 'C.UTF-8',
               'ASAN_OPTIONS': os.environ.get('ASAN_OPTIONS', '')}
        os.makedirs(self.path('home'), exist_ok=True)
        return subprocess.run(['sh', '-c', 'umask 022; ' + command], input=input, capture_output=True, text=True, timeout=60,
                              env=env)

    def configure(self, command):
        done = self.shell(command)
        assert done.returncode == 0 and done.stderr == '', done
        path = self.path('home/.config/pail/pail.conf')
        with open(path) as file:
            text = file.read()
        with open(self.config()) as file:
            more = re.search(r'cacert = "[^"]*"; connect_to = "[^"]*";', file.read()).group(0)
        with open(path, 'w') as file:
            file.write(text.replace('"; }', '"; %s }' % more, 1))


def test_the_readme_leads_from_nothing_to_the_list():
    commands, chmod = jump_host()
    with JumpHost(good=('fresh',)) as service:
        service.configure(commands[0])
        done = service.shell(commands[1] + ' --username ann --password-file -', input='secret\n')
        assert done.returncode == 0, done
        done = service.shell(commands[2])
        assert done.returncode == 0 and 'testb3' in done.stdout, done


def test_the_readme_uses_the_login_of_infinstor_s_client():
    commands, chmod = jump_host()
    with JumpHost(good=('old',)) as service:
        service.configure(commands[0])
        service.token = service.path('home/.infinstor/token')
        service.write_token(60)
        os.chmod(service.token, 0o644)
        done = service.shell(commands[2])
        assert done.returncode == 4 and 'chmod 600 ' in done.stderr and service.calls('api.' + DOMAIN) == [], done
        assert service.shell(chmod).returncode == 0
        done = service.shell(commands[2])
        assert done.returncode == 0 and 'testb3' in done.stdout, done


if __name__ == '__main__':
    tap.main(globals())
