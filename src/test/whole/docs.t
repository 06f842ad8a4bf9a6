#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The manual: what it names is there.

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/page.sh
. src/test/lib/page.sh

unset MAKEFLAGS MAKELEVEL MFLAGS KILN_LOCK
pages=(README.md docs/*.md)

is 'the README is read in one go' "$([ "$(wc -l <README.md)" -le 200 ] || wc -l <README.md)" ''
is 'each page is in the index' "$(for page in docs/*.*; do
	grep -qF "(${page#docs/})" docs/README.md || echo "$page"
done | grep -vx docs/README.md)" ''

# The headings of a page as links name them.
anchors()
{
	sed -n 's/^##* //p' "$1" | tr '[:upper:]' '[:lower:]' | sed 's/[^a-z0-9 -]//g; s/ /-/g'
}

# Prints the links that lead nowhere.
broken_links()
{
	local page link file

	for page in "${pages[@]}"; do
		grep -oE '\]\([^)]+\)' "$page" | sed 's/^](//; s/)$//' | grep -v '^https://' | while read -r link; do
			file=$(dirname "$page")/${link%%#*}
			[[ $link != \#* ]] || file=$page
			[ -e "$file" ] || echo "$page: $link"
			[[ $link != *\#* ]] || anchors "$file" | grep -qxF "${link#*#}" || echo "$page: $link"
		done
	done
}
is 'links lead to files and headings' "$(broken_links)" ''

# The commands of other tools have a page of their own.
ours=$(printf '%s\n' "${pages[@]}" | grep -vx docs/coming-from.md)

# What `make' is told to make in examples and between backquotes.
goals_named()
{
	# shellcheck disable=SC2016,SC2086 # backquotes, words
	sed -nE '/^    |`/{ s/(^ {4,}|`|   |&& )make /\n\1make /g; p }' $ours |
		sed -nE 's/^( {3,}|`|&& )make (([a-z][a-z0-9_.-]* ?)+).*/\2/p' | tr -s ' ' '\n' | sort -u
}
# shellcheck source=/dev/null
. src/engine/completion
{
	_kiln_goals
	sed -nE '/^(check_goals|labs) := /,/[^\\]$/{s/^[a-z_]+ :=//; s/\\$//; p}' src/engine/check.mk |
		xargs -n 1 | sed 'p; s/^/check-/'
	for mk in {recipes,src/commands}/*/*.mk; do basename "$mk" .mk; done
	basename -a docs/external/configs/*
	printf '%s\n' all compile_commands.json cscope help- modules_install
} >"$tmp/goals"
is 'goals that are named are there' "$(goals_named | grep -vxFf "$tmp/goals")" ''

# Blocks of commands are typed by tests, which name the page or a part of it, and maybe words
# of the block, behind play, block_of or commands_of, or on a line of its own.  A comment
# before the block says why none does.
git ls-files --cached --others --exclude-standard '*.t' | grep -v '/docs\.t$' | xargs sed -nE \
	"s,.*(play|block_of|commands_of) \"?((README|docs/[a-z-]+)\\.md),\\2,; t clean; /^(README|docs\/[a-z-]+)\\.md/ !d
	:clean s/ (>|\\|).*//; s/[\"';)]//g; p" >"$tmp/typed"

# blocks - those of commands that nobody types, and "excused"
blocks()
{
	local page

	for page in $ours; do
		page_blocks "$page" | awk -F '\t' -v page="$page" '
			FILENAME == ARGV[1] {
				pattern[++n] = where[n] = $0
				sub(/ .*/, "", where[n])
				sub(/^[^ ]* ?/, "", pattern[n])
				next
			}
			FILENAME == ARGV[2] { text[FNR] = $0; next }
			!($1 in begin) { blocks++; begin[$1] = $2; part[$1] = page "#" $3 }
			{
				block = $1
				sub(/^[^\t]*\t[^\t]*\t[^\t]*\t/, "")
				gsub(/["\047;)]/, "")
				whole[block] = whole[block] $0 "\n"
			}
			/^(\$ |make [^-]|out\/run|kiln |cd |git )/ { commands[block] = 1 }
			END {
				for (b in begin) {
					typed = !(b in commands)
					for (i = 1; i <= n; i++)
						if ((where[i] == page || where[i] == part[b]) && index(whole[b], pattern[i]))
							typed = 1
					if (text[begin[b] - 2] ~ /^<!-- not run: .* -->$/)
						print "excused"
					else if (!typed)
						print part[b] ": " text[begin[b]]
				}
			}' "$tmp/typed" "$page" -
	done
}
blocks >"$tmp/blocks"
is 'each block of commands is typed by a test, or says why it is not' "$(grep -vx excused "$tmp/blocks")" ''
ok '... which ten do at most' test "$(grep -cx excused "$tmp/blocks")" -le 10

# Options: words that begin as those of the menu do, such as VM_KMOD
cat Kconfig recipes/*/Kconfig recipes/vm/devices/*/Kconfig | sed -nE 's/^(menu)?config //p' |
	sort -u >"$tmp/options"
sed -n 's/^## \([A-Z_]*\)=.*/\1/p' src/engine/*.mk {recipes,src/commands}/*/*.mk >>"$tmp/options"
prefixes=$(sed -n 's/_.*//p' "$tmp/options" | sort -u | paste -sd'|')
is 'options that are named are there' \
	"$(grep -ohE "\\b($prefixes)_[A-Z0-9_]+\\b" "${pages[@]}" | sort -u |
		grep -vxFf "$tmp/options" | grep -vxE 'VM_(NAME|FLIP)|LINUX_OVERRIDE_SRCDIR|KILN_SETTLE|BPF_MAP_.*')" ''

make -s O="$tmp/o" docs || echo "# make docs: $?"
html=$tmp/o/docs
is 'make docs: each option that the menu shows is there' "$(cat Kconfig recipes/*/Kconfig recipes/vm/devices/*/Kconfig |
	awk '/^(menu)?config / { name = $2 } /^\t(bool|string|int|hex) "/ { print name }' |
	grep -vxFf <(sed -n 's/^<h2[^>]*>\(.*\)<\/h2>$/\1/p' "$html/options.html"))" ''
is '... each goal' "$(sed -n 's/^## \([a-z][^ :]*\).*/\1/p' {src/engine,recipes/*,src/commands/*}/*.mk |
	grep -vxFf <(grep -oE '<code>make [a-z][^ <]*' "$html/goals.html" | sed 's/.* //'))" ''
is '... and links lead to pages and pictures' "$(cd "$html" && grep -oE '(href|src)="[^"#:]+' ./*.html | sed 's/.*"//' | grep -vx https | sort -u |
	while read -r page; do [ -e "$page" ] || echo "$page"; done)" ''

# Its page tells what the program does.
"$LAB/host/vm" --help | sed -nE 's/^  (-., --[a-z-]+|[a-z]+).*/\1/p' >"$tmp/words"
is "vm's page has all that vm takes" "$(mandoc -Tascii docs/vm.1 | col -bx |
	sed -nE 's/^ +(-., --[a-z-]+|[a-z]+).*/\1/p' | grep -vxFf - "$tmp/words")" ''

finish
