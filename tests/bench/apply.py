#!/usr/bin/python3
"""1,000 changes by `pail apply` beside a shell loop of as many curl calls, against bucketd on loopback.
usage: tests/bench/apply.py BUILD [CHANGES]

Both take turns in one run and set the endpoint of every entry to something new: a modify each. pail reads the file and
the table, makes the changes, and reads the table again to see what came of them; curl just sends. What is printed is the
median of five and its spread, and the ratio of the medians; the goal is 1/10. Nothing here fails a test.
"""
import json, os, shutil, statistics, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), 'e2e'))
from service import Bucketd, write_private

BUILD = os.path.abspath(sys.argv[1])
CHANGES = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
ROUNDS, GOAL = 5, 0.1
LOOP = 'while read -r body; do curl -sS -o /dev/null -H @header -d "$body" %s/add-mod-del-bucket || exit 1; done <bodies'


def entries(round):
    return [{'bucketname': 'bench-%05d' % i, 'cloud': 'minio', 'accessKeyId': 'AKIA%05d' % i,
             'endpoint': 'https://%s.example.com' % round} for i in range(CHANGES)]


def timed(command, **how):
    start = time.monotonic()
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **how)
    spent = time.monotonic() - start
    if done.returncode:
        sys.exit('%s: status %d\n%s' % (command[0], done.returncode, done.stdout.decode()[-2000:]))
    return spent


def by_pail(service, folder, round):
    path = write_private(os.path.join(folder, 'state.json'), json.dumps(entries(round)))
    env = dict(os.environ, HOME=folder, XDG_STATE_HOME=folder, INFINSTOR_TOKEN_FILE_DIR=service.token_dir)
    return timed([os.path.join(BUILD, 'pail'), '--url', service.url, 'apply', path, '--yes'], env=env)


def by_curl(service, folder, round):
    bodies = ['op=modify&bucketname=%(bucketname)s&endpoint=%(endpoint)s\n' % entry for entry in entries(round)]
    write_private(os.path.join(folder, 'bodies'), ''.join(bodies))
    write_private(os.path.join(folder, 'header'), 'Authorization: %s\n' % service.admin)
    return timed(['sh', '-c', LOOP % service.url], cwd=folder)


def check(service, round):
    """That it was done."""
    wrong = sum(entry['endpoint'] != 'https://%s.example.com' % round for entry in service.listing())
    if wrong:
        sys.exit('%s: %d of %d entries are not as they should be' % (round, wrong, CHANGES))


def line(name, values):
    print('%-44s %8.3f s  (%.3f-%.3f)' % (name, statistics.median(values), min(values), max(values)))


def main():
    folder = tempfile.mkdtemp(prefix='pail-bench-')
    ways = {'pail': by_pail, 'curl': by_curl}
    spent = {name: [] for name in ways}
    try:
        with Bucketd(BUILD, seed=entries('seed')) as service:
            for number in range(ROUNDS):
                for name, way in ways.items():
                    round = '%s-%d' % (name, number)
                    spent[name].append(way(service, folder, round))
                    check(service, round)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    line('pail apply, %d changes' % CHANGES, spent['pail'])
    line('shell loop of %d curl calls' % CHANGES, spent['curl'])
    ratio = statistics.median(spent['pail']) / statistics.median(spent['curl'])
    print('%-44s %8.3f    (goal: %.2f)' % ('ratio', ratio, GOAL))


if __name__ == '__main__':
    main()
