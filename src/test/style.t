#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What reviewers should not have to look for.

set -uo pipefail
# shellcheck source=src/test/tap.sh
. src/test/tap.sh

# All but what the fuzzers found.
mapfile -t files < <(git ls-files --cached --others --exclude-standard ':!src/test/corpus')
mapfile -t c < <(printf '%s\n' "${files[@]}" | grep -E '\.[ch]$')
mapfile -t scripts < <(grep -lE -m1 '^#!/bin/(ba)?sh|^# shellcheck shell=' "${files[@]}")

checkpatch()
{
	perl "$LINUX/scripts/checkpatch.pl" --no-tree --strict --terse --no-summary -f "$1"
}
for file in "${c[@]}"; do
	ok "checkpatch: $file" checkpatch "$file"
done

for file in "${scripts[@]}"; do
	ok "shellcheck: $file" shellcheck "$file"
done

is 'every test can be started' "$(git ls-files '*.t' | while read -r file; do [ -x "$file" ] || echo "$file"; done)" ''

# Lists of data, texts for people and what a fuzzer has found need none.
mapfile -t bare < <(printf '%s\n' "${files[@]}" |
	grep -vE '\.(md|png|argv|conf)$|^LICENSE$|^\.gitignore$|^src/test/corpus/' |
	xargs grep -L 'SPDX-License-Identifier: GPL-2.0-only')
is 'every file names its licence' "${bare[*]}" ''

is 'no line ends in white space' "$(grep -nI '[[:blank:]]$' "${files[@]}" | grep -v '^LICENSE:')" ''

# A symbol that a user sees says what it does.
helpless()
{
	awk '
	function done() { if (prompt && !help) print name; prompt = help = 0 }
	/^(config|menuconfig|choice)/ { done(); name = FILENAME ": " $0 }
	/^(endchoice|endmenu|menu|if|endif|comment|source)/ { done() }
	/^\t(bool|tristate|string|int|hex|prompt) "/ { prompt = 1 }
	/^\thelp$/ { help = 1 }
	END { done() }' "$@"
}
is 'every symbol has a help text' "$(helpless Kconfig recipes/*/Kconfig)" ''

# By a recipe, a program, or by Kconfig, where it has a say about others.
unread()
{
	local symbol

	# The default of a choice is what is left when nothing else is chosen.
	sed -n 's/^config //p' recipes/*/Kconfig | grep -vxFf <(
		sed -n '/^choice/,/^config/s/^\tdefault //p' recipes/*/Kconfig) |
	while read -r symbol; do
		grep -rqE "(CONFIG_|config,|config_files,|\<)$symbol\>" --include='*.mk' --include='*.c' \
			--include=list --include=tools --include=fetch --include=file --include=password --include=unpack recipes src ||
			grep -qE "(plain|address|text|chosen) ${symbol#*_}\>" recipes/fetch/menu ||
			grep -qP "^\t(depends|default|range|def_bool|visible).*\b$symbol\b" recipes/*/Kconfig ||
			sed -n "/^config $symbol\$/,/^config /p" recipes/*/Kconfig | grep -qP '^\tselect ' ||
			echo "$symbol"
	done
}
is 'every symbol is read somewhere' "$(unread)" ''

finish
