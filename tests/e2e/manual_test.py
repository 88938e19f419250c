#!/usr/bin/python3
"""The manual pages against what the programs say of themselves."""
import os, re, subprocess, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tap

BUILD = os.path.abspath(sys.argv[1])
DOC = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), 'doc')


def says(program, *words):
    done = subprocess.run([os.path.join(BUILD, program), *words], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=20)
    assert done.returncode == 0 and not done.stderr, done
    return done.stdout


def page(name, section):
    with open(os.path.join(DOC, name)) as file:
        found = re.search(r'^\.Sh %s\n(.*?)(?=^\.Sh |\Z)' % section, file.read(), re.M | re.S)
    assert found, section
    return found.group(1)


def options(text, pattern):
    """{name: whether it takes a value}"""
    return {name: bool(value) for name, value in re.findall(pattern, text, re.M)}


def test_pail_has_the_options_of_its_manual():
    helped = options(says('pail', '--help'), r'^ +--([a-z-]+)(?: +([A-Z]+))?')
    assert len(helped) >= 8, helped
    assert options(page('pail.1', 'OPTIONS'), r'^\.It Fl -([a-z-]+)( Ar \w+)?$') == helped
    assert options(page('pail.1', 'SYNOPSIS'), r'Fl -([a-z-]+)( Ar \w+)?') == helped


def test_bucketd_has_the_options_of_its_manual():
    helped = set(re.findall(r'--([a-z-]+)', says('bucketd', '--help'))) - {'help', 'version'}
    assert 'db' in helped, helped
    assert set(re.findall(r'^\.It Fl -([a-z-]+)', page('bucketd.1', 'DESCRIPTION'), re.M)) == helped


def test_pail_has_the_themes_of_its_manual():
    shipped = {name[:-6] for name in os.listdir(os.path.join(os.path.dirname(DOC), 'themes'))}
    assert set(re.findall(r'^\.Cm ([a-z-]+)', page('pail.1', 'THEMES'), re.M)) == shipped
    assert shipped <= set(re.findall(r'[a-z-]+', says('pail', '--help')))


def refuses(example):
    """What pail says of a configuration, when it is asked for a profile that isn't there."""
    path = os.path.join(BUILD, 'manual-example.conf')
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 'w') as file:
            file.write(example)
        done = subprocess.run([os.path.join(BUILD, 'pail'), '--config', path, '--profile', 'nosuch'],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
    finally:
        os.unlink(path)
    assert done.returncode == 2, done
    return done.stderr


def test_pail_takes_the_configurations_that_are_shown():
    in_manual = re.search(r'^\.Bd .*?\n(.*?)^\.Ed', page('pail.1', 'CONFIGURATION'), re.M | re.S).group(1)
    with open(os.path.join(os.path.dirname(DOC), 'README.md')) as file:
        in_readme = re.search(r'^```\n(default_profile.*?)^```', file.read(), re.M | re.S).group(1)
    for example in (in_manual, in_readme):
        assert refuses(example) == 'pail: there is no profile "nosuch"\n', refuses(example)
    assert ':1: ' in refuses('nosuch = 1;')


def test_pail_has_the_commands_of_its_manual():
    script = says('pail', 'completion', 'bash')
    commands = re.search(r'^    ::0\) _pail_say (.*) ;;$', script, re.M).group(1).split()
    text = page('pail.1', 'COMMANDS')
    assert len(commands) >= 8 and set(re.findall(r'^\.It Ic ([a-z]+)', text, re.M)) == set(commands), commands
    flags = {}
    for command in commands:
        flags.update(options(says('pail', command, '--help'), r'^ +--([a-z-]+)(?: +([A-Z]+))?'))
    del flags['help']
    assert options(text, r'^\.It Fl -([a-z-]+)( Ar \S+)?$') == flags


def test_help_names_the_words_that_a_flag_takes():
    for command, words in (('list', 'how to print it: table json csv tsv'), ('show', 'how to print it: text json'),
                           ('policy', 'how to print it: console aws-cli json'), ('add', 'Cloud: aws azure minio other'),
                           ('list', 'sort by this column: bucketname cloud access'), ('add', 'add NAME --cloud CLOUD')):
        text = says('pail', command, '--help')
        assert words in re.sub(r'\s+', ' ', text), text
        assert all(len(line) <= 80 for line in text.splitlines()), text


def test_pail_has_the_exit_statuses_of_its_manual():
    helped = re.findall(r'^ +(\d)  (.+)$', says('pail', '--help'), re.M)
    in_manual = re.findall(r'^\.It (\d)\n(.+)\.$', page('pail.1', 'EXIT STATUS'), re.M)
    assert len(helped) == 10 and [(status, text[0].lower() + text[1:]) for status, text in in_manual] == helped, in_manual


if __name__ == '__main__':
    tap.main(globals())
