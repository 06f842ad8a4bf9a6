#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What reviewers should not have to look for.  With QUICK set, files that checkpatch
# and shellcheck were content with are not looked at again while they are the same, nor
# are those of the upstream branch.

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

# All but what the fuzzers found.
mapfile -t files < <(git ls-files --cached --others --exclude-standard ':!src/test/corpus')
compat=kmod/include/compat.h
mapfile -t qemu < <(printf '%s\n' "${files[@]}" | grep -E '^recipes/vm/devices/.*\.[ch]$')
mapfile -t c < <(printf '%s\n' "${files[@]}" | grep -E '\.[ch]$' | grep -vxF $compat | grep -vxFf <(printf '%s\n' "${qemu[@]}"))
mapfile -t scripts < <(grep -lE -m1 '^#!/bin/(ba)?sh|^# shellcheck shell=' "${files[@]}")

# Both read many files at a time, and name in their lines those that they mean.
checkpatch()
{
	xargs -r -P "$(nproc)" -n 20 perl "$LINUX/scripts/checkpatch.pl" --no-tree --strict --terse \
		--no-summary "$@" -f
}

# It alone may ask for the kernel's version, so that nothing else has to.
checkpatch_compat()
{
	checkpatch --ignore LINUX_VERSION_CODE
}

# QEMU's names of types and macros, which are compiled with it, are not the kernel's.
checkpatch_qemu()
{
	checkpatch --ignore CAMELCASE,PREFER_KERNEL_TYPES,NEW_TYPEDEFS,AVOID_BUG,BIT_MACRO,COMPLEX_MACRO
}

check_scripts()
{
	xargs -r -P "$(nproc)" -n 10 shellcheck -f gcc
}

# The sums of the files that were good, behind those of the programs that said so.
good=$LAB/check/style.good
judges=$(sha256sum "$LINUX/scripts/checkpatch.pl" "$(command -v shellcheck)" | cut -d ' ' -f 1 | paste -sd-)
[ -n "${QUICK-}" ] && [ "$(head -n 1 "$good" 2>/dev/null)" = "$judges" ] || echo "$judges" >"$good"

# Of these files, those that are not as in the upstream branch, which CI has looked at.
not_pushed()
{
	if [ -n "${QUICK-}" ] && git rev-parse -q --verify '@{upstream}' >"$tmp/upstream" 2>&1; then
		grep -xFf <(git diff --name-only '@{upstream}'
			git ls-files --others --exclude-standard) <(printf '%s\n' "$@")
	else
		printf '%s\n' "$@"
	fi
}

# each PROGRAM FILE...
each()
{
	local program=$1 status said

	shift
	not_pushed "$@" | xargs -r sha256sum | sed "s/^/$program /" | grep -vxFf "$good" >"$tmp/new"
	sed 's/^[^ ]* [^ ]*  //' "$tmp/new" | $program >"$tmp/said" 2>&1
	status=$?
	said=$(<"$tmp/said")
	is "$program: $(wc -l <"$tmp/new") files are good" "$status-$said" 0-
	[ "$status-$said" != 0- ] || cat "$tmp/new" >>"$good"
}
each checkpatch "${c[@]}"
each checkpatch_compat $compat
each checkpatch_qemu "${qemu[@]}"
each check_scripts "${scripts[@]}"

is 'every test can be started' "$(git ls-files '*.t' | while read -r file; do [ -x "$file" ] || echo "$file"; done)" ''

# Lists of data, texts for people and what a fuzzer has found need none.
mapfile -t bare < <(printf '%s\n' "${files[@]}" |
	grep -vE '\.(md|png|argv|conf|patch)$|^LICENSE$|^\.gitignore$|^src/test/corpus/' |
	xargs grep -L 'SPDX-License-Identifier: GPL-2.0-only')
is 'every file names its licence' "${bare[*]}" ''

is 'no line ends in white space' "$(grep -nI '[[:blank:]]$' "${files[@]}" | grep -vE '^(LICENSE|[^:]*\.patch):')" ''

# A makefile that says much in one line is read by nobody.
wide()
{
	local file

	printf '%s\n' "${files[@]}" | grep -E '(^|/)(Makefile|Kbuild)$|\.mk$' |
	while read -r file; do
		expand "$file" | awk -v file="$file" 'length > 100 { print file ":" NR ": " length " columns" }'
	done
}
is 'no line of a makefile has over 100 columns' "$(wide)" ''

# The rooms of src/: a file may include its own room and those before it on a line.
# Each file of src/vm itself is a room: say and exit know nothing of machines, lab
# stands on args, and main on everything.
rooms='lib vm/exit vm/say vm/term vm/foreign vm/args vm/lab vm/qemu vm/watch vm/link vm/client vm/run vm/main
lib guest
lib bpf
lib step
lib newer
lib farm
lib results
lib kconfig'

# Only tests may include whatever they like; lkc.h is the kernel's.
runs_up()
{
	(cd "$1" && grep -rHo --include='*.[ch]' '^#include "[^"]*"' .) | awk -F '[:"]' -v rooms="$rooms" '
	function room(path, part)
	{
		split(path, part, "/")
		sub(/\.[ch]$/, "", part[2])
		return part[1] == "vm" ? part[1] "/" part[2] : part[1]
	}
	BEGIN {
		for (lines = split(rooms, line, "\n"); lines; lines--)
			for (high = split(line[lines], name, " "); high; high--)
				for (low = high; low; low--)
					may[name[high], name[low]] = 1
	}
	{
		sub(/^\.\//, "", $1)
		if (room($1) != "test" && $3 != "lkc.h" && !((room($1), room($3)) in may))
			print $1 " includes " $3
	}'
}

# Of two headers with one guard, one is empty to who includes both.
guarded_twice()
{
	find "$1" -name '*.h' -exec sed -n 's/^#ifndef \([A-Z_]*_H\)$/\1/p' {} + | sort | uniq -d
}

plant_rooms()
{
	local file

	mkdir -p "$tmp/src"/{lib,guest,vm/{args,qemu,run}}
	for file in lib/a vm/args/a vm/qemu/a vm/run/a; do
		printf '#ifndef %s_H\n' "$(tr a-z/ A-Z_ <<<"$file")" >"$tmp/src/$file.h"
	done
	echo '#include "vm/run/a.h"' >"$tmp/src/vm/main.c"
	printf '#include "%s"\n' lib/a.h vm/args/a.h vm/qemu/a.h >"$tmp/src/vm/qemu/a.c"
}
plant_rooms
is 'what runs down is let pass' "$(runs_up "$tmp/src"; guarded_twice "$tmp/src")" ''
echo '#include "vm/run/a.h"' >>"$tmp/src/vm/qemu/a.c"
is '... what runs up is found' "$(runs_up "$tmp/src")" 'vm/qemu/a.c includes vm/run/a.h'
printf '#include "%s"\n' lib/a.h vm/args/a.h >"$tmp/src/guest/a.c"
echo '#ifndef LIB_A_H' >"$tmp/src/guest/a.h"
is '... and another program, too' "$(runs_up "$tmp/src" | grep guest)" 'guest/a.c includes vm/args/a.h'
is '... and a name that two headers have' "$(guarded_twice "$tmp/src")" 'LIB_A_H'
is 'no include runs up' "$(runs_up src)" ''
is 'no two headers have one name' "$(guarded_twice src)" ''

# What is known of a processor stands in recipes/processor; labs of check.mk may name one.
by_name()
{
	git ls-files --cached --others --exclude-standard 'src/vm/*.[ch]' 'src/guest/*.[ch]' 'src/lib/*.[ch]' \
		'*.mk' Makefile ':!recipes/processor' ':!src/engine/check.mk' |
		xargs grep -nE '(x86_64|amd64|aarch64|arm64|riscv)' | grep -vE '^[^:]*:[0-9]*:(#| ?\*|/\*)'
}
is 'no makefile and no part of vm knows a processor by its name' "$(by_name)" ''

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
is 'every symbol has a help text' "$(helpless Kconfig recipes/{*,vm/devices/*}/Kconfig)" ''

# The symbols of the folders of devices: VM_NAME.
devices()
{
	local file name

	for file in recipes/vm/devices/*/qemu; do
		name=$(basename "${file%/qemu}" | tr a-z- A-Z_)
		echo "VM_$name"
	done
}

# By a recipe, a program, a device, or by Kconfig, where it has a say about others.
unread()
{
	local symbol kconfigs=(recipes/{*,vm/devices/*}/Kconfig)

	# The default of a choice is what is left when nothing else is chosen.
	sed -n 's/^config //p' "${kconfigs[@]}" | grep -vxFf <(
		sed -n '/^choice/,/^config/s/^\tdefault //p' "${kconfigs[@]}"
		devices) |
	while read -r symbol; do
		grep -rqE "(CONFIG_|config,|config_files,|machine_|\<|@)$symbol\>" --include='*.mk' --include='*.c' \
			--include={lib.sh,qemu,list,tools,check,pack,fetch,file,password,unpack,cache-remote} recipes src ||
			grep -qE "(plain|address|text|chosen) ${symbol#*_}\>" recipes/fetch/menu ||
			grep -qP "^\t(depends|default|range|def_bool|visible).*\b$symbol\b" "${kconfigs[@]}" ||
			sed -n "/^config $symbol\$/,/^config /p" "${kconfigs[@]}" | grep -qP '^\tselect ' ||
			echo "$symbol"
	done
}
is 'every symbol is read somewhere' "$(unread)" ''

# A device's words are a menu's symbols, and its folder has one of its name.
unknown()
{
	local symbol

	{
		devices
		grep -ohP '@\K[A-Z0-9_]+(?=@)' recipes/vm/devices/*/qemu | grep -vx BUS
	} | while read -r symbol; do
		grep -qx "config $symbol" recipes/{*,vm/devices/*}/Kconfig || echo "$symbol"
	done
}
is 'every symbol of a device is one of the menu' "$(unknown)" ''

finish
