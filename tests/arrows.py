#!/usr/bin/python3
"""Check that arrows only point down (doc/architecture.md), that each library is known to one room only, and that
doc/CODE-MAP.md has every file."""
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
    r'curl/': r'src/service/http_internal\.h$',
    r'(ncursesw/)?(n?curses|term|panel|form|menu)\.h': r'(src|include/pail)/ui/',
    r'openssl': r'src/base/sha256\.c$',
    r'libconfig': r'src/settings/',
    r'microhttpd': r'src/bucketd/',
    r'sqlite3': r'src/bucketd/',
    r'jansson': r'(src|include/pail)/(buckets|service|bucketd|session|cli)/',
}
PRIVATE = {  # a header beside its code: the files that may include it
    'http_internal.h': r'src/service/http(_\w+)?\.c$',
}
LINES = 800


def code_map():
    """Files that the map leaves out, and names in it that are no file."""
    have = {(os.path.relpath(folder, 'src'), name[:-2]) for folder, _, files in os.walk('src')
            for name in files if name.endswith('.c')}
    listed, room = set(), None
    for line in open('doc/CODE-MAP.md'):
        if line.startswith('## '):
            room = line[3:].split(':')[0].strip()
            room = {'src/': '.', 'tests/': None}.get(room, room)
        found = re.match(r'- `(\w+)`', line)
        if found and room:
            listed.add((room, found.group(1)))
    return (['doc/CODE-MAP.md lacks %s/%s' % file for file in sorted(have - listed)] +
            ['doc/CODE-MAP.md has %s/%s, which is no file' % file for file in sorted(listed - have)])


def main():
    bad = code_map()
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
                for header in re.findall(r'#include "(?:[^"]*/)?([^"/]+)"', text):
                    if header in PRIVATE and not re.match(PRIVATE[header], path):
                        bad.append('%s: "%s" is not for this file' % (path, header))
    print('\n'.join(bad) if bad else 'arrows: clean')
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
