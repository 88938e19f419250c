"""Plays a service that is known by its domain alone: discovery, Cognito and the calls, over TLS with an own CA and the
real host names (connect_to leads them here). It answers as InfinStor's client expects.

    with Service(good=('old',)) as service:         # good: what /customerinfo takes as Authorization
        service.write_token(60)                     # a token file of that age
        service.run('list')                         # -> CompletedProcess of pail with service.config()
        service.seen                                # (host, path, headers, body) of each request
"""
import json, os, shutil, ssl, subprocess, tempfile, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from dashboard import PAIL
from service import LOGIN_PAGE, write_private
from tui import Tui

DOMAIN = 'infinstor.example.com'
COGNITO = 'cognito-idp.us-east-1.amazonaws.com'
VERSION = {'cognitoCliClientId': 'cliclient1', 'cognitoAppClientId': 'appclient1', 'mlflowDnsName': 'mlflow',
           'mlflowuiDnsName': 'mlflowui', 'mlflowstaticDnsName': 'mlflowstatic', 'apiDnsName': 'api',
           'serviceDnsName': 'service', 'region': 'us-east-1'}
TABLE = {'userName': 'admin@example.com', 'InfinSnapBuckets': [{'bucketname': 'testb3', 'cloud': 'aws'}]}
LOGIN_PAGE_HOST = 'service-infinstor-example-com.auth.us-east-1.amazoncognito.com'
HOSTS = ('mlflow.' + DOMAIN, 'api.' + DOMAIN, COGNITO, LOGIN_PAGE_HOST)


class Service:
    """All hosts of the domain, and Cognito."""

    def __init__(self, version=VERSION, good=('fresh',), renewal=True, writes=('fresh',)):
        self.version, self.good, self.renewal, self.writes, self.table = version, good, renewal, writes, TABLE
        self.seen = []
        self.slow = 0  # seconds that Cognito takes
        self.dir = tempfile.mkdtemp(prefix='pail-domain-')
        self.token = os.path.join(self.dir, 'token')

    def path(self, name):
        return os.path.join(self.dir, name)

    def openssl(self, *words):
        subprocess.run(['openssl', *words], check=True, capture_output=True, timeout=60)

    def certificates(self):
        names = ','.join('DNS:' + name for name in HOSTS)
        self.openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
                     '-subj', '/CN=an own CA', '-addext', 'subjectAltName=' + names, '-keyout', self.path('key.pem'),
                     '-out', self.path('cert.pem'))

    def answer(self, host, path, headers, body):
        """(status, content type, body)"""
        if host == 'mlflow.' + DOMAIN and path.endswith('/infinstor/get_version'):
            return (200, 'application/json', self.version) if self.version else (500, 'text/plain', 'oops')
        if host == COGNITO:
            time.sleep(self.slow)
            if not self.renewal:
                return 400, 'application/json', {'__type': 'NotAuthorizedException', 'message': 'Refresh Token has expired'}
            return 200, 'application/json', {'AuthenticationResult': {'AccessToken': 'access', 'IdToken': 'fresh',
                                                                      'TokenType': 'Bearer', 'ExpiresIn': 3600}}
        if host == 'api.' + DOMAIN and path == '/customerinfo':
            if headers.get('Authorization') in self.good:
                return 200, 'application/json', self.table
            return 200, 'text/html', LOGIN_PAGE.decode()
        if host == 'api.' + DOMAIN and path == '/add-mod-del-bucket':
            if headers.get('Authorization') not in self.writes:
                return 200, 'text/html', LOGIN_PAGE.decode()
            self.table = dict(TABLE, InfinSnapBuckets=[])
            return 200, 'application/json', {}
        return 404, 'text/plain', 'nothing here'

    def __enter__(self):
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get('Content-Length') or 0))
                host = self.headers.get('Host')
                service.seen.append((host, self.path, dict(self.headers), body))
                status, kind, answer = service.answer(host, self.path, self.headers, body)
                data = (json.dumps(answer) if isinstance(answer, dict) else answer).encode()
                self.send_response(status)
                self.send_header('Content-Type', kind)
                self.send_header('Content-Length', str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST

            def log_message(self, *_):
                pass

        self.certificates()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path('cert.pem'), self.path('key.pem'))
        self.server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        shutil.rmtree(self.dir, ignore_errors=True)

    def write_token(self, age, service=DOMAIN, token='old'):
        write_private(self.token, 'Token=access-old\r\nRefreshToken=refresh-1\r\nClientId=cliclient1\r\n'
                      'TokenTimeEpochSeconds=%d\r\nidtoken=%s\r\nService=%s\r\nOther=kept\r\n'
                      % (time.time() - age, token, service))

    def config(self, more=''):
        hosts = ' '.join('%s:443:127.0.0.1:%d' % (host, self.server.server_port)
                         for host in HOSTS)
        return write_private(self.path('pail.conf'), 'profiles = { jump = { service = "%s"; cacert = "%s"; '
                             'connect_to = "%s"; token_dir = "%s"; %s }; };\n'
                             % (DOMAIN, self.path('cert.pem'), hosts, self.dir, more))

    def run(self, *words, more='', env=None, input=''):
        return subprocess.run([PAIL, '--config', self.config(more), *words], input=input, capture_output=True,
                              text=True, timeout=60, env=dict({'PATH': '/usr/bin', 'HOME': self.dir, 'LC_ALL': 'C.UTF-8',
                                                               'ASAN_OPTIONS': os.environ.get('ASAN_OPTIONS', '')}, **(env or {})))

    def tui(self, *words, env=None):
        return Tui([PAIL, '--config', self.config(), *words], env=dict({'HOME': self.dir}, **(env or {})))

    def calls(self, host):
        return [seen for seen in self.seen if seen[0] == host]
