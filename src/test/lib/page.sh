# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # tap.sh sets tmp
#
# What a page of the manual has in its blocks, for tests that do it.  Comes after tap.sh
# and, for enter_lab, checkout.sh.
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
#
#	enter_lab NAME [BUT]	goes into a copy of this checkout, whose make is at work in $LAB, if
#				that is one of NAME_defconfig, whatever it has for options that
#				begin as BUT, else (1) in a folder that shows $LAB, as does
#				enter_lab default
#	enter_own_lab NAME [BUT]	the same, or skips the test

page_top=$PWD
mkdir -p "$tmp/play"
: "${page_out:=out}"

# page_blocks WHERE - each line of its blocks behind the block's number, its own, and the part
# that it is in, by tabs
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
		(fenced || inside) && (all || here == part) { if (inside) sub(/^    /, ""); print n "\t" FNR "\t" here "\t" $0 }
	' "$([[ $1 = /* ]] || echo "$page_top/")${1%%#*}"
}

# page_chosen WHERE [PATTERN]
page_chosen()
{
	page_blocks "$1" | awk -F '\t' -v pattern="${2-}" '
		{
			n = $1
			line = $2
			sub(/^[^\t]*\t[^\t]*\t[^\t]*\t/, "")
			lines[n] = lines[n] n "\t" line "\t" $0 "\n"
		}
		!(n in seen) { seen[n] = ++blocks; number[blocks] = n }
		pattern == "" || index($0, pattern) { wanted[n] = 1 }
		END { for (i = 1; i <= blocks; i++) if (number[i] in wanted) printf "%s", lines[number[i]] }'
}

block_of()
{
	page_chosen "$@" | cut -f 3-
}

# What explains a command stands behind two blanks or more.
commands_of()
{
	block_of "$@" | sed -E '/^ |^$/d; s/^\$ //; s/(.*[^ ]) {2,}.*/\1/'
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
	done < <(PATH=$tmp/play:$PATH "$page_top/src/test/lib/play" "$tmp/played" "$page_out")
	[ $end = 0 ] || result 1 "$* is played to its end"
}

leave_lab()
{
	"$LAB/host/vm" -O "$page_out" stop 2>/dev/null
	rm -rf "$tmp"
}

# stand_in WHERE LINE... - make, from now on.  The lab is made, and is that of the page: its
# configuration is no goal any more.
stand_in()
{
	local first=$1

	shift
	# shellcheck disable=SC2016 # the script's
	printf '%s\n' '#!/bin/bash' "$first" 'for word; do' '	case $word in' \
		'	*_defconfig) [[ $* != *FRAGMENTS=* ]] || words+=("$word") ;;' "$@" \
		'	*) words+=("$word") ;;' '	esac' 'done' '[ -z "${goal-}" ] || exec src/engine/machine \
		"$goal" "$lab" "$goal" ${cmd+-- /bin/sh -c "$cmd"}' \
		"exec $(command -v make) \"\${where[@]}\" \"\${words[@]}\"" >"$tmp/play/make"
	chmod +x "$tmp/play/make"
}

enter_lab()
{
	unset MAKEFLAGS MAKELEVEL MFLAGS KILN_LOCK LINUX_DIR EXTERNAL
	trap leave_lab EXIT
	copy_checkout "$tmp/copy"
	page_out=$LAB
	if [ "$1" = default ] || grep '^CONFIG' "configs/$1_defconfig" | grep -v "^CONFIG_${2-#}" | grep -qvxFf "$LAB/.config"; then
		# The steps know where they were done: a make of all would do them again, there.
		page_out=$tmp/shown
		show_lab "$page_out"
		rm "$page_out/host"
		cp -a "$LAB/host" "$page_out/"
		find "$page_out/host" -type f -exec touch {} +
		# shellcheck disable=SC2016 # the script's
		stand_in "where=('O=$page_out' '$(source_word)') lab='$page_out'" '	CMD=*) cmd=${word#CMD=} ;;' \
			'	run | start | exec | stop | status) goal=$word ;;'
	else
		stand_in "where=('O=$LAB' 'DL=$DL')"
	fi
	cd "$tmp/copy" || exit 1
	git init -q
	git add -A
	[ "$page_out" = "$LAB" ]
}

enter_own_lab()
{
	enter_lab "$@" || skip_all "this lab is not that of $1_defconfig: make check-$1 makes one"
}
