#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What perf has recorded is told stack by stack and drawn true to scale, whatever names
# there are in it.

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

folder=src/commands/perf
svg=src/commands/boot-chart/svg

# sample PROCESS COUNT FRAME... - the innermost frame first, without its address's zeros
sample()
{
	local i process=$1 count=$2

	shift 2
	for ((i = 0; i < count; i++)); do
		echo "$process "
		printf '\t%s\n' "$@"
		echo
	done
}

{
	sample dd 6 'ffffffff81200010 memcpy ([kernel.kallsyms])' 'ffffffff81100010 vfs_read ([kernel.kallsyms])' \
		'    7f0000001000 [unknown] (/bin/busybox)' '    7f0000002000 [unknown] (/bin/busybox)'
	sample dd 3 'ffffffffa0000410 slow_read ([slow])' 'ffffffff81100010 vfs_read ([kernel.kallsyms])' \
		'    7f0000001000 [unknown] (/bin/busybox)'
	sample 'odd <&;> name' 1 'ffffffffa0002020 [unknown] ([unknown])' '          401000 main (/root/a b (deleted))'
	sample swapper 5 'ffffffff81300010 pv_native_safe_halt ([kernel.kallsyms])' \
		'ffffffff81300020 do_idle ([kernel.kallsyms])'
	sample swapper 2 'ffffffff81400010 handle_irq ([kernel.kallsyms])' \
		'ffffffff81300020 do_idle ([kernel.kallsyms])'
} >"$tmp/samples"
printf 'ffffffffa000%s t %s\t[late]\n' 2000 late_work 2100 late_end >"$tmp/modules"
awk -f $folder/fold "$tmp/modules" "$tmp/samples" | LC_ALL=C sort >"$tmp/folded"
is 'each stack is told once; of idle processors none' "$(<"$tmp/folded")" 'dd;(busybox);vfs_read;memcpy 6
dd;(busybox);vfs_read;slow_read [slow] 3
odd <&:> name;main (a b deleted);late_work [late] 1
swapper;do_idle;handle_irq 2'

awk -v title='<b> & 12 samples' -f $svg -f $folder/draw "$tmp/folded" >"$tmp/perf.svg"

# Prints the frames as a parser of XML sees them: left edge, width, row, tooltip
cat >"$tmp/frames.py" <<'E2'
import sys, xml.dom.minidom
svg = xml.dom.minidom.parse(sys.argv[1]).documentElement
assert svg.tagName == "svg"
for g in svg.getElementsByTagName("g"):
    rect = g.getElementsByTagName("rect")[0]
    title = g.getElementsByTagName("title")[0].firstChild.data
    print(*(float(rect.getAttribute(a)) for a in ("x", "width", "y")), title, sep="\t")
E2
ok 'what is drawn is an SVG' python3 "$tmp/frames.py" "$tmp/perf.svg"
python3 "$tmp/frames.py" "$tmp/perf.svg" >"$tmp/frames" 2>&1
is 'a function is as wide as its share' "$(awk -F '\t' '{ sub(/:.*/, "", $4); printf "%s %.2f\n", $4, $2 / 1160 * 12 }' "$tmp/frames" |
	grep -E '^(dd|memcpy|slow_read|late_work|handle_irq)')" 'dd 9.00
memcpy 6.00
slow_read [slow] 3.00
handle_irq 2.00
late_work [late] 1.00'
is 'none lies upon another, and each upon its caller' "$(awk -F '\t' '
	{
		for (i = 1; i < NR; i++)
			if (row[i] == $3 && $1 < right[i] - 0.02 && $1 + $2 > left[i] + 0.02)
				print $4
		below = 0
		for (i = 1; i < NR; i++)
			below += row[i] == $3 + 18 && $1 >= left[i] - 0.02 && $1 + $2 <= right[i] + 0.02
		left[NR] = $1
		right[NR] = $1 + $2
		row[NR] = $3
		if (below != 1)
			roots++
	}
	END { print roots }' "$tmp/frames")" 3
ok 'a tooltip tells how much it is, and how much of that by itself' \
	grep -q "$(printf '\t')vfs_read: 9 of 12 samples, 75.0 %, itself 0.0 %$" "$tmp/frames"
for text in memcpy vfs_read 'slow_read \[slow\]' '(busybox)' '&lt;b&gt; &amp; 12 samples' module; do
	ok "there is a text $text" grep -q "<text [^>]*>$text</text>" "$tmp/perf.svg"
done
is 'names are no words of the drawing' "$(grep -c '<&\|<b>\|name>' "$tmp/perf.svg")" 0
is 'a name that has no room is cut' "$(awk -f $svg -f $folder/draw <<<$'a;f 99\na;abcdefghij 1' | grep -o 'abcdefghij[^:]*<' | head -1)" ''
is 'modules have a colour of their own' "$(sed -n 's/.*<title>[a-z_]* \[[a-z]*\]:.*fill="\([^"]*\)".*/\1/p' "$tmp/perf.svg" |
	sort -u | wc -l)" 1

finish
