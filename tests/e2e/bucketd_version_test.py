#!/usr/bin/python3
"""The versions of bucketd's entries, If-Match, and the files of earlier schemas."""
import http.client, os, random, sqlite3, subprocess, sys, threading, urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tap
from service import FORM, Bucketd

COLUMNS = ('bucketname', 'cloud', 'endpoint', 'accessKeyId', 'secretAccessKey', 'accessRole', 'accessRoleExt',
           'sharedSecret', 'ddbTable', 'etag')
COLUMNS_1 = COLUMNS[:-1]


def form(op, name, **fields):
    return urllib.parse.urlencode(dict(op=op, bucketname=name, **fields))


def send(service, body, *demands, status=200, word='{}', header='If-Match'):
    """A change with such a header for each demand."""
    connection = http.client.HTTPConnection('127.0.0.1', service.port, timeout=30)
    try:
        connection.putrequest('POST', '/add-mod-del-bucket')
        for name, value in (('Authorization', service.admin), ('Content-Type', FORM), ('Content-Length', str(len(body)))):
            connection.putheader(name, value)
        for demand in demands:
            connection.putheader(header, demand)
        connection.endheaders(body.encode())
        answer = connection.getresponse()
        text = answer.read().decode()
    finally:
        connection.close()
    assert answer.status == status and word in text, (body, demands, answer.status, text)


def version(service, name='b'):
    return int(service.entry(name)['etag'])


def rows(service):
    """The table and the counter as they are in the file."""
    connection = sqlite3.connect('file:%s?mode=ro' % service.db, uri=True)
    try:
        return (connection.execute('SELECT %s FROM buckets ORDER BY bucketname' % ', '.join(COLUMNS)).fetchall(),
                connection.execute('SELECT last FROM versions').fetchall())
    finally:
        connection.close()


# Versions

def test_every_change_raises_the_version(build):
    with Bucketd(build) as service:
        send(service, form('add', 'b'))
        last = version(service)
        for body in (form('modify', 'b', endpoint='http://x'), form('modify', 'b', secretAccessKey='s'),
                     form('modify', 'b', secretAccessKey='s'), form('modify', 'b', sharedSecret=''),
                     form('modify', 'b'), form('add', 'b')):
            send(service, body)
            assert version(service) > last, body
            last = version(service)


def test_a_change_leaves_other_entries_their_version(build):
    with Bucketd(build, seed=[dict(bucketname=name) for name in 'abc']) as service:
        before = [version(service, name) for name in 'ac']
        send(service, form('modify', 'b', endpoint='x'))
        send(service, form('delete', 'b'))
        assert [version(service, name) for name in 'ac'] == before


def test_a_version_never_comes_again(build):
    with Bucketd(build, seed=[dict(bucketname='a'), dict(bucketname='b')]) as service:
        seen = {version(service, 'a')}
        for turn in range(3):
            for body in (form('delete', 'b'), form('add', 'b'), form('modify', 'b', endpoint='x')):
                send(service, body)
                if 'delete' not in body:
                    assert version(service) not in seen
                    seen.add(version(service))
            send(service, form('delete', 'b'))
            service.stop() if turn % 2 else service.kill()
            service.start()
            send(service, form('add', 'b'))
            assert version(service) > max(seen)
            seen.add(version(service))


def test_what_is_refused_leaves_the_version(build):
    with Bucketd(build, seed=[dict(bucketname='b')]) as service:
        before = rows(service)
        for body in (form('modify', 'b', cloud='gcp'), form('add', 'b', cloud=''), form('modify', 'no'),
                     form('modify', 'b') + '&endpoint=a&endpoint=b', form('replace', 'b')):
            send(service, body, status=400, word='')
        assert rows(service) == before


def test_nobody_can_set_a_version(build):
    with Bucketd(build, seed=[dict(bucketname='b', etag='4711')]) as service:
        assert version(service) < 100
        send(service, form('modify', 'b', etag='4711'))
        assert version(service) < 100


def test_entries_of_the_seed_have_versions(build):
    with Bucketd(build, seed=[dict(bucketname='b%d' % n) for n in range(50)]) as service:
        versions = [entry['etag'] for entry in service.listing()]
        assert len(set(versions)) == 50 and all(text.isdigit() for text in versions), versions
        service.stop()
        service.start()
        assert [entry['etag'] for entry in service.listing()] == versions


# If-Match

def test_a_match_lets_a_change_through(build):
    with Bucketd(build, seed=[dict(bucketname='b')]) as service:
        for demand in ('"%d"', '*', ' * ', '"0", "%d"', '"0",,"%d" ,', 'W/"x","%d"', '"a,b", "%d"'):
            for body in (form('modify', 'b', endpoint='x'), form('add', 'b')):
                now = version(service)
                send(service, body, demand.replace('%d', str(now)))
                assert version(service) > now
        send(service, form('modify', 'b'), '"0"', '"%d"' % version(service))
        send(service, form('delete', 'b'), '"%d"' % version(service))
        assert service.listing() == []


def test_a_mismatch_changes_nothing(build):
    with Bucketd(build, seed=[dict(bucketname='b', secretAccessKey='s')]) as service:
        send(service, form('modify', 'b', endpoint='x'))
        now, before = version(service), rows(service)
        for demand in ('"0"', '"%d"' % (now - 1), 'W/"%d"' % now, '"0%d"' % now, '""', '"%d1"' % now, '"x","y"', '"é"',
                       '"*"'):
            for body in (form('modify', 'b', endpoint='y'), form('modify', 'b', secretAccessKey='y'), form('add', 'b'),
                         form('delete', 'b')):
                send(service, body, demand, status=412, word='at version %d' % now)
        for body in (form('modify', 'no', endpoint='y'), form('add', 'no'), form('delete', 'no')):
            for demand in ('"%d"' % now, '*'):
                send(service, body, demand, status=412, word='no bucket of that name')
        assert rows(service) == before


def test_a_new_entry_can_be_demanded(build):
    none = dict(header='If-None-Match')
    with Bucketd(build, seed=[dict(bucketname='b')]) as service:
        send(service, form('add', 'new', endpoint='x'), '*', **none)
        before = rows(service)
        for name in ('b', 'new'):
            for body in (form('add', name), form('modify', name, endpoint='y'), form('delete', name)):
                send(service, body, ' * ', status=412, word='at version %d' % version(service, name), **none)
        send(service, form('modify', 'no'), '*', status=400, word='no bucket', **none)
        for demand in ('', '"1"', '**', '*,*'):
            send(service, form('add', 'other'), demand, status=400, word='If-None-Match', **none)
        assert rows(service) == before


def test_a_condition_that_is_none_is_refused(build):
    with Bucketd(build, seed=[dict(bucketname='b')]) as service:
        now, before = version(service), rows(service)
        for demand in ('', ' ', ',', '%d', '"%d', '%d"', '"%d" "%d"', '*,"%d"', '"%d",*', "'%d'", 'w/"%d"', 'W/%d', 'W/',
                       '"%d" x', '"1 2"', '"', '**'):
            send(service, form('modify', 'b', endpoint='y'), demand.replace('%d', str(now)), status=400, word='If-Match')
        send(service, form('modify', 'b', endpoint='y'), '"%d"' % now, '*', status=400, word='If-Match')
        assert rows(service) == before


def test_what_is_wrong_otherwise_is_said_first(build):
    with Bucketd(build, seed=[dict(bucketname='b')]) as service:
        send(service, 'op=x', '"0"', status=400, word='op must be')
        answer = service.request('POST', '/add-mod-del-bucket', form('delete', 'b'), service.reader, {'If-Match': '*'})
        assert answer.status == 403 and len(service.listing()) == 1


def test_two_who_started_from_the_same_version(build):
    """Eight add one to a number with If-Match, at the same time: none of what went through is lost."""
    with Bucketd(build, seed=[dict(bucketname='b', endpoint='0')]) as service:
        done, lock = [], threading.Lock()

        def count():
            for _ in range(200):
                entry = service.entry('b')
                answer = service.request('POST', '/add-mod-del-bucket',
                                         form('modify', 'b', endpoint=str(int(entry['endpoint']) + 1)),
                                         headers={'If-Match': '"%s"' % entry['etag']})
                assert answer.status in (200, 412), answer
                with lock:
                    done.append(answer.status)
                    if done.count(200) >= 100:
                        return
        threads = [threading.Thread(target=count) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert int(service.entry('b')['endpoint']) == done.count(200) >= 100, done


# Files of earlier schemas

def make_old(path, schema, entries):
    """As bucketd made them: a column for each field, in 2 the versions too, which begin with 1000 here."""
    columns = COLUMNS_1 if schema == 1 else COLUMNS
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute('PRAGMA journal_mode = WAL')
    connection.execute('CREATE TABLE buckets (%s, PRIMARY KEY (bucketname)) STRICT, WITHOUT ROWID'
                       % ', '.join(name + ' TEXT NOT NULL' for name in columns))
    for n, entry in enumerate(entries):
        values = entry if schema == 1 else entry + (str(1000 + n),)
        connection.execute('INSERT INTO buckets VALUES (%s)' % ','.join('?' * len(columns)), values)
    if schema == 2:
        connection.execute('CREATE TABLE versions (last INTEGER NOT NULL) STRICT')
        connection.execute('INSERT INTO versions VALUES (?)', [1000 + len(entries)])
    connection.execute('PRAGMA user_version = %d' % schema)
    connection.close()


def old_entries():
    random.seed(5)
    entries = [('b%d' % n, 'aws', 'e%d' % n, 'k', 'secret%d' % n, '', '', 'shared', 't' if n % 2 else '')
               for n in range(300)]
    entries.append(("o'b; \u00e9\x1b", 'other', '"\\', '', '', 'r', 'x', '', ''))
    random.shuffle(entries)
    return entries


def check_upgrade(service, entries, versions, last):
    """Listing, row and secrets are as before, and the versions go on."""
    by_name = sorted(zip(entries, versions), key=lambda pair: pair[0][0].encode())
    fields = [name for name in COLUMNS_1 if name not in ('secretAccessKey', 'sharedSecret')]
    wanted = [dict([(name, value) for name, value in zip(COLUMNS_1, entry) if name in fields and (value or name != 'ddbTable')],
                   etag=str(number)) for entry, number in by_name]
    assert service.listing() == wanted
    before = rows(service)[0]
    assert [tuple(value or '' for value in row) for row in before] == [entry + (str(number),) for entry, number in by_name]
    service.stop()
    service.start()
    assert rows(service)[0] == before and service.listing() == wanted
    send(service, form('modify', 'b7', endpoint='x'))
    assert version(service, 'b7') == last + 1
    service.kill()
    service.start()
    send(service, form('delete', 'b7'))
    send(service, form('add', 'b7'), status=200)
    assert version(service, 'b7') == last + 2


def test_files_of_earlier_schemas_are_brought_up_to_date(build):
    entries = old_entries()
    for schema in (1, 2):
        with Bucketd(build) as service:
            service.stop()
            os.unlink(service.db)
            make_old(service.db, schema, entries)
            service.start()
            names = sorted((entry[0] for entry in entries), key=str.encode)
            if schema == 1:
                check_upgrade(service, entries, [names.index(entry[0]) + 1 for entry in entries], len(entries))
            else:
                check_upgrade(service, entries, range(1000, 1000 + len(entries)), 1000 + len(entries))


def test_an_empty_file_of_schema_1_takes_the_seed(build):
    with Bucketd(build, seed=[dict(bucketname='b')]) as service:
        service.stop()
        os.unlink(service.db)
        make_old(service.db, 1, [])
        service.start()
        assert version(service) == 1


def test_a_file_of_a_later_schema_is_left_alone(build):
    with Bucketd(build, seed=[dict(bucketname='b')]) as service:
        service.stop()
        connection = sqlite3.connect(service.db)
        connection.execute('PRAGMA user_version = 4')
        connection.close()
        done = subprocess.run(service.command(), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
        assert done.returncode == 1 and 'newer' in done.stderr and service.db in done.stderr, done
        assert len(rows(service)[0]) == 1


if __name__ == '__main__':
    tap.main(globals(), os.path.abspath(sys.argv[1]))
