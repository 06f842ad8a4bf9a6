# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # tap.sh sets tmp
#
# What a page of the manual has in its blocks, for tests that do it.  Comes after tap.sh.
#
# WHERE is a page, as docs/disk.md, or a part of one: docs/disk.md#gdb is what stands
# below that heading, docs/disk.md# what stands before all but the first.  docs.t looks
# for these words: a block of commands that no test names is told there.
#
#	block_of WHERE [PATTERN]	the blocks there, or that of which a line has PATTERN
#	commands_of WHERE [PATTERN]	the commands in them: a line each, without what explains it
#	play WHERE [PATTERN]		types them, and compares what is seen with what the page shows
#
# play does a block that begins with a prompt line by line at a terminal, `$ ' at this
# machine's, others wherever they are seen; what stands between them is seen there, in this
# order, and ... is anything.  Any other block is run by bash, each line with nothing to read.
# Both find in $tmp/play what a test has put there in place of a program, as make; and out/
# is $page_out.

mkdir -p "$tmp/play"
: "${page_out:=out}"

# page_blocks WHERE - each line of its blocks behind the block's number and its line's, by tabs
page_blocks()
{
	awk -v part="${1#*#}" -v all="${1##*#*}" '
		function anchor(text) {
			text = tolower(text)
			gsub(/^#+ +|[^a-z0-9 -]/, "", text)
			gsub(/ /, "-", text)
			return text
		}
		/^##/ { here = anchor($0) }
		/^```/ { fenced = !fenced; n += fenced; inside = 0; next }
		!fenced && /^    / && (inside || before == "") { n += !inside; inside = 1 }
		!fenced && inside && !/^    / && !/^$/ { inside = 0 }
		{ before = $0 }
		(fenced || inside) && (all || here == part) { if (inside) sub(/^    /, ""); print n "\t" FNR "\t" $0 }
	' "${1%%#*}"
}

# page_chosen WHERE [PATTERN]
page_chosen()
{
	page_blocks "$1" | awk -F '\t' -v pattern="${2-}" '
		{ n = $1; lines[n] = lines[n] $0 "\n"; text = $0; sub(/^[^\t]*\t[^\t]*\t/, "", text) }
		!(n in seen) { seen[n] = ++blocks; number[blocks] = n }
		pattern == "" || index(text, pattern) { wanted[n] = 1 }
		END { for (i = 1; i <= blocks; i++) if (number[i] in wanted) printf "%s", lines[number[i]] }'
}

block_of()
{
	page_chosen "$@" | cut -f 3-
}

# What explains a command stands behind three blanks or more.
commands_of()
{
	block_of "$@" | sed -E '/^ |^$/d; s/^\$ //; s/(.*[^ ]) {3,}.*/\1/'
}

play()
{
	local status promise end=1

	page_chosen "$@" >"$tmp/played"
	[ -s "$tmp/played" ] || result 1 "$*: there is such a block"
	while IFS=$'\t' read -r status promise; do
		case $status in
		0) result 0 "${1%%#*}:$promise" ;;
		1)
			result 1 "${1%%#*}:$promise"
			end=0
			;;
		end) end=0 ;;
		*) echo "# $promise" ;;
		esac
	done < <(PATH=$tmp/play:$PATH src/test/lib/play "$tmp/played" "$page_out")
	[ $end = 0 ] || result 1 "$* is played to its end"
}
