#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The manual: what it names is there.

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

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
	sed -nE 's/^check_goals := //p; s/^labs := //p' src/engine/check.mk | tr ' ' '\n' | sed 'p; s/^/check-/'
	for mk in {recipes,src/commands}/*/*.mk; do basename "$mk" .mk; done
	basename -a docs/external/configs/*
	printf '%s\n' compile_commands.json cscope help- modules_install
} >"$tmp/goals"
is 'goals that are named are there' "$(goals_named | grep -vxFf "$tmp/goals")" ''

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
is '... and links lead to pages' "$(cd "$html" && grep -oE 'href="[^"#:]+' ./*.html | sed 's/.*"//' | grep -vx https | sort -u |
	while read -r page; do [ -e "$page" ] || echo "$page"; done)" ''

# Its page tells what the program does.
"$LAB/host/vm" --help | sed -nE 's/^  (-., --[a-z-]+|[a-z]+).*/\1/p' >"$tmp/words"
is "vm's page has all that vm takes" "$(mandoc -Tascii docs/vm.1 | col -bx |
	sed -nE 's/^ +(-., --[a-z-]+|[a-z]+).*/\1/p' | grep -vxFf - "$tmp/words")" ''

finish
