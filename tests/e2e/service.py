"""What the end-to-end tests talk to: bucketd itself, or a server that behaves badly on purpose.

    with Bucketd(build) as service:                     # a scratch folder, port 0
        service.url, service.token_dir, service.reader_token_dir
        service.request('POST', '/customerinfo')        # -> Answer(status, headers, body)
        service.change('op=delete&bucketname=b')
        service.listing()                               # the InfinSnapBuckets

    with Fake({'/customerinfo': json_answer({...}), '/add-mod-del-bucket': hang()}) as fake:
        fake.url, fake.requests                         # Request(method, path, headers, body bytes)
        fake.answer['/customerinfo'] = login_page()     # may be changed at any time

Everything listens on loopback, on a port of its own, and ends with its `with` block.
"""
import collections, http.client, json, os, re, select, shutil, socket, subprocess, tempfile, threading, time

Answer = collections.namedtuple('Answer', 'status headers body')
Request = collections.namedtuple('Request', 'method path headers body')
FORM = 'application/x-www-form-urlencoded'
LIST_BODY = 'ProductCode=9fcazc4rbiwp6ewg4xlt5c8fu&clientType=browser'
LOGIN_PAGE = (b'<!DOCTYPE html>\n<html><head><meta http-equiv="refresh" content="3;url=login.html"></head>'
              b'<body>Login expired. Please login again</body></html>\n')


def write_private(path, text):
    """A file of mode 0600, as token files must be."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 'w') as file:
        file.write(text)
    os.chmod(path, 0o600)
    return path


def token_file(token):
    """A token file's text as InfinStor's clients write it."""
    return ('Token=access-%s\nRefreshToken=refresh\nClientId=client\nTokenTimeEpochSeconds=%d\nIdToken=%s\n'
            % (token, time.time(), token))


def read_line(stream, seconds):
    """The first line that a child prints on a pipe, or what came of it in time."""
    line, end = b'', time.monotonic() + seconds
    while not line.endswith(b'\n') and time.monotonic() < end:
        if select.select([stream], [], [], max(0, end - time.monotonic()))[0]:
            piece = os.read(stream.fileno(), 1)
            if not piece:
                break
            line += piece
    return line.decode()


class Bucketd:
    """bucketd on a scratch folder; kill(), stop() and start() to see what survives."""

    def __init__(self, build, seed=None, options=(), admin='admin-token', reader='reader-token', env=None,
                 patience=20):
        self.program = os.path.join(build, 'bucketd')
        self.dir = tempfile.mkdtemp(prefix='bucketd-')
        self.admin, self.reader, self.options = admin, reader, list(options)
        self.db = os.path.join(self.dir, 'buckets.db')
        self.token_dir = os.path.join(self.dir, 'admin')
        self.reader_token_dir = os.path.join(self.dir, 'reader')
        self.admin_file = write_private(os.path.join(self.token_dir, 'token'), token_file(admin))
        self.reader_file = write_private(os.path.join(self.reader_token_dir, 'token'), token_file(reader))
        if seed is not None:
            path = write_private(os.path.join(self.dir, 'seed.json'), json.dumps({'InfinSnapBuckets': seed}))
            self.options += ['--seed', path]
        self.env = dict(os.environ, **(env or {}))
        self.process, self.patience = None, patience  # seconds; a large seed takes long

    def command(self):
        return [self.program, '--db', self.db, '--listen', '127.0.0.1:0', '--admin-token-file', self.admin_file,
                '--reader-token-file', self.reader_file] + self.options

    def start(self):
        self.process = subprocess.Popen(self.command(), env=self.env, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE)
        self.first_line = read_line(self.process.stdout, self.patience)
        found = re.fullmatch(r'bucketd listening on (http://127\.0\.0\.1:(\d+))\n', self.first_line)
        if not found:
            self.kill()
            raise RuntimeError('bucketd did not start: %r' % self.first_line)
        self.url, self.port = found.group(1), int(found.group(2))
        return self

    def stop(self, seconds=20):
        """SIGTERM; the exit status."""
        self.process.terminate()
        return self._ended(seconds)

    def kill(self):
        self.process.kill()
        return self._ended(20)

    def _ended(self, seconds):
        status = self.process.wait(seconds)
        self.process.stdout.close()
        return status

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            shutil.rmtree(self.dir, ignore_errors=True)
            raise

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.dir, ignore_errors=True)

    def request(self, method, path, body=None, token=None, headers=()):
        """token: None is the administrator's, '' sends none."""
        sent = dict(headers)
        token = self.admin if token is None else token
        if token:
            sent['Authorization'] = token
        if body is not None and 'Content-Type' not in sent:
            sent['Content-Type'] = FORM
        connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=30)
        try:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            connection.close()

    def change(self, body, token=None):
        return self.request('POST', '/add-mod-del-bucket', body, token)

    def customerinfo(self, token=None):
        answer = self.request('POST', '/customerinfo', LIST_BODY, token)
        return json.loads(answer.body)

    def listing(self, token=None):
        return self.customerinfo(token)['InfinSnapBuckets']

    def entry(self, name):
        """The entry with that name, or None."""
        return next((e for e in self.listing() if e['bucketname'] == name), None)


# What a Fake does with a request: a function (connection, request) that may write to the socket. When it returns, the
# connection is closed.

def raw_answer(data):
    """These bytes, and nothing else."""
    return lambda connection, request: connection.sendall(data)


def answer(status, body=b'', content_type='application/json'):
    body = body.encode() if isinstance(body, str) else body
    return raw_answer(b'HTTP/1.1 %d X\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n'
                      % (status, content_type.encode(), len(body)) + body)


def busy(status, seconds, body=b'slow down'):
    """An answer that asks to wait."""
    return raw_answer(b'HTTP/1.1 %d X\r\nRetry-After: %d\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n'
                      b'Connection: close\r\n\r\n' % (status, seconds, len(body)) + body)


def json_answer(value, status=200):
    return answer(status, json.dumps(value))


def table_answer(entries, **account):
    return json_answer(dict({'userName': 'admin@example.com'}, InfinSnapBuckets=entries, **account))


def login_page():
    """What InfinStor answers when the login has expired: status 200 and HTML."""
    return answer(200, LOGIN_PAGE, 'text/html')


def cut(body, keep, content_type='application/json'):
    """Announces the whole body, sends its first `keep` bytes and closes."""
    return raw_answer(b'HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n'
                      % (content_type.encode(), len(body)) + body[:keep])


def hang_up():
    """Closes without an answer."""
    return lambda connection, request: None


def hang():
    """Never answers; ends when the other side closes, or with the Fake."""
    def wait(connection, request):
        connection.settimeout(120)
        try:
            while connection.recv(4096):
                pass
        except OSError:
            pass
    return wait


def in_pieces(pieces, seconds, head=b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n'):
    """A body that trickles in, without a Content-Length."""
    def send(connection, request):
        connection.sendall(head)
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(seconds)
    return send


def one_after_the_other(*behaviours):
    """The first request gets the first behaviour, and so on; the last one stays."""
    left = list(behaviours)

    def send(connection, request):
        (left.pop(0) if len(left) > 1 else left[0])(connection, request)
    return send


class Fake:
    """An HTTP server whose answers are given path by path; requests are kept byte for byte."""

    def __init__(self, answers=None):
        self.answer = dict(answers or {})
        self.requests = []      # complete ones, in the order of their last byte
        self.connections = 0
        self.lock = threading.Lock()
        self.open = set()

    def __enter__(self):
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.port = self.listener.getsockname()[1]
        self.url = 'http://127.0.0.1:%d' % self.port
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        with self.lock:
            self.listener.close()
            for connection in self.open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def bodies(self, path='/add-mod-del-bucket'):
        with self.lock:
            return [request.body for request in self.requests if request.path == path]

    def wait_for(self, count, path='/add-mod-del-bucket', seconds=10):
        """Waits until so many requests have come to the path; returns their bodies."""
        end = time.monotonic() + seconds
        while len(self.bodies(path)) < count and time.monotonic() < end:
            time.sleep(0.01)
        return self.bodies(path)

    def _accept(self):
        while True:
            try:
                connection = self.listener.accept()[0]
            except OSError:
                return
            with self.lock:
                self.connections += 1
                self.open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            connection.settimeout(60)
            request = self._read(connection)
            if request:
                with self.lock:
                    self.requests.append(request)
                path = request.path.split('?')[0]
                self.answer.get(path, answer(404, 'there is nothing here', 'text/plain'))(connection, request)
        except OSError:
            pass
        finally:
            with self.lock:
                self.open.discard(connection)
            connection.close()

    @staticmethod
    def _read(connection):
        """One request with its whole body; None if it never became whole."""
        data = b''
        while b'\r\n\r\n' not in data:
            piece = connection.recv(65536)
            if not piece:
                return None
            data += piece
        head, body = data.split(b'\r\n\r\n', 1)
        lines = head.decode('latin-1').split('\r\n')
        method, path = lines[0].split(' ')[:2]
        headers = {name.strip().lower(): value.strip() for name, value in (line.split(':', 1) for line in lines[1:])}
        if headers.get('expect', '').lower() == '100-continue':
            connection.sendall(b'HTTP/1.1 100 Continue\r\n\r\n')
        length = int(headers.get('content-length', '0'))
        while len(body) < length:
            piece = connection.recv(65536)
            if not piece:
                return None
            body += piece
        return Request(method, path, headers, body)
