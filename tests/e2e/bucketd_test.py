#!/usr/bin/python3
"""bucketd over real HTTP: InfinStor's page as the specification, then all that a hostile or unlucky world does."""
import http.client, json, os, random, socket, sqlite3, stat, subprocess, sys, threading, time, urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tap
from service import FORM, LIST_BODY, Bucketd, write_private

# The page's four examples, byte for byte.
EXAMPLE_1 = 'op=add&bucketname=testb3&endpoint=&accessKeyId=&secretAccessKey=&accessRole=aaaa&accessRoleExt=bbbb'
EXAMPLE_2 = 'op=modify&bucketname=testb3&endpoint=https%3A%2F%2Fminio.isstage1.bb.com%2F'
EXAMPLE_3 = 'op=delete&bucketname=testb3'
EXAMPLE_4 = 'op=add&bucketname=testb3&endpoint=&accessKeyId=iiii&secretAccessKey=ssss&accessRole=&accessRoleExt='

FULL = dict(bucketname='full', cloud='minio', endpoint='https://minio.example.com:9000', sharedSecret='shared/+=&%',
            accessKeyId='AKIA 1', secretAccessKey='wJalr+/=&%XUtn', accessRole='arn:aws:iam::111122223333:role/r',
            accessRoleExt='é 𝄞 ext')
ENTRY = [dict(bucketname='b', cloud='minio', endpoint='http://one', accessKeyId='k', secretAccessKey='s',
              sharedSecret='h', ddbTable='table-b')]


def form(**fields):
    return urllib.parse.urlencode(fields)


def plain(entry):
    """Without its version, which bucketd_version_test.py looks at."""
    return entry and {name: value for name, value in entry.items() if name != 'etag'}


def stored(service, name):
    """What is in the file, secrets and all, without its version."""
    connection = sqlite3.connect('file:%s?mode=ro' % service.db, uri=True)
    connection.row_factory = sqlite3.Row
    try:
        row = connection.execute('SELECT * FROM buckets WHERE bucketname = ?', [name]).fetchone()
        if row is None:
            return None
        fields = {name: row[name] or '' for name in row.keys() if name != 'entry'}
        listed = {name: value for name, value in fields.items() if name not in ('secretAccessKey', 'sharedSecret')}
        assert json.loads(row['entry']) == {name: value for name, value in listed.items() if value or name != 'ddbTable'}
        return plain(fields)
    finally:
        connection.close()


def refused(answer, word, status=400):
    assert answer.status == status and word in answer.body.decode(), answer
    assert answer.headers['Content-Type'].startswith('text/plain'), answer


def connect(service):
    return socket.create_connection(('127.0.0.1', service.port), timeout=20)


def head(service, length, path='/add-mod-del-bucket'):
    return ('POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n'
            % (path, service.admin, FORM, length)).encode()


def high_water(service):
    """VmHWM in kB."""
    with open('/proc/%d/status' % service.process.pid) as file:
        return next(int(line.split()[1]) for line in file if line.startswith('VmHWM'))


# The page

def test_the_four_examples(build):
    with Bucketd(build) as service:
        expected = dict(bucketname='testb3', cloud='aws', endpoint='', accessKeyId='', accessRole='aaaa',
                        accessRoleExt='bbbb')
        answer = service.change(EXAMPLE_1)
        assert (answer.status, answer.body, answer.headers['Content-Type']) == (200, b'{}', 'application/json'), answer
        assert plain(service.entry('testb3')) == expected
        assert service.change(EXAMPLE_2).status == 200
        assert plain(service.entry('testb3')) == dict(expected, endpoint='https://minio.isstage1.bb.com/')
        assert service.change(EXAMPLE_3).status == 200
        assert service.listing() == []
        assert service.change(EXAMPLE_1).status == 200 and service.change(EXAMPLE_4).status == 200
        assert plain(service.entry('testb3')) == dict(expected, accessRole='', accessRoleExt='', accessKeyId='iiii')
        assert stored(service, 'testb3')['secretAccessKey'] == 'ssss'


def test_every_field_is_stored(build):
    with Bucketd(build) as service:
        assert service.change(form(op='add', **FULL)).status == 200
        assert stored(service, 'full') == dict(FULL, ddbTable='')


def test_all_four_clouds_and_no_other(build):
    with Bucketd(build) as service:
        for cloud in ('aws', 'azure', 'minio', 'other'):
            assert service.change(form(op='add', bucketname=cloud, cloud=cloud)).status == 200
            assert service.entry(cloud)['cloud'] == cloud
        for cloud in ('', 'AWS', 'gcp', 'aws '):
            refused(service.change(form(op='add', bucketname='b', cloud=cloud)), 'cloud must be')
            refused(service.change(form(op='modify', bucketname='aws', cloud=cloud)), 'cloud must be')
        assert len(service.listing()) == 4 and service.entry('aws')['cloud'] == 'aws'


def test_add_replaces_but_keeps_ddb_table(build):
    with Bucketd(build, seed=ENTRY) as service:
        assert service.change(form(op='add', bucketname='b', accessRole='r')).status == 200
        row = stored(service, 'b')
        assert row == dict(bucketname='b', cloud='aws', endpoint='', accessKeyId='', secretAccessKey='', sharedSecret='',
                           accessRole='r', accessRoleExt='', ddbTable='table-b'), row


def test_modify_changes_what_is_sent_alone(build):
    with Bucketd(build, seed=ENTRY) as service:
        before = stored(service, 'b')
        assert service.change(form(op='modify', bucketname='b', endpoint='http://two')).status == 200
        assert stored(service, 'b') == dict(before, endpoint='http://two')
        assert service.change(form(op='modify', bucketname='b')).status == 200
        assert stored(service, 'b') == dict(before, endpoint='http://two')


def test_an_empty_value_clears(build):
    with Bucketd(build, seed=ENTRY) as service:
        before = stored(service, 'b')
        assert service.change('op=modify&endpoint=&sharedSecret=&bucketname=b').status == 200
        assert stored(service, 'b') == dict(before, endpoint='', sharedSecret='')
        assert service.change('op=modify&bucketname=b&secretAccessKey=').status == 200
        assert stored(service, 'b')['secretAccessKey'] == ''


def test_what_is_refused_changes_nothing(build):
    with Bucketd(build, seed=ENTRY) as service:
        before = stored(service, 'b')
        for body, word in [
                ('', 'op must be'), ('op=', 'op must be'), ('op=ADD&bucketname=b', 'op must be'),
                ('op=replace&bucketname=b', 'op must be'), ('bucketname=b', 'op must be'),
                ('op=add', 'bucketname'), ('op=add&bucketname=&endpoint=x', 'bucketname'),
                ('op=modify&endpoint=x', 'bucketname'), ('op=delete', 'bucketname'),
                ('op=modify&bucketname=B&endpoint=x', 'no bucket'), ('op=delete&bucketname=b%20', 'no bucket'),
                ('op=modify&bucketname=b&endpoint=x&endpoint=y', 'endpoint is given twice'),
                ('op=modify&bucketname=b&endpoint=&endpoint=y', 'endpoint is given twice'),
                ('op=delete&op=delete&bucketname=b', 'op is given twice'),
                ('op=modify&bucketname=b&endpoint=a%00b', 'endpoint is not UTF-8'),
                ('op=modify&bucketname=b&endpoint=%00', 'endpoint is not UTF-8'),
                ('op=modify&bucketname=b&accessRole=%FF', 'accessRole is not UTF-8'),
                ('op=modify&bucketname=b&accessRole=%C0%80', 'accessRole is not UTF-8'),
                ('op=modify&bucketname=b&accessRole=%ED%A0%80', 'accessRole is not UTF-8'),
                ('op=add%00&bucketname=c', 'op is not UTF-8'),
                ('op=modify&bucketname=b&endpoint=a\nb', 'no form'), ('op=modify&bucketname=b&endpoint=a==', 'no form'),
                ('{"op":"add","bucketname":"c"}', 'op must be')]:
            refused(service.change(body), word)
        for kind in ('application/json', 'text/plain', 'multipart/form-data; boundary=x'):
            refused(service.request('POST', '/add-mod-del-bucket', 'op=delete&bucketname=b',
                                    headers={'Content-Type': kind}), 'type')
        assert stored(service, 'b') == before and len(service.listing()) == 1


def test_unknown_fields_are_ignored(build):
    with Bucketd(build, seed=ENTRY) as service:
        body = 'op=modify&bucketname=b&endpoint=x&colour=red&colour=blue&ddbTable=mine&%3Cb%3E=1&'
        assert service.change(body).status == 200
        assert stored(service, 'b') == dict(ENTRY[0], endpoint='x', accessRole='', accessRoleExt='')


def test_sql_in_a_value_is_a_value(build):
    with Bucketd(build, seed=ENTRY) as service:
        name = "b'; DROP TABLE buckets; --"
        assert service.change(form(op='add', bucketname=name, endpoint='" OR 1=1 --')).status == 200
        assert service.entry(name)['endpoint'] == '" OR 1=1 --' and len(service.listing()) == 2


# Who may

def test_a_reader_reads_and_is_refused_a_change(build):
    with Bucketd(build, seed=ENTRY) as service:
        assert service.listing(service.reader) == service.listing()
        for body in (EXAMPLE_1, 'op=delete&bucketname=b', 'nonsense', ''):
            refused(service.change(body, service.reader), 'administrator', 403)
        assert len(service.listing()) == 1
        assert service.customerinfo(service.reader)['isSecondaryUser'] == 'true'


def test_wrong_or_missing_tokens_get_the_login_page(build):
    with Bucketd(build, seed=ENTRY) as service:
        wrong = ['', 'x', 'admin-toke', 'admin-token2', 'Admin-token', 'Bearer admin-token', 'None', 'access-admin-token']
        for path in ('/customerinfo', '/add-mod-del-bucket'):
            for token in wrong:
                answer = service.request('POST', path, 'op=delete&bucketname=b', token)
                assert answer.status == 200 and answer.headers['Content-Type'].startswith('text/html'), answer
                assert b'Login expired. Please login again' in answer.body and b'login.html' in answer.body
                assert b'bucket' not in answer.body
        assert len(service.listing()) == 1


def test_get_version_needs_no_token(build):
    with Bucketd(build) as service:
        for token in ('', 'None', None):
            answer = service.request('GET', '/api/2.0/mlflow/infinstor/get_version', token=token)
            assert answer.status == 200 and answer.headers['Content-Type'] == 'application/json'
            assert set(json.loads(answer.body)) == {
                'cognitoCliClientId', 'cognitoAppClientId', 'mlflowDnsName', 'mlflowuiDnsName', 'mlflowstaticDnsName',
                'apiDnsName', 'serviceDnsName', 'region', 'isExternalAuth'}
            assert json.loads(answer.body)['isExternalAuth'] == 'false'


def test_other_paths_and_methods(build):
    with Bucketd(build) as service:
        for path in ('/', '/customerinfo/', '/add-mod-del-bucket/x', '/favicon.ico', '/../etc/passwd'):
            refused(service.request('GET', path), 'nothing here', 404)
            refused(service.request('POST', path, 'a=b', ''), 'nothing here', 404)
        for method, path in (('GET', '/customerinfo'), ('GET', '/add-mod-del-bucket'), ('PUT', '/add-mod-del-bucket'),
                             ('DELETE', '/customerinfo'), ('POST', '/api/2.0/mlflow/infinstor/get_version')):
            answer = service.request(method, path, 'op=delete&bucketname=b')
            refused(answer, 'method', 405)
            assert answer.headers['Allow'] == ('GET' if 'get_version' in path else 'POST')


# The listing

def test_the_account_fields(build):
    with Bucketd(build) as service:
        info = service.customerinfo()
        assert list(info) == ['userName', 'isSecondaryUser', 'awsAccountId', 'iamExternalId', 'customerId',
                              'customerRoleArn', 'customerArtifactUri', 'serviceVersion', 'productCode', 'enableProjects',
                              'usePresignedUrlForInfinSnap', 'usePresignedUrlForMLflow', 'InfinSnapBuckets'], list(info)
        assert info['InfinSnapBuckets'] == [] and isinstance(info['productCode'], list)
        assert all(info[flag] in ('true', 'false') for flag in info if flag.startswith(('use', 'enable', 'is'))
                   and flag != 'userName')


def test_no_secret_leaves(build):
    with Bucketd(build) as service:
        service.change(form(op='add', **dict(FULL, secretAccessKey='QQsecret1QQ', sharedSecret='QQsecret2QQ')))
        for token in (service.admin, service.reader):
            body = service.request('POST', '/customerinfo', LIST_BODY, token).body
            for word in (b'QQ', b'secretAccessKey', b'sharedSecret', b'InfinStorAccessKeyId', b'InfinStorSecretAccessKey'):
                assert word not in body, body
        assert plain(service.entry('full')) == {name: value for name, value in FULL.items() if 'ecret' not in name}


def test_order_is_that_of_the_names(build):
    names = ['b', 'a', 'B', '\u00e9', 'a-', 'aa', '日本', 'zz', '10', '9', 'a.b', '𝄞', 'e\u0301']
    with Bucketd(build, seed=[dict(bucketname=name) for name in names[:6]]) as service:
        for name in names[6:]:
            assert service.change(form(op='add', bucketname=name)).status == 200
        assert [entry['bucketname'] for entry in service.listing()] == sorted(names, key=str.encode)


def test_hostile_values_come_back_as_they_were(build):
    values = [''.join(map(chr, range(1, 128))), '{"a":1}', '12', 'null', '\x1b[2J\x07', '"\\</script>', '\u202e\u200b', 'a\x01b', 'e\u0301', '\t', 'x' * 3000, '\U0010ffff',
              '%41+', '\ud7ff\ue000\u0080\ufffd']
    with Bucketd(build) as service:
        for number, value in enumerate(values):
            assert service.change(form(op='add', bucketname='n%02d' % number, endpoint=value)).status == 200
        assert [entry['endpoint'] for entry in service.listing()] == values
        for number in range(len(values)):   # what is read of the file to be written again
            assert service.change(form(op='modify', bucketname='n%02d' % number, accessRole='r')).status == 200
        assert [(entry['endpoint'], entry['accessRole']) for entry in service.listing()] == [(v, 'r') for v in values]
        assert service.change(form(op='add', bucketname='\x1b]0;t\x07')).status == 200
        assert service.entry('\x1b]0;t\x07')['cloud'] == 'aws'


def test_a_long_listing_is_streamed(build):
    seed = [dict(bucketname='bucket-%06d' % n, endpoint='https://%s.example.com/' % ('x' * 800)) for n in range(50000)]
    # A quarantine of freed memory would be taken for growth.
    env = {'ASAN_OPTIONS': os.environ.get('ASAN_OPTIONS', '') + ':quarantine_size_mb=1'}
    with Bucketd(build, seed=seed, env=env) as service:
        service.stop()
        service.start()     # the seeding's memory must not hide the listing's
        service.request('GET', '/')
        before = high_water(service)
        answer = service.request('POST', '/customerinfo', LIST_BODY)
        grown = high_water(service) - before
        assert answer.headers.get('Transfer-Encoding') == 'chunked', answer.headers
        assert [e['bucketname'] for e in json.loads(answer.body)['InfinSnapBuckets']] == [e['bucketname'] for e in seed]
        assert len(answer.body) > 40e6 and grown < 20e3, 'grew by %d kB' % grown     # most of it is ASan's


def test_entries_of_all_sizes(build):
    """Some are larger than what is sent at once, however it is cut."""
    random.seed(12)
    sizes = [0, 1, 20000, 3, 20000, 20000] + [random.randrange(0, 3000) for _ in range(150)] + [20000, 0]
    values = [''.join(random.choice('\x01x"') for _ in range(size)) for size in sizes]
    with Bucketd(build, seed=[dict(bucketname='b%03d' % n, endpoint=v) for n, v in enumerate(values)]) as service:
        assert [entry['endpoint'] for entry in service.listing()] == values


def test_no_other_hand_can_spoil_the_listing(build):
    with Bucketd(build, seed=ENTRY) as service:
        before = service.listing()
        other = sqlite3.connect(service.db, isolation_level=None)
        for text in ('', '{', '{"bucketname":"b"', '{}{}', 'no'):
            try:
                other.execute('UPDATE buckets SET entry = ?', [text])
                raise AssertionError(text)
            except sqlite3.Error:
                pass
        other.close()
        assert service.listing() == before


def test_changes_go_on_during_a_listing(build):
    seed = [dict(bucketname='bucket-%06d' % n, endpoint='https://%s.example.com/' % ('x' * 400)) for n in range(20000)]
    with Bucketd(build, seed=seed) as service:
        reader = connect(service)
        reader.sendall(head(service, len(LIST_BODY), '/customerinfo') + LIST_BODY.encode())
        slow = http.client.HTTPResponse(reader)
        slow.begin()
        data = slow.read(1000)
        start = time.monotonic()
        assert service.change(form(op='delete', bucketname='bucket-000000')).status == 200
        assert service.change(form(op='add', bucketname='zz')).status == 200
        assert service.change(form(op='modify', bucketname='bucket-019999', endpoint='new')).status == 200
        assert time.monotonic() - start < 5
        entries = json.loads(data + slow.read())['InfinSnapBuckets']
        reader.close()
        names = [entry['bucketname'] for entry in entries]
        assert names[:20000] == [e['bucketname'] for e in seed] and names == sorted(set(names))
        assert names[-1] == 'zz' and entries[19999]['endpoint'] == 'new'


# Bytes on the wire

def test_a_value_that_arrives_in_pieces(build):
    value = '%é/+=' * 150
    body = form(op='add', bucketname='pieces', endpoint=value, secretAccessKey=' ' * 5).encode()
    with Bucketd(build) as service:
        for step in (1, 2, 3, 511, 512, 513):
            with connect(service) as connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connection.sendall(head(service, len(body)))
                for at in range(0, len(body), step):
                    connection.sendall(body[at:at + step])
                    if at < 60 or step > 100:
                        time.sleep(0.002)
                assert connection.recv(4096).startswith(b'HTTP/1.1 200'), step
            row = stored(service, 'pieces')
            assert (row['endpoint'], row['secretAccessKey']) == (value, ' ' * 5), step
            assert service.change('op=delete&bucketname=pieces').status == 200


def test_values_of_all_lengths(build):
    random.seed(7)
    with Bucketd(build) as service:
        for length in list(range(0, 40)) + [170, 171, 255, 256, 510, 511, 512, 513, 1024, 1025, 5000]:
            value = ''.join(random.choice('%+ a/é=&') for _ in range(length))
            assert service.change(form(op='add', bucketname='b', accessRoleExt=value)).status == 200
            assert service.entry('b')['accessRoleExt'] == value, repr(value)


def test_a_chunked_body(build):
    with Bucketd(build) as service:
        connection = http.client.HTTPConnection('127.0.0.1', service.port, timeout=20)
        connection.request('POST', '/add-mod-del-bucket', iter([EXAMPLE_1[:10].encode(), EXAMPLE_1[10:].encode()]),
                           {'Authorization': service.admin, 'Content-Type': FORM}, encode_chunked=True)
        assert connection.getresponse().read() == b'{}'
        connection.close()
        assert service.entry('testb3')


def test_one_connection_many_requests(build):
    with Bucketd(build) as service:
        connection = http.client.HTTPConnection('127.0.0.1', service.port, timeout=20)
        headers = {'Authorization': service.admin, 'Content-Type': FORM}
        for body, status in [(EXAMPLE_1, 200), ('op=x', 400), (EXAMPLE_2, 200), (EXAMPLE_3, 200), (EXAMPLE_3, 400)]:
            connection.request('POST', '/add-mod-del-bucket', body, headers)
            first = connection.sock
            answer = connection.getresponse()
            answer.read()
            assert answer.status == status and connection.sock is first
        connection.close()


def test_a_body_that_is_cut_off_changes_nothing(build):
    with Bucketd(build, seed=ENTRY) as service:
        for keep in (0, 5, len(EXAMPLE_1) - 1):
            with connect(service) as connection:
                connection.sendall(head(service, len(EXAMPLE_1)) + EXAMPLE_1[:keep].encode())
                connection.shutdown(socket.SHUT_WR)
                assert not connection.recv(4096).startswith(b'HTTP/1.1 200')
        assert [entry['bucketname'] for entry in service.listing()] == ['b']


def test_what_is_too_large_is_refused(build):
    with Bucketd(build) as service:
        refused(service.change(form(op='add', bucketname='b', endpoint='x' * 70000)), 'too large', 413)
        refused(service.change(form(op='add', bucketname='b', endpoint='x' * 3000000)), 'too large', 413)
        answer = service.request('POST', '/customerinfo', LIST_BODY, 'x' * 100000)
        assert answer.status >= 400 and answer.status != 500
        assert service.change(form(op='add', bucketname='b', endpoint='x' * 60000)).status == 200
        assert [len(entry['endpoint']) for entry in service.listing()] == [60000]


def test_bytes_that_are_no_http(build):
    with Bucketd(build) as service:
        for data in (b'\0' * 100, b'\r\n\r\n', b'GET\r\n\r\n', b'\x16\x03\x01\x02\x00', b'POST / HTTP/9.9\r\n\r\n',
                     b'POST /add-mod-del-bucket HTTP/1.1\r\nContent-Length: -1\r\n\r\nop=add'):
            with connect(service) as connection:
                connection.sendall(data)
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(4096):
                    pass
        assert service.listing() == []


def drip(service, data, seconds):
    """Sends a byte every 50 ms. Seconds until the other side hung up, or None."""
    with connect(service) as connection:
        start = time.monotonic()
        connection.settimeout(0.05)
        for byte in data:
            if time.monotonic() - start > seconds:
                return None
            try:
                connection.sendall(bytes([byte]))
                if not connection.recv(100):
                    return time.monotonic() - start
            except socket.timeout:
                pass
            except OSError:
                return time.monotonic() - start
    return None


def test_a_slow_drip_is_cut(build):
    with Bucketd(build, options=['--deadline', '1']) as service:
        for data in (b'POST /add-mod-del-bucket HTTP/1.1\r\nX: ' + b'y' * 400, b'G' * 400):
            took = drip(service, data, 8)
            assert took and took < 5, took
        with connect(service) as connection:
            connection.sendall(head(service, 5000))
            start = time.monotonic()
            while time.monotonic() - start < 8:
                try:
                    connection.sendall(b'a')
                    connection.settimeout(0.05)
                    if not connection.recv(100):
                        break
                except socket.timeout:
                    continue
                except OSError:
                    break
            assert time.monotonic() - start < 5
        assert service.listing() == []


def held_change(service):
    """A change under way, on a connection of its own, that bucketd has and holds."""
    connection = connect(service)
    connection.sendall(head(service, len(EXAMPLE_1)) + EXAMPLE_1.encode())
    time.sleep(0.3)
    return connection


def test_a_held_change_waits_and_nothing_else_does(build):
    with Bucketd(build, options=['--hold', '1']) as service:
        start = time.monotonic()
        with held_change(service) as connection:
            assert service.listing() == [] and time.monotonic() - start < 0.9
            assert connection.recv(100).startswith(b'HTTP/1.1 200')
            assert 0.9 < time.monotonic() - start < 5 and len(service.listing()) == 1


def test_a_held_change_is_carried_out_at_the_end_and_lost_when_killed(build):
    for how, entries in ((Bucketd.stop, 1), (Bucketd.kill, 0)):
        with Bucketd(build, options=['--hold', '30']) as service:
            with held_change(service) as connection:
                how(service)
                assert connection.recv(100) == b''
            service.options = []
            service.start()
            assert len(service.listing()) == entries, how


def test_silent_connections_do_not_lock_others_out(build):
    with Bucketd(build, options=['--deadline', '1']) as service:
        for _ in range(2):
            idle = [connect(service) for _ in range(200)]
            start = time.monotonic()
            assert service.change(EXAMPLE_1).status == 200, 'it waits in the queue and is served'
            assert time.monotonic() - start < 10
            for connection in idle:
                assert connection.recv(1) == b'', 'ended, not reset'
                connection.close()


# What was answered stays

def test_kill_9_after_an_answer_loses_nothing(build):
    with Bucketd(build) as service:
        for number in range(20):
            assert service.change(form(op='add', bucketname='b%02d' % number, endpoint='x')).status == 200
            service.kill()
            service.start()
            assert len(service.listing()) == number + 1


def test_kill_9_at_any_moment_loses_nothing_answered(build):
    random.seed(11)
    with Bucketd(build) as service:
        done, sent = [], 0
        for _ in range(8):
            timer = threading.Timer(random.uniform(0.02, 0.2), service.process.kill)
            timer.start()
            try:
                while sent < 10000:
                    sent += 1
                    if service.change(form(op='add', bucketname='b%05d' % sent)).status == 200:
                        done.append('b%05d' % sent)
            except (OSError, http.client.HTTPException):
                pass
            timer.join()
            service.kill()
            service.start()
            names = {entry['bucketname'] for entry in service.listing()}
            assert set(done) <= names and len(names) <= sent
        assert done


def test_sigterm_ends_it_cleanly(build):
    with Bucketd(build) as service:
        assert service.change(EXAMPLE_1).status == 200
        assert service.stop() == 0
        assert os.listdir(service.dir).count('buckets.db-wal') == 0, 'the log is folded into the file'
        service.start()
        assert service.entry('testb3')
        idle = connect(service)
        assert service.stop(10) == 0
        idle.close()


def test_sigterm_lets_an_answer_end(build):
    seed = [dict(bucketname='bucket-%06d' % n, endpoint='x' * 400) for n in range(20000)]
    with Bucketd(build, seed=seed) as service:
        with connect(service) as reader:
            reader.sendall(head(service, len(LIST_BODY), '/customerinfo') + LIST_BODY.encode())
            slow = http.client.HTTPResponse(reader)
            slow.begin()
            data = slow.read(1000)
            service.process.terminate()
            assert len(json.loads(data + slow.read())['InfinSnapBuckets']) == 20000
        assert service.process.wait(10) == 0


def test_a_database_that_is_locked(build):
    with Bucketd(build, seed=ENTRY) as service:
        lock = sqlite3.connect(service.db, isolation_level=None)
        lock.execute('BEGIN IMMEDIATE')
        refused(service.change('op=delete&bucketname=b'), 'locked', 500)
        assert len(service.listing()) == 1
        lock.execute('ROLLBACK')
        lock.close()
        assert service.change('op=delete&bucketname=b').status == 200 and service.listing() == []


def test_a_listing_that_fails_is_cut_off(build):
    with Bucketd(build, seed=ENTRY) as service:
        other = sqlite3.connect(service.db, isolation_level=None)
        other.execute('ALTER TABLE buckets RENAME TO gone')
        try:
            service.request('POST', '/customerinfo', LIST_BODY)
            assert False, 'it looks like a whole answer'
        except http.client.IncompleteRead:
            pass
        other.execute('ALTER TABLE gone RENAME TO buckets')
        other.close()
        assert len(service.listing()) == 1


# Start

def start(service, *options):
    """Runs bucketd with these options alone; it must refuse. Returns its status and complaint."""
    done = subprocess.run([service.program] + list(options), stdin=subprocess.DEVNULL, capture_output=True, timeout=20)
    assert done.stdout == b'' and done.stderr.count(b'\n') == 1, done
    return done.returncode, done.stderr.decode()


def test_bad_arguments_end_with_2_and_one_line(build):
    with Bucketd(build) as service:
        good = {'--db': service.db, '--listen': '127.0.0.1:0', '--admin-token-file': service.admin_file}
        cases = [({'--listen': listen}, '--listen') for listen in
                 ('', '8080', '127.0.0.1', '127.0.0.1:', '127.0.0.1:x', '127.0.0.1:-1', '127.0.0.1:65536', ':80',
                  '0.0.0.0:0', '10.0.0.1:80', '[::]:80', '[::1:80', 'localhost:80', '127.0.0.1:1 ')]
        cases += [({name: value}, name) for name in ('--deadline', '--hold')
                  for value in ('0', '-1', '3601', 'x', '', '1s')]
        cases += [({'--db': None}, '--db'), ({'--listen': None}, '--listen'), ({'--admin-token-file': None}, 'token'),
                  ({'--nonsense': 'x'}, 'nonsense')]
        for change, word in cases:
            options = {**good, **change}
            status, text = start(service, *[part for name, value in options.items() if value is not None
                                            for part in (name, value)])
            assert status == 2 and word in text, (change, status, text)
        assert start(service, '--db')[0] == 2 and start(service, 'word')[0] == 2


def test_help_and_version(build):
    for option, word in (('--help', b'--listen'), ('--version', b'bucketd ')):
        done = subprocess.run([os.path.join(build, 'bucketd'), option], capture_output=True, timeout=20)
        assert done.returncode == 0 and word in done.stdout and done.stderr == b'', done


def test_token_files(build):
    with Bucketd(build) as service:
        path = os.path.join(service.dir, 'token')
        service.admin_file = path
        for text, token in [('bare==\n', 'bare=='), ('bare', 'bare'), ('Token=a\r\nIDTOKEN=b\r\n', 'b'),
                            ('Token=a\nClientId=c\n', 'a'), ('IdToken=b\nToken=Custom t\n', 'Custom t')]:
            service.stop()
            write_private(path, text)
            service.start()
            assert service.listing(token) == [], text
        service.stop()
        base = ['--db', service.db, '--listen', '127.0.0.1:0', '--admin-token-file']
        for text in ('', '\n\n', 'IdToken=\n', 'two\nlines\n', 'a\0b\n', 'x' * 70000, 'a\x1bb'):
            write_private(path, text)
            status, complaint = start(service, *base, path)
            assert status == 1 and path in complaint, (text[:20], complaint)
        write_private(path, 'same')
        write_private(path + '2', 'same')
        assert 'the same' in start(service, *base, path, '--reader-token-file', path + '2')[1]
        for mode in (0o640, 0o604, 0o660, 0o602):
            os.chmod(path, mode)
            assert 'chmod 600' in start(service, *base, path)[1]
        os.mkfifo(path + '3', 0o600)
        for wrong in (path + '3', service.dir, '/nonexistent'):
            assert start(service, *base, wrong)[0] == 1


def test_the_database_is_private_and_only_ours(build):
    with Bucketd(build) as service:
        service.change(EXAMPLE_1)
        for name in os.listdir(service.dir):
            if name.startswith('buckets.db'):
                assert stat.S_IMODE(os.stat(os.path.join(service.dir, name)).st_mode) == 0o600, name
        other = os.path.join(service.dir, 'other.db')
        connection = sqlite3.connect(other)
        connection.execute('CREATE TABLE mine (x)')
        connection.commit()
        connection.close()
        text = write_private(os.path.join(service.dir, 'text.db'), 'this is no database, just some text\n' * 100)
        for path in (other, text, service.dir, os.path.join(service.dir, 'no', 'where.db'), ':memory:', ''):
            status, complaint = start(service, '--db', path, '--listen', '127.0.0.1:0', '--admin-token-file',
                                      service.admin_file)
            assert status == 1 and path in complaint, complaint
        connection = sqlite3.connect(other)
        assert [row[0] for row in connection.execute('SELECT name FROM sqlite_schema')] == ['mine']
        connection.close()


def test_ipv6(build):
    with Bucketd(build) as service:
        service.stop()
        command = service.command()
        command[command.index('127.0.0.1:0')] = '[::1]:0'
        six = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        try:
            line = six.stdout.readline().decode()
            connection = http.client.HTTPConnection(line.split('//')[1].strip(), timeout=20)
            connection.request('GET', '/api/2.0/mlflow/infinstor/get_version')
            assert line.startswith('bucketd listening on http://[::1]:') and connection.getresponse().status == 200
            connection.close()
        finally:
            six.terminate()
            six.communicate(timeout=20)
        assert six.returncode == 0


def test_a_port_that_is_taken(build):
    with Bucketd(build) as service:
        status, text = start(service, '--db', service.db, '--listen', '127.0.0.1:%d' % service.port,
                             '--admin-token-file', service.admin_file)
        assert status == 1 and str(service.port) in text


def test_the_seed(build):
    with Bucketd(build, seed=ENTRY + [dict(bucketname='a', unknown='x')]) as service:
        assert service.entry('b')['ddbTable'] == 'table-b' and 'ddbTable' not in service.entry('a')
        assert service.change('op=delete&bucketname=a').status == 200
        service.stop()
        service.start()
        assert [entry['bucketname'] for entry in service.listing()] == ['b'], 'only into an empty table'
        service.change('op=delete&bucketname=b')
        service.stop()
        seed = os.path.join(service.dir, 'seed.json')
        base = service.command()[1:]
        for text, word in [('[{"bucketname":"c"},{"bucketname":"c"}]', 'second'), ('[{"cloud":"aws"}]', 'entry 1'),
                           ('[{"bucketname":"c"},{"bucketname":"d","cloud":"gcp"}]', 'entry 2'), ('[3]', 'entry 1'),
                           ('[{"bucketname":"c","endpoint":7}]', 'string'), ('[{"bucketname":"c"}', 'seed.json'),
                           ('{}', 'seed.json'), ('', 'seed.json'), ('nonsense', 'seed.json'),
                           ('[{"bucketname":"\\u001b]x"},{"bucketname":"\\u001b]x"}]', '^[')]:
            write_private(seed, text)
            status, complaint = start(service, *base)
            assert status == 1 and word in complaint and '\x1b' not in complaint, (text, complaint)
        write_private(seed, ' \n[{"bucketname":"c"},{"bucketname":"d","endpoint":null}]\n')
        service.start()
        assert [entry['bucketname'] for entry in service.listing()] == ['c', 'd']


def test_a_seed_of_100000_entries(build):
    with Bucketd(build, seed=[dict(bucketname='b%06d' % n, cloud='azure') for n in range(100000)]) as service:
        assert len(service.listing()) == 100000


if __name__ == '__main__':
    tap.main(globals(), os.path.abspath(sys.argv[1]))
