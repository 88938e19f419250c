"""Lines of a journal, written from their description in doc/journal.md alone."""
import hashlib, json


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def seal(members, prev):
    """A line as doc/journal.md has it."""
    head = json.dumps(members, separators=(',', ':'))[:-1].encode() + b',"prev":"' + prev.encode() + b'"'
    return head + b',"sum":"' + sha256(head).encode() + b'"}\n'


def chain(lines, prev='0' * 64):
    sealed = []
    for members in lines:
        sealed.append(seal(members, prev))
        prev = sha256(sealed[-1])
    return b''.join(sealed)


def begin(number=1, **more):
    return dict({'kind': 'begin', 'format': 1, 'file': number, 'when': '2026-03-01T00:00:00.000Z'}, **more)


def intent(number, bucket, **more):
    return dict({'kind': 'intent', 'id': 'id-%d' % number, 'when': '2026-03-0%dT10:00:00.250Z' % number,
                 'login': 'anna', 'user': 'admin@example.com', 'profile': 'prod', 'host': 'api.example.com',
                 'op': 'modify', 'bucket': bucket, 'changed': ['endpoint'],
                 'before': {'bucketname': bucket, 'endpoint': 'http://old'},
                 'after': {'bucketname': bucket, 'endpoint': 'http://new'}}, **more)


def outcome(number, state, **more):
    return dict({'kind': 'outcome', 'id': 'id-%d' % number, 'when': '2026-03-0%dT10:00:01.000Z' % number,
                 'login': 'anna', 'state': state}, **more)


def many(files, operations):
    """(number, text) of files that follow each other, each of 2 x operations lines: of its last operation the outcome
    is missing."""
    prev = '0' * 64
    for number in range(1, files + 1):
        members = [begin(number)]
        for i in range(operations):
            name = 'id-%d-%d' % (number, i)
            members += [dict(intent(1, 'b%d' % i), id=name),
                        dict(outcome(1, 'applied'), id=name, accepted=True, text='modify b: applied: the table shows it')]
        text = chain(members[:2 * operations], prev)
        prev = sha256(text[text.rindex(b'\n', 0, -1) + 1:])
        yield number, text
