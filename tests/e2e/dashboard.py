"""What the tests of the dashboard share: a token file of their own, and pail on a pty."""
import os, shutil, sys, tempfile

from service import token_file, write_private
from tui import Tui

BUILD = sys.argv[1]
PAIL = os.path.join(BUILD, 'pail')


class TokenFolder:
    def __init__(self, token='admin-token', mode=0o600):
        self.path = tempfile.mkdtemp(prefix='pail-token-')
        self.file = write_private(os.path.join(self.path, 'token'), token_file(token))
        os.chmod(self.file, mode)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)


def pail(url, token_dir, *options, env=None, **size):
    return Tui([PAIL, '--url', url, *options], env=dict({'INFINSTOR_TOKEN_FILE_DIR': token_dir}, **(env or {})), **size)
