#!/usr/bin/python3
"""bucketd over real HTTP: InfinStor's page as the specification."""
import os, sys, traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from service import Bucketd

EXAMPLE_1 = 'op=add&bucketname=testb3&endpoint=&accessKeyId=&secretAccessKey=&accessRole=aaaa&accessRoleExt=bbbb'


def test_example_1_adds_an_entry(build):
    with Bucketd(build) as service:
        assert service.change(EXAMPLE_1).status == 200
        assert service.entry('testb3')['accessRole'] == 'aaaa'
        assert service.stop() == 0


def main():
    failed = 0
    tests = [(name, test) for name, test in globals().items() if name.startswith('test_')]
    print('1..%d' % len(tests))
    for number, (name, test) in enumerate(tests, 1):
        try:
            test(os.path.abspath(sys.argv[1]))
            print('ok %d - %s' % (number, name[5:].replace('_', ' ')), flush=True)
        except Exception:
            failed = 1
            print('not ok %d - %s\n%s' % (number, name[5:].replace('_', ' '), traceback.format_exc()), flush=True)
    return failed


if __name__ == '__main__':
    sys.exit(main())
