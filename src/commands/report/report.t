#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What was kept is shown in one file, or told to other programs.

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
unset MAKEFLAGS MAKELEVEL MFLAGS KILN_LOCK

o="$tmp/a lab"
mkdir -p "$o/host"
ln -s "$LAB/host/results" "$o/host/"

# report WORD... - sets $status
report()
{
	src/commands/report/report "$o" "$@" >"$tmp/said" 2>"$tmp/error"
	status=$?
}

report
is 'a lab without results is told what makes some' "$status-$(grep -c "^report: nothing is kept in .*make test" "$tmp/error")" 1-1
for one in 1 2 3; do
	"$o/host/results" note "$o/results/test.jsonl" goal=test job=j$one test='<b>hello</b>' verdict=passed 'why=</script><script>x</script>'
done
"$o/host/results" note "$o/results/run.jsonl" goal=run job=r test=true verdict=fails why=never

report
page=$o/report/index.html
is 'the page is named' "$status $(<"$tmp/said")" "0 $page"
is '... it has all results' "$(sed -n 's/.*id="brief">\(.*\)<\/script>/\1/p' "$page" | jq '.rows | length')" 4
is '... needs no other file' "$(grep -cE '<link|<script[^>]* src=|@import|url\(|https?://[^"]*\.(js|css|png|woff)' "$page")" 0
is '... and is no markup of its guest' "$(grep -o '<script[^>]*>' "$page" | sort)" '<script type="application/json" id="brief">
<script type="text/plain" id="lines">
<script>'
mkdir "$o/boot-chart"
echo '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"></svg>' >"$o/boot-chart/boot-chart.svg"
report
is 'the chart of the boot is in it, as a picture' "$(grep -c '<img .*src="data:image/svg+xml;base64,' "$page") $(grep -c onload "$page")" '1 0'

report junit
is 'FORMAT=junit is another file' "$(xmllint --xpath 'count(//testcase)' "$(<"$tmp/said")")" 4
KILN_ORIGIN=my_ci report kcidb
is '... FORMAT=kcidb, too' "$(jq -r '[.tests[].origin] | unique | join(" ")' "$(<"$tmp/said")")" my_ci
report html
is '... and html is the page' "$status $(<"$tmp/said")" "0 $page"
for words in 'yaml:kiln:FORMAT=yaml' 'kcidb:My CI:ORIGIN=My CI'; do
	IFS=: read -r format origin message <<<"$words"
	KILN_ORIGIN=$origin report "$format"
	is "$message is refused in a sentence" "$status-$(grep -c "^report: $message: must" "$tmp/error")-$(wc -l <"$tmp/error")" 1-1-1
done
make -s doctor JSON=1 O="$tmp/none" >"$tmp/doctor" 2>/dev/null
is 'the doctor is JSON, too' "$(jq -r '[.v, .goal, (.ok | type), (.items | type)] | join(" ")' "$tmp/doctor")" '1 doctor boolean array'
is 'make passes it all on' "$(make -s report O="$LAB" FORMAT=yaml 2>&1 | grep -c 'FORMAT=yaml: must be html')" 1

finish
