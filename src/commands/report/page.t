#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The page of make report in a browser: it is quick with many results, shows what a guest has
# printed and never does it, and can be used by keyboard, on a small screen, by day and night.
#
# Needs: full
#
# shellcheck disable=SC2016 # the page's

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

browser=$(command -v chromium) || skip_all 'there is no chromium to look at the page with (package chromium)'

# browse SCHEME SLOWER WIDTH SCRIPT - sets $value; all that was found is in $tmp/found
browse()
{
	timeout 600 src/commands/report/browse.py "$browser" "$tmp/browser" "file://$page" "$3" 800 "$1" "$2" "$4" >"$tmp/found" ||
		sed 's/^/# /' "$tmp/found"
	value=$(jq -r .value "$tmp/found")
}

# lab NAME - one that has only results; its page is $page
lab()
{
	o=$tmp/$1
	page=$o/report/index.html
	mkdir -p "$o"/{host,results}
	ln -s "$LAB/host/results" "$o/host/"
}

report() { src/commands/report/report "$o" >/dev/null; }

lab many
perl -e '
	$excerpt = "[    1.234567][   T39] a line of the console, as long as they are\\n" x 30;
	for $job (0 .. 49) {
		for $test (0 .. 199) {
			$bad = ($job * 31 + $test * 17) % 23 == 0;
			printf q({"v":1,"time":%d.5,"goal":"kselftest","job":"j%d","test":"net: test_%d","verdict":"%s","seconds":%.2f,%s"kernel":"6.12.%d"}) . "\n",
				1795000000 + 1000 * $job + $test, $job, $test, $bad ? "splat" : "passed", 0.2 + $test / 40,
				$bad ? qq("excerpt":"$excerpt","marked":[3,9],) : "", $job;
		}
	}' >"$o/results/kselftest.jsonl"
report
browse light 4 1200 'document.getElementById("count").textContent'
is '10,000 results are there' "$value" "60 of 200 tests, 1–30 of 50 jobs, 10000 results"
is '... after two seconds at most of a processor four times as slow' "$(jq '.ready < 2' "$tmp/found")" true
echo "# ready after $(jq .ready "$tmp/found") seconds"
browse light 1 1200 'const first = document.querySelectorAll("tbody tr").length;
keys(/ t e s t _ 1 9 9)
const some = [...document.querySelectorAll("tbody th")].map((th) => th.textContent);
keys(Tab Tab Tab ArrowRight ArrowRight ArrowLeft)
const at = document.activeElement.getAttribute("aria-label");
keys(Enter)
const dialog = document.getElementById("dialog");
const opened = [dialog.open, dialog.querySelector("h2").textContent];
keys(Escape)
[first, some.join(), at, ...opened, dialog.open].join("|")'
is 'the keyboard filters, goes to a result, opens and closes it' "$value" \
	'60|net: test_199|net: test_199: passed, 6.12.48|true|net: test_199|false'
browse light 1 360 '[document.documentElement.scrollWidth <= 360, document.querySelector("tbody th").getBoundingClientRect().left >= 0].join()'
is 'a small screen needs no scrolling of the page' "$value" 'true,true'

# The contrast of all texts that there are, after WCAG's definition of it
contrast='
const channel = (c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
const light = (rgb) => { const [r, g, b] = rgb.match(/[\d.]+/g).map(Number).map(channel); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
const back = (e) => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (!/, 0\)$/.test(c)) return c; } return "rgb(255,255,255)"; };
location.hash = "#9999";
let least = 99;
for (const e of document.querySelectorAll("body *")) {
	if (![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) || !e.getClientRects().length || e.disabled) continue;
	const [a, b] = [light(getComputedStyle(e).color), light(back(e))].sort((x, y) => y - x);
	least = Math.min(least, (a + 0.05) / (b + 0.05));
}
[getComputedStyle(document.body).backgroundColor, least >= 4.5].join(" ")'
browse light 1 1200 "$contrast"
is 'by day all can be read' "$value" 'rgb(255, 255, 255) true'
browse dark 1 1200 "$contrast"
is '... and by night' "$value" 'rgb(22, 24, 28) true'

# Each byte, alone and behind what begins a tag, a comment, an entity, a character
lab guest
perl -e 'for $a ("", "<", "</", "<!--", "</script>", "<img src=x onerror=alert(1)>", "&", "\xe2\x80", "\\u003c", "]]>") { print $a, chr($_), ">\n" for 0 .. 255 }' >"$tmp/bytes"
{
	echo 'not ok 1 - first'
	cat "$tmp/bytes"
	perl -ne 'print "ok ", $., " - $_"' "$tmp/bytes"
} >"$tmp/tap"
mkdir "$tmp/run"
echo '{ "outcome": "failed", "status": 1, "reason": "</script>" }' >"$tmp/run/result.json"
text=$(tr -d '\0' <"$tmp/bytes")
"$LAB/host/results" -r "$tmp/run" -t "$tmp/tap" note "$o/results/test.jsonl" goal=test "job=$text" "test=$text" "why=$text" \
	"repeat=$text" "subject=$text" "commit=$text" "folder=$text" "kernel=$text"
report
browse light 1 1200 'location.hash = "#0"; details(all[0]);
const tags = [...new Set([...document.querySelectorAll("*")].map((e) => e.tagName.toLowerCase()))].sort().join(" ");
const result = lineOf(all[0]);
const whole = document.querySelector(".repeat code").textContent === result.repeat &&
	document.querySelector("pre").textContent === result.excerpt.replace(/\n$/, "");
tags + " " + whole + " " + document.scripts.length'
is 'no byte of a guest is markup, and all are shown' "$value" \
	'a b body button code dd dialog div dl dt form h1 h2 h3 head html input li meta noscript option p pre script select span style table tbody td th thead title tr ul true 3'
is '... nothing is fetched, and nothing goes wrong' "$(jq -c '[.elsewhere, .errors]' "$tmp/found")" '[[],0]'
browse light 1 1200 'document.body.append(Object.assign(document.createElement("script"), { textContent: "window.ran = true" }));
String(window.ran)'
is '... and no script runs but that of the page' "$value" undefined

finish
