#!/usr/bin/python3
"""Check that arrows only point down (doc/architecture.md) and that each library is known to one room only."""
import os, re, sys

KNOWS = {  # a room: the rooms it may include
    'base': 'base',
    'buckets': 'base buckets',
    'settings': 'base buckets settings',
    'service': 'base buckets service',
    'bucketd': 'base buckets bucketd',
    'session': 'base buckets settings service session',
    'cli': 'base buckets settings service session cli',
    'ui': 'base buckets settings service session ui',
}
LIBRARY = {  # a header: the places that may include it
    r'curl/': r'src/service/http\.c$',
    r'(ncursesw/)?(n?curses|term|panel|form|menu)\.h': r'(src|include/pail)/ui/',
    r'libconfig': r'src/settings/',
    r'microhttpd': r'src/bucketd/',
    r'sqlite3': r'src/bucketd/',
    r'jansson': r'(src|include/pail)/(buckets|service|bucketd|session|cli)/',
}
LINES = 800


def main():
    bad = []
    for top in ('src', 'include/pail'):
        for folder, _, files in os.walk(top):
            room = os.path.relpath(folder, top).split(os.sep)[0]
            for name in files:
                path = os.path.join(folder, name)
                if not name.endswith(('.c', '.h')):
                    continue
                text = open(path).read()
                if text.count('\n') > LINES:
                    bad.append('%s: over %d lines' % (path, LINES))
                for other in re.findall(r'#include "pail/(\w+)/', text):
                    if room in KNOWS and other not in KNOWS[room].split():
                        bad.append('%s: %s/ must not know %s/' % (path, room, other))
                for header in re.findall(r'#include <([^>]+)>', text):
                    for pattern, where in LIBRARY.items():
                        if re.match(pattern, header) and not re.match(where, path):
                            bad.append('%s: <%s> is not for this room' % (path, header))
    print('\n'.join(bad) if bad else 'arrows: clean')
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
