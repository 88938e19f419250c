#!/usr/bin/python3
"""bucketd ends while a change is under way, and comes back: in the demo, as doc/reliability.md tells people to do it."""
import json, os, shutil, subprocess, sys, tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tap
from tui import Tui

DEMO = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'demo')
ENDPOINT = 'https://s3.us-east-1.amazonaws.com'


class Demo:
    """pail in the demo on a pty, in a folder of its own."""

    def __init__(self, build):
        self.dir = tempfile.mkdtemp(prefix='outage-')
        for name in ('bucketd', 'pail'):
            os.symlink(os.path.join(os.path.abspath(build), name), os.path.join(self.dir, name))

    def __enter__(self):
        self.tui = Tui([os.path.join(DEMO, 'run'), self.dir])
        self.tui.wait_for('as of')
        return self

    def __exit__(self, *why):
        try:
            self.tui.__exit__(*why)
        finally:
            shutil.rmtree(self.dir, ignore_errors=True)

    def service(self, what, status=0):
        done = subprocess.run([os.path.join(DEMO, 'service'), what, self.dir], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=30)
        assert done.returncode == status, (what, done)
        return done.stdout.decode()

    def send_a_change(self):
        self.tui.keys('/customer-uploads<Enter>')
        self.tui.wait_for('1 of 60')
        self.tui.keys('e')
        self.tui.wait_for('edit customer-uploads')
        self.tui.keys(ENDPOINT + '<F2>')
        self.tui.wait_for('nothing was sent yet')
        self.tui.keys('<Enter>')
        self.tui.wait_for('sending ...')

    def states(self):
        """The change's outcomes in the journal, one after the other."""
        with open(os.path.join(self.dir, 'demo', 'state', 'pail', 'journal.jsonl')) as journal:
            return [record['state'] for record in map(json.loads, journal) if record['kind'] == 'outcome']

    def leave_unknown(self, how):
        """A change whose outcome is unknown, since the service is gone; the list is shown."""
        self.service('slow')
        self.send_a_change()
        self.service(how)
        self.tui.wait_for('unknown: connection closed before the answer')
        self.tui.keys('<Enter>')
        self.tui.wait_for('edit customer-uploads')  # what was typed is still there
        self.tui.keys('<Escape><Tab><Enter>')
        self.tui.wait_for('▌?customer-uploads')
        self.tui.wait_for('1 of 60, 1 ?')


def test_what_was_carried_out_settles_as_applied(build):
    with Demo(build) as demo:
        demo.leave_unknown('stop')
        demo.service('start')
        demo.tui.wait_for('customer-uploads: applied: the table shows it')
        assert '?customer' not in demo.tui.text() and 'https://s3.us-east-1' in demo.tui.text()
        assert demo.states() == ['unknown', 'applied']


def test_what_was_lost_settles_as_not_applied(build):
    with Demo(build) as demo:
        demo.leave_unknown('kill')
        demo.service('start')
        demo.tui.wait_for('customer-uploads: not applied')
        assert '?customer' not in demo.tui.text() and 'https://' not in demo.tui.text()
        assert demo.states() == ['unknown', 'refused']


def test_service_needs_a_demo(build):
    with Demo(build) as demo:
        assert 'usage' in demo.service('what', 2)
        demo.tui.keys('q')
        demo.tui.wait_end()
        assert 'No demo is running' in demo.service('start', 1)


if __name__ == '__main__':
    tap.main(globals(), os.path.abspath(sys.argv[1]))
