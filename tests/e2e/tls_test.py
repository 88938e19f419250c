"""Which servers pail doesn't talk to: openssl s_server with certificates that aren't good, and with an old TLS. It prints what
it could read: of a refused connection there must be nothing, least of all the Authorization."""
import os, shutil, socket, subprocess, tempfile, threading, time, unittest

import tap
from dashboard import PAIL
from service import read_line, token_file, write_private
from tui import Tui

NO_CONNECTION = 8


def openssl(*words):
    subprocess.run(['openssl', *words], check=True, capture_output=True, timeout=60)


class Authority:
    """An own CA in a scratch folder, with a profile that trusts it and a login."""

    def __enter__(self):
        self.dir = tempfile.mkdtemp(prefix='pail-tls-')
        write_private(self.path('token'), token_file('hush-hush'))
        self.self_signed('ca', 'CN=an own CA')
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.dir, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.dir, name)

    def new_key(self, name):
        return ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', self.path(name + '.key')]

    def self_signed(self, name, subject, host='localhost'):
        openssl('req', '-x509', *self.new_key(name), '-days', '2', '-subj', '/' + subject, '-addext',
                'subjectAltName=DNS:' + host, '-out', self.path(name + '.pem'))

    def signed(self, name, host='localhost', days=2):
        """By the CA; of negative days it has run out."""
        openssl('req', '-new', *self.new_key(name), '-subj', '/CN=' + host, '-out', self.path(name + '.csr'))
        with open(self.path(name + '.ext'), 'w') as file:
            file.write('subjectAltName=DNS:%s\n' % host)
        openssl('x509', '-req', '-in', self.path(name + '.csr'), '-CA', self.path('ca.pem'), '-CAkey', self.path('ca.key'),
                '-CAcreateserial', '-days', str(days), '-extfile', self.path(name + '.ext'), '-out',
                self.path(name + '.pem'))

    def config(self, port, cacert='ca'):
        return write_private(self.path('pail.conf'), 'profiles = { p = { url = "https://localhost:%d"; token_dir = "%s"; %s }; };\n'
                             % (port, self.dir, 'cacert = "%s.pem";' % self.path(cacert) if cacert else ''))

    def run(self, config, *words):
        return subprocess.run([PAIL, '--config', config, '--timeout', '1', *words], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60,
                              env={'PATH': os.environ['PATH'], 'HOME': self.dir, 'LC_ALL': 'C.UTF-8',
                                   'ASAN_OPTIONS': os.environ.get('ASAN_OPTIONS', '')})


class Server:
    """openssl s_server; what it printed, with all that it decrypted, is in `seen` once it has ended."""

    def __init__(self, authority, certificate, *options):
        self.command = ['openssl', 's_server', '-accept', '127.0.0.1:0', '-cert', authority.path(certificate + '.pem'),
                        '-key', authority.path(certificate + '.key'), *options]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT)
        self.seen, end = '', time.monotonic() + 20
        while 'ACCEPT' not in self.seen and self.process.poll() is None and time.monotonic() < end:
            self.seen += read_line(self.process.stdout, 20)
        self.port = int(self.seen.strip().rsplit(':', 1)[-1]) if 'ACCEPT' in self.seen else None
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.seen += self.process.communicate(timeout=20)[0].decode('latin-1')


def refused(authority, certificate, says, following, *options, cacert='ca', skip=None):
    """A reading, a change and the dashboard: each is refused with this sentence, and nothing was said to the server."""
    with Server(authority, certificate, *options) as server:
        if server.port is None and skip:
            raise unittest.SkipTest('%s: %s' % (skip, server.seen.strip().split('\n')[0]))
        config = authority.config(server.port, cacert)
        for words in (['list'], ['delete', 'testb3', '--yes']):
            done = authority.run(config, *words)
            assert done.returncode == NO_CONNECTION and done.stderr.count('\n') == 1, (certificate, done)
            assert 'reading the table: ' + says in done.stderr and following in done.stderr, (certificate, done)
        with Tui([PAIL, '--config', config], env={'HOME': authority.dir}, columns=200) as tui:
            assert following[1:] in tui.wait_for(says), tui.text()
    for word in ('hush-hush', 'Authorization', 'POST', 'customerinfo'):
        assert word not in server.seen, (certificate, server.seen)


def test_a_good_server_gets_the_request():
    with Authority() as authority:
        authority.signed('good')
        with Server(authority, 'good') as server:
            done = authority.run(authority.config(server.port), 'list')
            assert done.returncode == NO_CONNECTION and 'no answer within 1 s' in done.stderr, done  # it never answers
        assert 'POST /customerinfo' in server.seen and 'Authorization: hush-hush' in server.seen, server.seen


def test_a_certificate_for_another_host_is_refused():
    with Authority() as authority:
        authority.signed('other', host='other.example.com')
        refused(authority, 'other', 'certificate not trusted: it is for another host', 'check service, url and connect_to')


def test_a_certificate_that_has_run_out_is_refused():
    with Authority() as authority:
        authority.signed('expired', days=-1)
        refused(authority, 'expired', 'certificate not trusted: it has expired', "check this machine's clock")


def test_a_self_signed_certificate_is_refused():
    with Authority() as authority:
        authority.self_signed('own', 'CN=localhost')
        refused(authority, 'own', 'certificate not trusted: it is self-signed', 'name its file as cacert')


def test_a_certificate_by_nobody_we_know_is_refused():
    with Authority() as authority:
        authority.signed('good')
        refused(authority, 'good', "certificate not trusted: it is by an authority that isn't known here",
                "name the authority's file as cacert", cacert=None)
        authority.self_signed('ca2', 'CN=another CA')
        refused(authority, 'good', "certificate not trusted: it is by an authority that isn't known here",
                "name the authority's file as cacert", cacert='ca2')


def test_an_old_tls_is_refused():
    with Authority() as authority:
        authority.signed('good')
        refused(authority, 'good', 'the service speaks an older TLS than 1.2', 'must learn TLS 1.2', '-tls1_1', '-cipher',
                'DEFAULT@SECLEVEL=0', skip='this openssl has no TLS 1.1 to be refused')


def test_a_cacert_that_is_no_certificate_is_named():
    with Authority() as authority:
        authority.signed('good')
        write_private(authority.path('junk.pem'), 'junk\n')
        refused(authority, 'good', "the file of certificates can't be used", 'check cacert in the profile', cacert='junk')


def test_what_speaks_no_tls_is_refused():
    def play(listener):
        for _ in range(2):
            with listener.accept()[0] as connection:
                seen.append(connection.recv(4096))
                connection.sendall(b'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
    seen = []
    with Authority() as authority, socket.create_server(('127.0.0.1', 0)) as listener:
        threading.Thread(target=play, args=(listener,), daemon=True).start()
        for words in (['list'], ['delete', 'testb3', '--yes']):
            done = authority.run(authority.config(listener.getsockname()[1]), *words)
            assert done.returncode == NO_CONNECTION and done.stderr.count('\n') == 1, done
            assert 'reading the table: the service answered, but not with TLS; check the port' in done.stderr, done
    assert len(seen) == 2 and all(b'hush' not in piece and b'POST' not in piece for piece in seen), seen


if __name__ == '__main__':
    tap.main(globals())
