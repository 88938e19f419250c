#!/usr/bin/python3
"""A made-up table of N buckets, the same for the same N.   usage: tests/bench/tables.py N FORMAT > FILE

  csv    with a header line                      psql   psql's aligned output
  txt    padded columns, no header               names  the names alone
  json   an answer of /customerinfo              ncdu   an export of ncdu, an item for each bucket
Names are unique and end in their number; their order is shuffled, so that sorting has work to do; about one in twelve
has the word "bucket" in it.
"""
import json, random, sys

FIELDS = ('bucketname', 'cloud', 'endpoint', 'accessKeyId', 'accessRole', 'accessRoleExt')
TEAMS = ('acme apollo atlas billing cargo delta fraud hermes iris juno kepler ledger maps nova orion payroll quartz radar '
         'search titan').split()
ENVIRONMENTS = 'prod prod prod stage test dev'.split()
USES = 'archive backup bucket cache dumps exports images invoices logs media models snapshots'.split()
REGIONS = 'us-east-1 us-west-2 eu-west-1 eu-central-1 ap-south-1 il-central-1'.split()


def endpoint_of(cloud, region, i):
    return {'aws': 'https://s3.%s.amazonaws.com' % region, 'azure': 'https://acct%04d.blob.core.windows.net' % (i % 9973),
            'minio': 'https://minio-%02d.%s.example.net:9000' % (i % 64, region),
            'other': 'https://objects.%s.example.org' % region}[cloud]


def buckets(n):
    chance = random.Random(n)
    for i in chance.sample(range(n), n):
        region, cloud = chance.choice(REGIONS), chance.choice(('aws', 'aws', 'aws', 'azure', 'minio', 'other'))
        team = chance.choice(TEAMS)
        name = '%s-%s-%s-%s-%07d' % (team, chance.choice(ENVIRONMENTS), chance.choice(USES), region, i)
        by_role = cloud == 'aws' and chance.random() < .5
        account = '%012d' % (100000000000 + i * 7919 % 899999999999)
        yield (name, cloud, endpoint_of(cloud, region, i), '' if by_role else 'AKIA%016X' % chance.getrandbits(64),
               'arn:aws:iam::%s:role/%s-reader' % (account, team) if by_role else '',
               'ext-%08x' % chance.getrandbits(32) if by_role else '')


def write_json(rows, out):
    before = '{"userName":"admin@example.com","InfinSnapBuckets":['
    for row in rows:
        out(before + json.dumps(dict(zip(FIELDS, row)), separators=(',', ':')))
        before = ','
    out(']}\n')


def write_ncdu(rows, out):
    out('[1,0,{"progname":"tables","progver":"1","timestamp":0},\n[{"name":"/buckets"}')
    for i, row in enumerate(rows):
        size = i * 7919 % 1000003
        out(',\n{"name":"%s","asize":%d,"dsize":%d}' % (row[0], size, size // 512 * 512 + 512))
    out(']]\n')


def write_padded(rows, out, psql):
    rows = list(rows)
    width = [max(len(field), *(len(row[i]) for row in rows)) for i, field in enumerate(FIELDS)]
    if not psql:
        for row in rows:
            out('  '.join(value.ljust(w) for value, w in zip(row, width)).rstrip() + '\n')
        return
    out(' ' + ' | '.join(field.center(w) for field, w in zip(FIELDS, width)) + ' \n')
    out('-' + '-+-'.join('-' * w for w in width) + '-\n')
    for row in rows:
        out(' ' + ' | '.join(value.ljust(w) for value, w in zip(row, width)) + ' \n')
    out('(%d rows)\n\n' % len(rows))


def write_csv(rows, out):
    out(','.join(FIELDS) + '\n')
    for row in rows:
        out(','.join(row) + '\n')


WRITERS = {'json': write_json, 'ncdu': write_ncdu, 'csv': write_csv,
           'txt': lambda rows, out: write_padded(rows, out, False), 'psql': lambda rows, out: write_padded(rows, out, True),
           'names': lambda rows, out: out(''.join(row[0] + '\n' for row in rows))}


def make(n, form, path):
    with open(path, 'w') as file:
        WRITERS[form](buckets(n), file.write)
    return path


if __name__ == '__main__':
    if len(sys.argv) != 3 or sys.argv[2] not in WRITERS:
        sys.exit(__doc__)
    WRITERS[sys.argv[2]](buckets(int(sys.argv[1])), sys.stdout.write)
