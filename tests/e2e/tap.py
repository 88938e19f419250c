"""Runs the functions of a test file whose names begin with test_, and prints TAP."""
import sys, traceback, unittest


def main(tests, *args):
    """tests: globals() of the file; the words after the build directory choose tests by name."""
    tests = [(name, value) for name, value in tests.items() if name.startswith('test_') and callable(value)]
    wanted = sys.argv[2:]
    failed = 0
    for number, (name, test) in enumerate(tests, 1):
        if wanted and not any(word in name for word in wanted):
            continue
        try:
            test(*args)
            print('ok %d - %s' % (number, name), flush=True)
        except unittest.SkipTest as why:
            print('ok %d - %s # SKIP %s' % (number, name, why), flush=True)
        except Exception:
            failed += 1
            print('not ok %d - %s\n%s' % (number, name, traceback.format_exc()), flush=True)
    sys.exit(1 if failed else 0)
