#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What make perf and make boot-chart draw is looked at in a browser: there is something to
# see, and its texts can be read.
#
# Needs: lab full

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/checkout.sh
. src/test/lib/checkout.sh

browser=$(command -v chromium) || skip_all 'there is no chromium to look at pictures with (package chromium)'
lab=$tmp/lab
view_lab "$lab"
unset MAKEFLAGS MAKELEVEL MFLAGS KILN_LOCK
trap '"$lab/host/vm" -O "$lab" stop 2>/dev/null; rm -rf "$tmp"' EXIT

# browse OPTION... FILE
browse()
{
	timeout 300 "$browser" --headless --no-sandbox --disable-gpu --hide-scrollbars \
		--user-data-dir="$tmp/browser" "${@:1:$#-1}" "file://${*: -1}" 2>>"$tmp/browser.log"
}

# photograph SVG PNG - in its own size
photograph()
{
	browse --window-size="$(sed -nE '1s/.* width="([0-9]+)" height="([0-9]+)".*/\1,\2/p' "$1")" \
		--screenshot="$2" "$1"
	[ -s "$2" ]
}

# Tells what of the texts cannot be read: less than 9 points high, beyond the picture's edge, or
# wider than the frame that it names.
cat >"$tmp/texts.js" <<'END'
const svg = document.querySelector("svg"), all = [...svg.querySelectorAll("text")];
const edge = svg.viewBox.baseVal, bad = [];
for (const text of all) {
	const box = text.getBBox(), frame = text.parentNode.querySelector(":scope > rect");
	const inside = box.x >= 0 && box.x + box.width <= edge.width + 1 &&
		box.y >= 0 && box.y + box.height <= edge.height + 1;
	if (!inside || parseFloat(getComputedStyle(text).fontSize) < 9 || box.width <= 0 ||
	    (text.parentNode.tagName == "g" && box.width > frame.getBBox().width))
		bad.push(text.textContent);
}
document.body.textContent = `texts: ${all.length}, not to be read: ${bad.length} ${bad.slice(0, 5).join(", ")}.`;
END

differ()
{
	! cmp -s "$1" "$2"
}

# look NAME SVG
look()
{
	local size

	ok "$1 is shown" photograph "$2" "$tmp/seen.png"
	size=$(sed -nE '1s/.*( viewBox="[^"]*" width="[0-9]+" height="[0-9]+").*/\1/p' "$2")
	echo "<svg xmlns=\"http://www.w3.org/2000/svg\"$size></svg>" >"$tmp/blank.svg"
	photograph "$tmp/blank.svg" "$tmp/blank.png"
	ok '... and is not blank' differ "$tmp/seen.png" "$tmp/blank.png"
	sed -E 's|<text[^>]*>[^<]*</text>||g' "$2" >"$tmp/mute.svg"
	photograph "$tmp/mute.svg" "$tmp/mute.png"
	ok '... its texts are drawn' differ "$tmp/seen.png" "$tmp/mute.png"
	{
		echo '<!DOCTYPE html><meta charset="utf-8"><body style="margin: 0">'
		cat "$2"
		echo "<script>$(<"$tmp/texts.js")</script>"
	} >"$tmp/page.html"
	browse --dump-dom "$tmp/page.html" >"$tmp/dom"
	is '... and can be read' "$(grep -oE 'texts: [1-9][0-9]*, not to be read: .*\.' "$tmp/dom" |
		sed -E 's/texts: [0-9]+, //')" 'not to be read: 0 .'
}

timeout 300 src/commands/boot-chart/boot-chart "$lab" >"$tmp/said" 2>&1 || cat "$tmp/said"
look 'the chart of a boot' "$lab/boot-chart/boot-chart.svg"

# Of a lab without perf what is drawn is made up.
picture=$lab/perf/perf.svg
if [ -e "$LAB/perf/perf" ]; then
	KILN_CMD='dd if=/dev/zero of=/dev/null bs=1M count=1000' \
		timeout 300 src/commands/perf/perf "$lab" >"$tmp/said" 2>&1 || cat "$tmp/said"
else
	mkdir -p "$lab/perf"
	printf '%s\n' 'dd;(busybox);vfs_read;memcpy 60' 'dd;(busybox);vfs_read;slow_read_of_a_long_name [slow] 3' \
		'swapper;do_idle;handle_irq 20' | awk -v title='dd: 83 samples' -f src/commands/boot-chart/svg -f src/commands/perf/draw >"$picture"
fi
look 'what perf recorded' "$picture"

finish
