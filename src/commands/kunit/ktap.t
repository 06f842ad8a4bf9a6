#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What Ktap.pm says of a log is what the kernel's own kunit.py does: of recorded logs and
# variations of them, src/test/corpus/kunit/*.log.  What that said is in the file `verdicts'
# beside them, and asked again where there is a python: each test of each log.
#
# shellcheck disable=SC2016,SC2317 # perl expands; ok calls functions

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

logs=(src/test/corpus/kunit/*.log)
parser=$LINUX/tools/testing/kunit

# ours LOG... - prints LOG, TAB, status, TAB, names from the outermost on
ours()
{
	perl -Isrc/commands/kunit -MKtap -MFile::Basename -e '
		sub show
		{
			my ($log, $test, $above) = @_;
			print join("\t", $log, $test->{status}, $above . $test->{name}), "\n";
			show($log, $_, "$above$test->{name}/") for @{$test->{tests}};
		}
		show(basename($_), Ktap::read(Ktap::lines_of($_)), "") for @ARGV' "$@"
}

theirs()
{
	PYTHONDONTWRITEBYTECODE=1 python3 - "$@" <<-'END'
		import contextlib, io, os, sys
		sys.path.insert(0, sys.argv[1])
		said = io.StringIO()
		with contextlib.redirect_stdout(said):
		    import kunit_parser
		words = {'SUCCESS': 'passed', 'FAILURE': 'failed', 'SKIPPED': 'skipped', 'TEST_CRASHED': 'crashed',
		         'NO_TESTS': 'no tests', 'FAILURE_TO_PARSE_TESTS': 'no results'}
		def show(log, test, above):
		    print(log, words[test.status.name], above + test.name, sep='\t')
		    for sub in test.subtests:
		        show(log, sub, above + test.name + '/')
		for name in sys.argv[2:]:
		    with open(name, errors='backslashreplace') as file:
		        lines = file.read().splitlines()
		    with contextlib.redirect_stdout(said):
		        test = kunit_parser.parse_run_tests(lines)
		    if test.name == '<missing>':
		        test.name = 'main'
		    show(os.path.basename(name), test, '')
	END
}

ok "there are ${#logs[@]} logs" test ${#logs[@]} -ge 20
ours "${logs[@]}" >"$tmp/ours"
ok 'each test of each has the verdict of kunit.py' diff src/test/corpus/kunit/verdicts "$tmp/ours"

# Its own examples, and logs cut at many lines: no end of a machine is taken for a success.
# Another version of it may know more.
version=$(sed -nE 's/^(VERSION|PATCHLEVEL) = //p' "$LINUX/Makefile" | paste -sd .)
if command -v python3 >/dev/null && [ "$version" = 6.12 ]; then
	mkdir "$tmp/logs"
	cp "${logs[@]}" "$parser"/test_data/*.log "$tmp/logs/"
	for log in "${logs[@]}"; do
		name=$(basename "$log" .log)
		for ((n = 1; n < $(wc -l <"$log") && n < 60; n += 3)); do
			head -n $n "$log" >"$tmp/logs/$name-$n.log"
		done
	done
	theirs "$parser" "$tmp"/logs/*.log >"$tmp/theirs" 2>"$tmp/error" || cat "$tmp/error"
	ours "$tmp"/logs/*.log >"$tmp/ours"
	ok "... and so have $(find "$tmp/logs" -type f | wc -l) of the kernel's own and of those cut short" \
		diff "$tmp/theirs" "$tmp/ours"
fi
finish
