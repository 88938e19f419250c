#!/usr/bin/python3
"""bucketd with many connections at once: changes that are committed together, and who has to go when it is full."""
import json, os, random, resource, signal, socket, sqlite3, struct, sys, threading, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tap
from service import FORM, LIST_BODY, Bucketd


class Kept:
    """A connection that stays open over many requests."""

    def __init__(self, service):
        self.service = service
        self.socket = socket.create_connection(('127.0.0.1', service.port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.data = b''

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, body, path='/add-mod-del-bucket', **headers):
        lines = ['POST %s HTTP/1.1' % path, 'Host: x', 'Authorization: ' + self.service.admin, 'Content-Type: ' + FORM,
                 'Content-Length: %d' % len(body)] + ['%s: %s' % (n.replace('_', '-'), v) for n, v in headers.items()]
        self.socket.sendall(('\r\n'.join(lines) + '\r\n\r\n' + body).encode())

    def until(self, mark):
        while mark not in self.data:
            piece = self.socket.recv(65536)
            if not piece:
                raise ConnectionError('closed')
            self.data += piece
        part, self.data = self.data.split(mark, 1)
        return part

    def receive(self):
        """(status, body) of an answer."""
        head = self.until(b'\r\n\r\n').decode().split('\r\n')
        names = dict(line.lower().split(': ', 1) for line in head[1:])
        body = b''
        if 'content-length' in names:
            while len(self.data) < int(names['content-length']):
                self.data += self.socket.recv(65536)
            body, self.data = self.data[:int(names['content-length'])], self.data[int(names['content-length']):]
        else:
            while True:
                size = int(self.until(b'\r\n'), 16)
                while len(self.data) < size + 2:
                    self.data += self.socket.recv(65536)
                body, self.data = body + self.data[:size], self.data[size + 2:]
                if size == 0:
                    break
        return int(head[0].split()[1]), body.decode()

    def ask(self, body, **headers):
        self.send(body, **headers)
        return self.receive()


class All:
    """So many kept connections."""

    def __init__(self, service, count):
        self.each = [Kept(service) for _ in range(count)]

    def __enter__(self):
        for kept in self.each:      # now it is accepted, not only in the queue
            assert kept.ask('op=none')[0] == 400
        return self.each

    def __exit__(self, *_):
        for kept in self.each:
            kept.socket.close()


def at_once(service, sends):
    """Each (kept connection, body, headers) is there before bucketd looks again; returns the answers."""
    service.process.send_signal(signal.SIGSTOP)
    try:
        for kept, body, headers in sends:
            kept.send(body, **headers)
        time.sleep(0.05)
    finally:
        service.process.send_signal(signal.SIGCONT)
    return [kept.receive() for kept, _, _ in sends]


def commits(service):
    """How many transactions the write-ahead log has (SQLite, "WAL File Format")."""
    with open(service.db + '-wal', 'rb') as file:
        log = file.read()
    page, salt, count = struct.unpack('>I', log[8:12])[0], log[16:24], 0
    for at in range(32, len(log), 24 + page):
        if log[at + 8:at + 16] == salt and log[at + 4:at + 8] != b'\0\0\0\0':
            count += 1
    return count


def counter(service):
    """How many adds and modifies there have been."""
    connection = sqlite3.connect('file:%s?mode=ro' % service.db, uri=True)
    try:
        return connection.execute('SELECT last FROM versions').fetchone()[0]
    finally:
        connection.close()


def names(service):
    return {entry['bucketname'] for entry in service.listing()}


# Together

def test_changes_that_are_there_at_once_share_a_commit(build):
    with Bucketd(build) as service, All(service, 16) as kept:
        before = commits(service)
        answers = at_once(service, [(k, 'op=add&bucketname=b%d' % n, {}) for n, k in enumerate(kept)])
        assert answers == [(200, '{}')] * 16
        assert commits(service) == before + 1, commits(service) - before
        assert len(names(service)) == counter(service) == 16


def test_a_refused_one_leaves_the_others_alone(build):
    with Bucketd(build, seed=[dict(bucketname='old'), dict(bucketname='gone')]) as service, All(service, 8) as kept:
        before = commits(service)
        answers = at_once(service, list(zip(kept, [
            'op=add&bucketname=a', 'op=modify&bucketname=no&endpoint=x', 'op=add&bucketname=c', 'op=add&bucketname=d&cloud=x',
            'op=delete&bucketname=gone', 'op=modify&bucketname=old&endpoint=x', 'op=delete&bucketname=old',
            'op=add&bucketname=e'], [{}] * 5 + [dict(If_Match='"0"')] * 2 + [dict(If_Match='*')])))
        assert [status for status, _ in answers] == [200, 400, 200, 400, 200, 412, 412, 412], answers
        assert commits(service) == before + 1
        assert names(service) == {'a', 'c', 'old'} and service.entry('old')['endpoint'] == ''


def test_of_many_that_demand_one_version_one_wins(build):
    with Bucketd(build, seed=[dict(bucketname='b')]) as service, All(service, 12) as kept:
        for turn in range(5):
            demand = dict(If_Match='"%s"' % service.entry('b')['etag'])
            answers = at_once(service, [(k, 'op=modify&bucketname=b&endpoint=e%d' % n, demand)
                                        for n, k in enumerate(kept)])
            winner = [n for n, answer in enumerate(answers) if answer[0] == 200]
            assert len(winner) == 1 and [a[0] for a in answers].count(412) == 11, answers
            assert service.entry('b')['endpoint'] == 'e%d' % winner[0]


def test_a_listing_has_all_of_a_commit_or_nothing(build):
    with Bucketd(build) as service, All(service, 9) as kept:
        for turn in range(12):
            sends = [(k, 'op=add&bucketname=b%d-%d' % (turn, n), {}) for n, k in enumerate(kept[:8])]
            sends.insert(turn % 9, (kept[8], LIST_BODY, dict(path='/customerinfo')))
            answers = at_once(service, sends)
            entries = json.loads(answers[turn % 9][1])['InfinSnapBuckets']
            assert len(entries) in (8 * turn, 8 * turn + 8), len(entries)
        assert len(names(service)) == 96


def test_where_the_database_fails_all_are_told(build):
    with Bucketd(build, seed=[dict(bucketname='b')]) as service, All(service, 6) as kept:
        lock = sqlite3.connect(service.db, isolation_level=None)
        lock.execute('BEGIN IMMEDIATE')
        sends = [(k, 'op=add&bucketname=b%d' % n, {}) for n, k in enumerate(kept)]
        for status, text in at_once(service, sends):
            assert status == 500 and 'locked' in text, text
        assert names(service) == {'b'}
        lock.execute('ROLLBACK')
        lock.close()
        assert at_once(service, sends) == [(200, '{}')] * 6 and len(names(service)) == 7


class Unsignalled(Bucketd):
    """A file that has grown to its limit gives it an error instead of the signal."""

    def command(self):
        return ['/usr/bin/env', '--ignore-signal=XFSZ'] + super().command()


def test_where_the_disk_is_full_all_are_told(build):
    with Unsignalled(build, seed=[dict(bucketname='b')]) as service, All(service, 6) as kept:
        before = counter(service)
        limit = os.path.getsize(service.db + '-wal')
        resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        sends = [(k, 'op=add&bucketname=b%d' % n, {}) for n, k in enumerate(kept)]
        sends[2] = (kept[2], 'op=modify&bucketname=b%d' % 0, {})        # refused or not, as the order is
        for status, text in at_once(service, sends):
            assert status == 500 and 'database' in text, text
        assert names(service) == {'b'} and counter(service) == before
        resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        del sends[2]
        assert at_once(service, sends) == [(200, '{}')] * 5 and len(names(service)) == 6
        service.kill()
        service.start()
        assert len(names(service)) == 6


def test_requests_that_are_sent_ahead_are_answered_in_turn(build):
    with Bucketd(build) as service, Kept(service) as kept:
        for number in range(20):
            kept.send('op=add&bucketname=b%d' % number)
            kept.send('op=add&bucketname=')
            kept.send(LIST_BODY, path='/customerinfo')
        for number in range(20):
            assert kept.receive() == (200, '{}') and kept.receive()[0] == 400
            assert len(json.loads(kept.receive()[1])['InfinSnapBuckets']) == number + 1


# All at the same time

def test_every_change_is_made_once(build):
    """Sixteen clients mix what is done with what is refused; the counter tells how often an entry was written."""
    clients, rounds = 16, 40
    with Bucketd(build, seed=[dict(bucketname='all')]) as service:
        start, failures, written = counter(service), [], []

        def work(number):
            rng, mine, puts = random.Random(number), set(), 0
            try:
                with Kept(service) as kept:
                    for turn in range(rounds):
                        name = 'c%d-%d' % (number, rng.randrange(12))
                        op = rng.choice(['add', 'modify', 'delete', 'bad'])
                        answer = kept.ask('op=%s&bucketname=%s&endpoint=%d' % (op, name, turn))
                        done = op == 'add' or (op in ('modify', 'delete') and name in mine)
                        assert answer[0] == (200 if done else 400), (op, name, answer)
                        puts += done and op != 'delete'
                        mine = mine | {name} if done and op != 'delete' else mine - {name} if done else mine
                        if turn % 8 == 0:
                            assert kept.ask('op=modify&bucketname=all&endpoint=%d' % number)[0] == 200
                            assert kept.ask('op=delete&bucketname=all', If_Match='"0"')[0] == 412
                            puts += 1
                written.append((puts, mine))
            except Exception as why:
                failures.append(repr(why))
        threads = [threading.Thread(target=work, args=(number,)) for number in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failures, failures
        assert counter(service) - start == sum(puts for puts, _ in written)
        assert names(service) == {'all'}.union(*(mine for _, mine in written))


def test_kill_9_loses_nothing_that_was_answered(build):
    """Twelve clients, killed in the midst, six times: what was answered is there, what was refused isn't."""
    rng = random.Random(3)
    with Bucketd(build) as service:
        there, gone, unknown, failures, lock = set(), set(), set(), [], threading.Lock()

        def work(number, generation):
            mine, turn = [], 0
            try:
                with Kept(service) as kept:
                    while True:
                        turn += 1
                        name = 'g%d-%d-%d' % (generation, number, turn)
                        op = ('add', 'modify', 'add', 'delete')[turn % 4]
                        target = mine[-1] if op == 'delete' else name
                        with lock:
                            unknown.add(target)
                        status = kept.ask('op=%s&bucketname=%s' % (op, target))[0]
                        with lock:
                            unknown.discard(target)
                            if status != (400 if op == 'modify' else 200):
                                failures.append((op, target, status))
                            if op == 'add':
                                mine.append(name)
                                there.add(name)
                            else:
                                there.discard(target)
                                gone.add(target)
            except OSError:
                pass
        for generation in range(6):
            threads = [threading.Thread(target=work, args=(number, generation)) for number in range(12)]
            for thread in threads:
                thread.start()
            time.sleep(rng.uniform(0.1, 0.4))
            service.kill()
            for thread in threads:
                thread.join()
            assert not failures, failures
            service.start()
            now = names(service)
            assert there - unknown <= now, sorted(there - unknown - now)
            assert not (gone - unknown) & now, sorted((gone - unknown) & now)
            assert now <= there | unknown
        assert len(there) > 50, len(there)


# Full

def test_idle_connections_make_room(build):
    with Bucketd(build) as service:
        idle = [socket.create_connection(('127.0.0.1', service.port), timeout=20) for _ in range(200)]
        start = time.monotonic()
        assert service.change('op=add&bucketname=b').status == 200
        assert time.monotonic() - start < 10, 'well before their deadline of 30 s'
        for connection in idle:
            connection.close()


def test_a_client_that_is_at_work_stays(build):
    """Kept connections with a request now and then, and a body that is on its way, outlast a crowd of idle ones."""
    with Bucketd(build) as service, All(service, 16) as kept, Kept(service) as slow:
        slow.socket.sendall(b'POST /add-mod-del-bucket HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\nContent-Type: %s\r\n'
                            b'Content-Length: 21\r\n\r\nop=add&' % (service.admin.encode(), FORM.encode()))
        time.sleep(0.6)
        idle = [socket.create_connection(('127.0.0.1', service.port), timeout=20) for _ in range(180)]
        end, count = time.monotonic() + 2.5, 0
        while time.monotonic() < end:
            for number, one in enumerate(kept):
                assert one.ask('op=add&bucketname=k%d' % number)[0] == 200
            count += 1
            time.sleep(0.05)
        slow.socket.sendall(b'bucketname=sl')
        slow.socket.sendall(b'ow')
        assert slow.receive() == (200, '{}') and count > 3
        assert len(names(service)) == 17
        ended = 0
        for connection in idle:
            connection.settimeout(0.001)
            try:
                ended += connection.recv(1) == b''
            except socket.timeout:
                pass
            connection.close()
        assert 0 < ended < 180, 'some had to go, and no more than needed: %d' % ended


def test_idle_connections_do_not_hold_up_a_stop(build):
    with Bucketd(build) as service, All(service, 40):
        idle = [socket.create_connection(('127.0.0.1', service.port), timeout=20) for _ in range(160)]
        start = time.monotonic()
        assert service.stop(10) == 0
        assert time.monotonic() - start < 1.5
        for connection in idle:
            connection.close()


def test_what_was_sent_before_a_stop_is_answered(build):
    with Bucketd(build) as service, All(service, 16) as kept:
        service.process.send_signal(signal.SIGSTOP)
        for number, one in enumerate(kept):
            one.send('op=add&bucketname=b%d' % number)
        time.sleep(0.05)
        service.process.terminate()
        service.process.send_signal(signal.SIGCONT)
        answers = []
        for one in kept:
            try:
                answers.append(one.receive()[0])
            except OSError:
                answers.append(None)
        assert service.process.wait(10) == 0
        done = {'b%d' % n for n, status in enumerate(answers) if status == 200}
        service.start()
        assert names(service) == done, 'answered or not made: %r' % answers


if __name__ == '__main__':
    tap.main(globals(), os.path.abspath(sys.argv[1]))
