#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Results are kept whatever happens to their writers, and told in the forms of others, whatever
# a guest has printed.
#
# shellcheck disable=SC2016,SC2317 # jq's; ok calls functions

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

results=$LAB/host/results
needed=(goal=test job=j1 test=hello)
file=$tmp/kept/deep/test.jsonl

# run NAME OUTCOME [SPLAT] - the folder of a run that ended so
run()
{
	mkdir -p "$tmp/$1"
	printf '{ "outcome": "%s", "status": 7, "reason": "it ended with status 7", "seconds": 1.5, "start": "state", "splats": [%s] }\n' \
		"$2" "${3-}" >"$tmp/$1/result.json"
}

# of FILTER [FILE] - what jq makes of the last line that was kept
of() { tail -n 1 "${2:-$file}" | jq -r "$1"; }

run good passed
"$results" -r "$tmp/good" note "$file" "${needed[@]}"
is 'a run that passed is a line' "$(of '[.v, .goal, .job, .test, .verdict, .status, .seconds, .start] | join(" ")')" \
	'1 test j1 hello passed 7 1.5 state'
mkdir -p "$tmp/lab/"{vm,linux/build/include/config}
printf '%s\n' 'processor_name := arm64' 'processor_kernel := linux/Image' >"$tmp/lab/vm/processor"
echo 6.12.1 >"$tmp/lab/linux/build/include/config/kernel.release"
echo CONFIG_A=y >"$tmp/lab/linux/build/.config"
echo kernel >"$tmp/lab/linux/Image"
"$results" -l "$tmp/lab" -r "$tmp/good" note "$file" "${needed[@]}"
is '... with its kernel' "$(of '[.kernel, .arch, (.build | length), (.config | length)] | join(" ")')" '6.12.1 arm64 32 32'
run bad failed
printf '%s\r\n' 'KTAP version 1' '1..3' 'ok 1 - it loads' 'not ok 2 it reads # why ever' 'ok 3 - it sings # SKIP no voice' >"$tmp/tap"
"$results" -r "$tmp/bad" -t "$tmp/tap" note "$file" "${needed[@]}"
is '... one that failed has its tests' "$(of '[.verdict, .why] + [.cases[] | .name + " " + .verdict, .why // empty] | join(",")')" \
	'fails,it ended with status 7,it loads passed,it reads # why ever fails,it sings skipped,no voice'
is '... and what was said last' "$(of .excerpt | grep . | tail -n 1 | cut -c 1-11)" 'ok 3 - it s'
printf '%s\n' '    KTAP version 1' '    # Subtest: list' '    1..2' '    ok 1 one' '    not ok 2 two' 'not ok 1 list' >"$tmp/nested"
"$results" -t "$tmp/nested" note "$file" "${needed[@]}" verdict=fails
is '... what sums up others is no test' "$(of '[.cases[].name] | join(" ")')" 'one two'

run splat complained '{ "kind": "warning", "title": "WARNING: in core", "times": 2, "lines": [ "WARNING: in core", " a+0x1/0x2" ] }'
{
	for ((i = 0; i < 30; i++)); do printf '[    0.%03d] line %d\r\n' $i $i; done
	printf '%s\r\n' '[    1.000] WARNING: in core' '[    1.001]  a+0x1/0x2' '[    1.002] after'
} >"$tmp/splat/console.log"
"$results" -r "$tmp/splat" note "$file" "${needed[@]}"
is 'a splat is its verdict' "$(of '[.verdict, .why, .splats[0].times] | join(",")')" 'splat,WARNING: in core,2'
is '... with the lines before it, and marked' "$(of '.marked as $m | .excerpt | split("\n") | [length, .[0], .[$m[0] - 1], .[$m[1] - 1]] | join("|")')" \
	'15|[    0.018] line 18|WARNING: in core| a+0x1/0x2'
run killed failed '{ "kind": "oops", "title": "BUG: null", "times": 1, "lines": [ "BUG: null" ] }'
"$results" -r "$tmp/killed" note "$file" "${needed[@]}"
is '... also of a command that failed by it' "$(of '[.verdict, .why] | join(",")')" 'splat,BUG: null'
head -c 100000 /dev/zero | tr '\0' 'x' >"$tmp/splat/console.log"
"$results" -r "$tmp/splat" note "$file" "${needed[@]}"
is '... not without end' "$(of '.excerpt | length <= 16384')" true
run gone interrupted
ok 'a run that was interrupted is no result' test "$("$results" -r "$tmp/gone" note "$file" "${needed[@]}" 2>&1)" = \
	"results: $file: the run was interrupted: it ended with status 7"

# Fields, as the page for people has them
is 'each field stands in docs/results.md' "$(sed -n 's/^\t{ "\([a-z]*\)", SCHEMA_.*/\1/p' src/results/schema.c | while read -r field; do
	grep -q "^| .*\`$field\`.* |" docs/results.md || echo "$field"
done)" ''
is '... and each verdict' "$(sed -n 's/^\t{ "\([a-z ]*\)", .*/\1/p' src/results/verdict.c | while read -r word; do
	grep -q "^| \`$word\`" docs/results.md || echo "$word"
done)" ''
bad=0
for line in '{"v":1}' '{"v":2,"time":1,"goal":"g","job":"j","test":"t","verdict":"passed"}' 'no JSON' \
	'{"v":1,"time":1,"goal":"g","job":"j","test":"t","verdict":"great"}' \
	'{"v":1,"time":"1","goal":"g","job":"j","test":"t","verdict":"passed"}' \
	'{"v":1,"time":1,"goal":"g","job":"j","test":"t","verdict":"passed","cases":[{"name":"a"}]}' \
	'{"v":1,"time":1,"goal":"g","job":"j","test":"t","verdict":"passed","marked":[2,1]}'; do
	echo "$line" >"$tmp/line"
	"$results" check "$tmp/line" 2>/dev/null || bad=$((bad + 1))
done
is 'what is none of them is found' "$bad" 7
echo '{"v":1,"time":1,"goal":"g","job":"j","test":"t","verdict":"passed","later":[1]}' >"$tmp/line"
ok '... but a field that is not known is none of its business' "$results" check "$tmp/line"
for words in 'goal=test' 'job=a test=b goal=c' "${needed[*]} verdict=great" "${needed[*]} verdict=passed nothing=1" \
	"${needed[*]} verdict=passed status=x"; do
	read -ra given <<<"$words"
	"$results" note "$tmp/none" "${given[@]}" 2>"$tmp/said"
	is "a sentence for ${words: -12}" "$?-$(wc -l <"$tmp/said")" 1-1
done
ok '... and nothing is kept' test ! -e "$tmp/none"

printf '%s\n' '{"test":"list","verdict":"crashes","job":"mine"}' '{"test":"sort","verdict":"never ran"}' |
	"$results" add "$tmp/added" goal=kunit job=j2
is 'lines of other programs are completed' "$("$results" lines "$tmp/added" | jq -r '[.v, .goal, .job, .test, .verdict] | join(" ")')" \
	'1 kunit mine list crashes
1 kunit j2 sort never ran'
echo '{"test":"list"}' | "$results" add "$tmp/added" goal=kunit job=j2 2>"$tmp/said"
is '... or refused' "$?-$(<"$tmp/said")-$(grep -c . "$tmp/added")" "1-results: $tmp/added: it has no verdict-2"

# Writers beside each other, and some that are killed
many=$tmp/many
long=$(head -c 8000 /dev/zero | tr '\0' 'y')
write_many()
{
	local i

	for ((i = 0; i < 40; i++)); do
		"$results" note "$many" "${needed[@]}" verdict=passed "why=$1.$i $long"
	done
}
writers=()
for one in 1 2 3 4; do
	write_many $one &
	writers+=($!)
done
wait "${writers[@]}"
is 'writers do not mix' "$(jq -r .why "$many" | cut -d ' ' -f 1 | sort -u | wc -l) $("$results" check "$many" 2>&1)" '160 '
head -c 500 "$many" >"$tmp/torn"
"$results" note "$tmp/torn" "${needed[@]}" verdict=passed
is 'after one that was cut off there is a line of its own' \
	"$("$results" lines "$tmp/torn" | grep -c '"verdict":"passed"') $(wc -l <"$tmp/torn")" '1 2'
cp "$many" "$tmp/full"
(
	trap '' XFSZ
	ulimit -f $(($(stat -c %s "$many") / 1024 + 4))
	"$results" note "$tmp/full" "${needed[@]}" verdict=passed "why=$long"
) 2>"$tmp/said"
is 'a full disk is told' "$?-$(grep -c 'No space left' "$tmp/said")" 1-1
ok '... and leaves all as it was' cmp "$many" "$tmp/full"

# Each byte that a guest may print, alone and after one that begins a character
all=$tmp/all
perl -e 'for $a ("", "\xc3", "\xf0\x9f", "&", "<!--", "</script>", "]]>", "\\u003c") { print $a, chr($_), "<b>\n" for 0 .. 255 }' >"$tmp/bytes"
{ echo 'not ok 1 - a'; cat "$tmp/bytes"; } >"$tmp/tap"
perl -ne 'print "ok ", $., " - $_"' "$tmp/bytes" >>"$tmp/tap"
"$results" -r "$tmp/bad" -t "$tmp/tap" -o "$tmp/bytes" -p note "$all" "${needed[@]}" "repeat=make run CMD='<&>\"'" \
	"why=$(tr -d '\0' <"$tmp/bytes")" >"$tmp/printed"
ok 'all bytes are kept as JSON in UTF-8' jq -e 'select(.verdict == "fails")' "$all"
is '... in one line' "$(wc -l <"$all") $(iconv -f UTF-8 -t UTF-8 "$all" | wc -l)" '1 1'
is '... and can be told apart' "$(jq -r '.stdout | [.bytes, (.first | split("<b>")[129]), (.first | contains("\\x00"))] | map(tostring | rtrimstr("\n") | ltrimstr("\n")) | join(" ")' "$tmp/printed")" \
	"$(stat -c %s "$tmp/bytes") \\x81 true"
"$results" junit "$file" "$all" "$many" >"$tmp/junit.xml"
ok 'JUnit is XML' xmllint --noout "$tmp/junit.xml"
is '... with a case for each test' "$(xmllint --xpath 'count(//testcase)' "$tmp/junit.xml")" \
	"$(cat "$file" "$all" "$many" | jq -s 'map([(.cases | length), 1] | max) | add')"
is '... as its suites count them' "$(xmllint --xpath 'sum(//testsuite/@tests)' "$tmp/junit.xml") $(xmllint --xpath \
	'sum(//testsuite/@failures)' "$tmp/junit.xml")" \
	"$(xmllint --xpath 'count(//testcase)' "$tmp/junit.xml") $(xmllint --xpath 'count(//failure)' "$tmp/junit.xml")"

# What KCIDB has of such objects in version 5.3: fields, which are needed, statuses, forms
cat >"$tmp/kcidb.py" <<'END'
import json, re, sys
report = json.load(open(sys.argv[1]))
status = {"FAIL", "ERROR", "MISS", "PASS", "DONE", "SKIP"}
time = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00"
known = {
    "checkouts": ({"id", "origin"}, {"git_commit_hash", "comment", "valid"}),
    "builds": ({"id", "checkout_id", "origin"}, {"status", "architecture", "comment", "misc", "log_excerpt"}),
    "tests": ({"id", "build_id", "origin"},
              {"path", "status", "comment", "start_time", "duration", "log_excerpt", "misc"}),
}
assert set(report) == {"version", *known} and report["version"] == {"major": 5, "minor": 3}
for kind, (needed, other) in known.items():
    assert report[kind]
    ids = [one["id"] for one in report[kind]]
    assert len(set(ids)) == len(ids), kind
    for one in report[kind]:
        assert needed <= set(one) <= needed | other, one
        assert all("\0" not in v for v in one.values() if isinstance(v, str))
        assert all(re.fullmatch("[a-z0-9_]+:.+", one[k]) for k in one if k == "id" or k.endswith("_id"))
        assert one["id"].startswith(one["origin"] + ":")
        assert one.get("status", "PASS") in status and len(one.get("log_excerpt", "")) <= 16384
        assert re.fullmatch(time, one.get("start_time", "2026-11-29T10:00:00.000+00:00"))
        assert re.fullmatch(r"[a-zA-Z0-9_-]+(\.[a-zA-Z0-9_-]+)*", one.get("path", "a.b")), one["path"]
        assert re.fullmatch("[0-9a-f]{40}", one.get("git_commit_hash", "0" * 40))
assert {b["checkout_id"] for b in report["builds"]} <= {c["id"] for c in report["checkouts"]}
assert {t["build_id"] for t in report["tests"]} <= {b["id"] for b in report["builds"]}
print(*(t["status"] for t in report["tests"][:6]), *(b["status"] for b in report["builds"][-2:]))
END
{
	cat "$file" "$all"
	echo '{"v":1,"time":1e10,"goal":"series","job":"c","test":"boot","commit":"0123456789012345678901234567890123456789","verdict":"no build","why":"lib/sort.c:1:1: error"}'
} >"$tmp/some"
"$results" -O my_ci kcidb "$tmp/some" >"$tmp/kcidb.json"
is 'KCIDB can read what is for it' "$(python3 "$tmp/kcidb.py" "$tmp/kcidb.json" 2>&1)" 'PASS PASS FAIL PASS FAIL SKIP PASS FAIL'

"$results" page "$file" "$all" >"$tmp/page"
is 'on the page no text of a guest is markup' "$(grep -o '<[^>]*>' "$tmp/page" | sort | uniq -c | awk '{ $1 = $1 } 1')" \
	'2 </script>
1 <script type="application/json" id="brief">
1 <script type="text/plain" id="lines">'
is '... and is the same' "$(sed -n 's/.*id="lines">//; /^{/p' "$tmp/page" | tail -n 1 | jq -S -c .)" "$(jq -S -c . "$all")"

finish
