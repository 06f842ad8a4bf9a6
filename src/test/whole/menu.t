#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The menu as a user sees it on a terminal of 80 columns and 24 lines.  README.md
# shows its first screen; where the menu has changed,
#
#	UPDATE=1 make check T=src/test/whole/menu.t
#
# takes the new one.

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

command -v tmux >/dev/null || skip_all 'no tmux'
unset MAKEFLAGS MAKELEVEL MFLAGS KILN_LOCK TMUX
export LC_ALL=C.UTF-8

o=$tmp/o
mkdir -p "$o"
cp -a "$LAB/host" "$o"
# shellcheck disable=SC2153 # make check sets it
make=(make -s O="$o" LINUX_DIR="$LINUX")
"${make[@]}" defconfig >/dev/null

tmux()
{
	command tmux -u -S "$tmp/tmux" -f /dev/null "$@"
}
trap 'tmux kill-server 2>/dev/null; rm -rf "$tmp"' EXIT

# open GOAL - what shows the menu; its status is in $tmp/status then
open()
{
	rm -f "$tmp/status"
	TERM=screen tmux new-session -d -x 80 -y 24 \
		"${make[*]} $1; echo \$? >$tmp/status.new; mv $tmp/status.new $tmp/status"
	tmux set-option -g status off
	see "$first"
}

keys()
{
	tmux send-keys "$@"
}

# see TEXT - waits until it is on the screen, as long as the menu is there and half a minute
# at most
see()
{
	local i

	for ((i = 0; i < 3000; i++)); do
		screen=$(tmux capture-pane -p 2>/dev/null)
		[[ $screen != *"$1"* ]] || return 0
		[ ! -e "$tmp/status" ] || break
		sleep 0.1
	done
	printf '%s\n' "there is no \"$1\" in" "$screen"
	return 1
}

# left - waits until the menu is gone; prints its status
left()
{
	local i

	for ((i = 0; i < 3000; i++)); do
		[ ! -e "$tmp/status" ] || { cat "$tmp/status"; return; }
		sleep 0.1
	done
	echo 'it is still there'
	tmux kill-server
}

value()
{
	sed -n "s/^\(# \)\?\(CONFIG_$1[= ].*\)/\2/p" "$o/.config"
}

readme_picture()
{
	sed -n '/^<!-- the menu/,/^<!-- end/p' README.md | sed '/^<!--/d; /^```/d'
}

first='a laboratory for Linux'
cp "$o/.config" "$tmp/defaults"

open menuconfig
ok 'the menu opens' see '<Select>'
[ -z "${UPDATE-}" ] || {
	{
		sed '/^<!-- the menu/q' README.md
		# shellcheck disable=SC2016 # marks of markdown
		printf '```\n%s\n```\n' "$screen"
		sed -n '/^<!-- end/,$p' README.md
	} >"$tmp/README.md"
	cat "$tmp/README.md" >README.md
}
is 'README.md shows it' "$(readme_picture)" "$screen"

keys '?'
ok 'it explains itself' see 'This interface lets you select'
keys Escape Escape
see '<Select>' >/dev/null
keys /
ok 'it can be searched' see 'Search Configuration Parameter'
keys VM_MEM Enter
ok 'and finds' see 'Symbol: VM_MEMORY [=256]'
keys 1
ok 'and leads there' see '(256) Memory in MiB'
keys '?'
ok 'where there is help' see "The guest's memory"
keys Escape Escape
see 'Memory in MiB' >/dev/null
keys Enter
ok 'a value is asked for' see 'Please enter a decimal value'
keys BSpace BSpace BSpace 99999999999 Enter
ok 'an impossible one is refused' see 'You have made an invalid entry'
keys Enter
see 'Please enter' >/dev/null
keys BSpace BSpace BSpace BSpace BSpace BSpace BSpace BSpace BSpace BSpace BSpace 300 Enter
ok 'a possible one is taken' see '(300) Memory in MiB'

# Abandoned
keys Escape Escape
see 'Search Results' >/dev/null
keys Escape Escape
see 'Build environment' >/dev/null
keys Escape Escape
ok 'what was changed is asked about' see 'save your new configuration'
keys Right Enter
is 'the menu can be left without saving' "$(left)" 0
ok 'and .config is as it was' cmp "$tmp/defaults" "$o/.config"

# Saved and gone on
open menuconfig
keys Down Down ' '
ok 'an option can be changed' see '[ ] Kernel modules'
keys Right Right Right Enter
ok 'and saved' see 'Enter a filename'
keys Enter
ok 'to .config' see 'written to .config'
is 'at once' "$(value MODULES)" 'CONFIG_MODULES is not set'
keys Enter
see 'Kernel modules' >/dev/null
keys Escape Escape
is 'then the menu is left without a question' "$(left)" 0

# Saved at the end
open menuconfig
keys Down Down ' '
see '[*] Kernel modules' >/dev/null
keys Escape Escape
see 'save your new configuration' >/dev/null
keys Enter
is 'the menu can be left with saving' "$(left)" 0
is 'to .config' "$(value MODULES)" CONFIG_MODULES=y

# Not changed
cp "$o/.config" "$tmp/before"
open menuconfig
keys Escape Escape
is 'a menu in which nothing was changed is left without a question' "$(left)" 0
ok 'with .config as it was' cmp "$tmp/before" "$o/.config"

open nconfig
ok 'nconfig opens, too' see 'F1Help'
keys F9
is 'and is left' "$(left)" 0

# The menus of the kernel and of busybox, on fake sources: what is changed there is
# kept, and is no less when the lab's own menu changes.
tmux kill-server 2>/dev/null
# shellcheck source=src/test/lib/lab.sh
. src/test/lib/lab.sh
cp "$o"/host/kconfig/[mn]conf "$LINUX_DIR/scripts/kconfig"
cp "$o"/host/kconfig/mconf "$BUSYBOX_DIR/scripts/kconfig"
make=(make -s)
"${make[@]}" defconfig >/dev/null

# kernel NAME... - are all these options on in it?
kernel()
{
	local name

	for name; do
		grep -qx "CONFIG_$name=y" out/linux/build/.config || return 1
	done
}

# turn NAME TEXT - turns this option over, wherever it stands; TEXT is seen then
turn()
{
	local status=0

	see '<Select>' >/dev/null
	keys /
	see 'Search Configuration Parameter' >/dev/null
	keys "$1" Enter
	see "Symbol: $1 " >/dev/null
	keys 1
	see '<Select>' >/dev/null
	keys ' '
	see "$2" || status=1
	keys Escape Escape
	see 'Search Results' >/dev/null
	keys Escape Escape
	see '<Select>' >/dev/null
	return $status
}

first='Fake Linux'
open linux-menuconfig
ok "an option of the kernel's can be changed" turn FAKE_LOUD '[*] Say it twice'
keys Escape Escape
see 'save your new configuration' >/dev/null
keys Enter
is 'and saved' "$(left)" 0
is 'it is kept' "$(cat out/linux.config)" CONFIG_FAKE_LOUD=y
ok 'and built' "${make[@]}" linux
ok '... so' kernel FAKE_LOUD
sed -i 's/.*CONFIG_LINUX_DYNAMIC_DEBUG.*/CONFIG_LINUX_DYNAMIC_DEBUG=y/' out/.config
"${make[@]}" linux >/dev/null
ok 'it stays when something else is chosen' kernel FAKE_LOUD DYNAMIC_DEBUG

open linux-nconfig
see 'F1Help' >/dev/null
keys / 'In the' /
keys ' '
ok "the kernel's nconfig, too" see '[ ] In the base configuration'
keys F6
see 'filename' >/dev/null
keys Enter
see 'written to' >/dev/null
keys Enter F9
is 'is left' "$(left)" 0
is 'with what was changed before' "$(sort out/linux.config)" $'# CONFIG_FAKE_BASE is not set\nCONFIG_FAKE_LOUD=y'

cp out/linux/build/.config "$tmp/before"
open linux-menuconfig
turn FAKE_LOUD '[ ] Say it twice' >/dev/null
keys Escape Escape
see 'save your new configuration' >/dev/null
keys Right Enter
is "the kernel's menu can be left without saving" "$(left)" 0
is 'and nothing is changed' "$(cmp "$tmp/before" out/linux/build/.config; sort out/linux.config)" \
	$'# CONFIG_FAKE_BASE is not set\nCONFIG_FAKE_LOUD=y'

first='Fake busybox'
open busybox-menuconfig
see '<Select>' >/dev/null
keys ' '
ok "an option of busybox's can be changed" see '[ ] An editor'
keys Escape Escape
see 'save your new configuration' >/dev/null
keys Enter
is 'saved' "$(left)" 0
is 'and is kept' "$(cat out/busybox.config)" '# CONFIG_FAKE_EDITOR is not set'

finish
