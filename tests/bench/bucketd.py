#!/usr/bin/python3
"""How fast bucketd is, beside what the machine can do.   usage: tests/bench/bucketd.py BUILD [changes] [listing] [FILE.json]

changes   changes a second over 1, 8 and 16 kept connections, each answered before the next is sent, beside the commits
          a second that the disk allows: 4 KiB written and synced (fdatasync), in the folder of the database
listing   the time in which curl takes a listing of 100,000 entries, or of those in FILE.json, beside nginx sending the
          same bytes from a file

Everything that is compared takes turns, nine rounds; median and (lowest-highest) are printed. A disk's figures change
from second to second: look at the spread. Without nginx its column is left out. Nothing here fails a test.
"""
import json, os, select, shutil, signal, socket, statistics, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), 'e2e'))
from service import FORM, LIST_BODY, Bucketd

ROUNDS, SECONDS, ENTRIES = 9, 0.7, 100000
COUNTS = (1, 8, 16)
NGINX = shutil.which('nginx', path=os.environ.get('PATH', '') + ':/usr/sbin')


def line(name, values, unit):
    print('%-44s %10.0f %s  (%.0f-%.0f)' % (name, statistics.median(values), unit, min(values), max(values)))


# Changes

def syncs_a_second(folder):
    """One thread that writes a page behind the last and waits for the disk, as a commit to a log does."""
    with tempfile.TemporaryFile(dir=folder) as file:
        page, count, start = b'x' * 4096, 0, time.monotonic()
        while time.monotonic() - start < SECONDS:
            os.pwrite(file.fileno(), page, count % 1000 * 4096)
            os.fdatasync(file.fileno())
            count += 1
        return count / (time.monotonic() - start)


def request(service, body):
    return ('POST /add-mod-del-bucket HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n'
            '\r\n%s' % (service.admin, FORM, len(body), body)).encode()


def changes_a_second(service, connections):
    """Each connection adds and modifies entries of its own."""
    sockets = [socket.create_connection(('127.0.0.1', service.port)) for _ in range(connections)]
    poll, place = select.epoll(), {}
    sent = answered = 0

    def send(sock):
        nonlocal sent
        sock.sendall(request(service, 'op=add&bucketname=bench-%05d&accessKeyId=AKIA&secretAccessKey=%d'
                             % (sent % 5000, sent)))
        sent += 1
    try:
        for sock in sockets:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            place[sock.fileno()] = sock
            poll.register(sock.fileno(), select.EPOLLIN)
        start = time.monotonic()
        for sock in sockets:
            send(sock)
        while answered < sent:
            late = time.monotonic() - start > SECONDS
            for fd, _ in poll.poll(30):
                answer = place[fd].recv(4096)       # an answer is small: it comes as a whole
                if not answer.startswith(b'HTTP/1.1 200') or not answer.endswith(b'{}'):
                    raise RuntimeError('bucketd answered %r' % answer)
                answered += 1
                if not late:
                    send(place[fd])
        return answered / (time.monotonic() - start)
    finally:
        poll.close()
        for sock in sockets:
            sock.close()


def changes(build):
    figures = {name: [] for name in ('disk',) + COUNTS}
    with Bucketd(build) as service:
        for _ in range(ROUNDS):
            figures['disk'].append(syncs_a_second(service.dir))
            for count in COUNTS:
                figures[count].append(changes_a_second(service, count))
    line('the disk: page written and synced', figures['disk'], '/s')
    for count in COUNTS:
        line('changes, %d connection%s' % (count, 's' if count > 1 else ''), figures[count], '/s')


# The listing

def entries():
    """As a company's table may look: 100,000 entries, about 20 MB of JSON."""
    for n in range(ENTRIES):
        name = 'team-%02d-%s-%06d' % (n % 37, ('datasets', 'bucket', 'artifacts', 'backups')[n % 4], n)
        cloud = ('aws', 'aws', 'aws', 'minio', 'azure', 'other')[n % 6]
        entry = dict(bucketname=name, cloud=cloud)
        if cloud == 'aws' and n % 5:
            entry.update(accessRole='arn:aws:iam::%012d:role/infinstor-%s' % (n % 89, name), accessRoleExt='ext-%d' % n)
        else:
            entry.update(endpoint='https://store-%d.example.com:9000/' % (n % 211), accessKeyId='AKIA%016d' % n)
        if n % 3 == 0:
            entry.update(ddbTable='infinsnap-' + name)
        yield entry


class Nginx:
    """nginx on loopback with a folder of its own, sending the files in it."""

    def __init__(self, folder):
        self.folder = folder
        with socket.create_server(('127.0.0.1', 0)) as free:
            self.port = free.getsockname()[1]
        config = os.path.join(folder, 'nginx.conf')
        with open(config, 'w') as file:
            file.write('daemon off; master_process off; pid %(f)s/pid; error_log %(f)s/log;\n'
                       'events { worker_connections 64; }\n'
                       'http { access_log off; sendfile on; tcp_nopush on; client_body_temp_path %(f)s/t1;\n'
                       'proxy_temp_path %(f)s/t2; fastcgi_temp_path %(f)s/t3; uwsgi_temp_path %(f)s/t4;\n'
                       'scgi_temp_path %(f)s/t5; server { listen 127.0.0.1:%(p)d; root %(f)s; } }\n'
                       % dict(f=folder, p=self.port))
        self.process = subprocess.Popen([NGINX, '-p', folder, '-c', config], stdin=subprocess.DEVNULL)
        end = time.monotonic() + 10
        while time.monotonic() < end:
            try:
                socket.create_connection(('127.0.0.1', self.port)).close()
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError('nginx did not start')

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)


def curl(*words):
    done = subprocess.run(['curl', '-q', '-s', '--noproxy', '*', '-o', '/dev/null', '-w', '%{time_total} %{size_download}',
                           *words],
                          capture_output=True, text=True, timeout=60, check=True)
    seconds, size = done.stdout.split()
    return float(seconds) * 1000, int(size)


def listing(build, seed):
    with Bucketd(build, seed=seed or list(entries())) as service:
        ask = ['-H', 'Authorization: ' + service.admin, '-d', LIST_BODY, service.url + '/customerinfo']
        body = service.request('POST', '/customerinfo', LIST_BODY).body
        count = len(json.loads(body)['InfinSnapBuckets'])
        with open(os.path.join(service.dir, 'listing.json'), 'wb') as file:
            file.write(body)
        nginx = Nginx(service.dir) if NGINX else None
        ours, theirs = [], []
        try:
            for _ in range(ROUNDS):
                took, size = curl(*ask)
                assert size == len(body), size
                ours.append(took)
                if nginx:
                    took, size = curl('http://127.0.0.1:%d/listing.json' % nginx.port)
                    assert size == len(body), size
                    theirs.append(took)
        finally:
            if nginx:
                nginx.stop()
        line('listing of %d entries, %.1f MB' % (count, len(body) / 1e6), ours, 'ms')
        if theirs:
            line('nginx, the same bytes from a file', theirs, 'ms')
            print('%-44s %10.1f  (the goal is 4)' % ('ratio of the medians',
                                                     statistics.median(ours) / statistics.median(theirs)))
        else:
            print('there is no nginx on this machine to compare it with')


def main():
    build, wanted, seed = os.path.abspath(sys.argv[1]), sys.argv[2:], None
    if wanted and wanted[-1].endswith('.json'):
        with open(wanted.pop()) as file:
            seed = json.load(file)['InfinSnapBuckets']
    if not wanted or 'changes' in wanted:
        changes(build)
    if not wanted or 'listing' in wanted:
        listing(build, seed)


if __name__ == '__main__':
    main()
