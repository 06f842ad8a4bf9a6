#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# make tells what it can make, and the shell completes it.

# shellcheck disable=SC2016 # what other shells expand
set -uo pipefail
# shellcheck source=src/test/tap.sh
. src/test/tap.sh

unset MAKEFLAGS MAKELEVEL MFLAGS KILN_LOCK
o=$tmp/o
mkdir "$o"

make O="$o" help >"$tmp/help"
is 'every goal with a text is in help' "$(sed -n '/^## [A-Z_]*=/!s/^## \([^:]*\): .*/\1/p' recipes/*.mk recipes/*/*.mk |
	while read -r goal; do
		grep -q "^  $goal  *[A-Z]" "$tmp/help" || echo "$goal"
	done)" ''
is 'help is short' "$([ "$(wc -l <"$tmp/help")" -le 70 ] || wc -l <"$tmp/help")" ''
echo '# CONFIG_MODULES is not set' >"$o/.config"
make O="$o" help >"$tmp/help"
is 'what is off is said, and its goals are not' \
	"$(grep -c '^  modules ' "$tmp/help")-$(grep -c 'off here: .*modules (MODULES)' "$tmp/help")" 0-1

for mk in recipes/*/*.mk; do
	name=$(basename "$mk" .mk)
	ok "help-$name tells what it is" grep -q "^$name - " <(make O="$o" "help-$name" 2>&1)
done
make O="$o" help-modules >"$tmp/help"
is 'goals, variables, products, options' \
	"$(grep -cE '^  (modules|modules-clean|M=|install .*/modules/root|MODULES|MODULES_FOLDERS)( |$)' "$tmp/help")" 6
echo CONFIG_MODULES=y >"$o/.config"
make O="$o" help-modules >"$tmp/help"
ok 'an option with its value' grep -q 'MODULES .*\[y\]' "$tmp/help"
make O="$o" help-linux >"$tmp/help"
ok 'what it needs of this machine' grep -q '^  bison >= 2.0  *the menu, the kernel$' "$tmp/help"
is 'there is no recipe none' "$(make O="$o" help-none 2>&1 | grep -c 'no recipe none, only: .*linux')" 1

# completes WORD... - the last word in bash
completes()
{
	bash -c '. recipes/completion; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _kiln 2>/dev/null
		printf "%s " "${COMPREPLY[@]}"' - "$@"
}
is 'bash completes goals' "$(completes make linux-m)" 'linux-menuconfig '
is 'and defconfigs' "$(completes make debug_)" 'debug_defconfig '
is 'and recipes' "$(completes make rootfs-c)$(completes make help-root)" 'rootfs-clean help-rootfs '
is 'and variables' "$(completes make BUSYB)" 'BUSYBOX_DIR= '
is 'and modules' "$(completes make modules M = hel)$(completes make modules M = | grep -ow hello)" 'hello hello'
is 'and files' "$(completes make FRAGMENTS = LICEN)" 'LICENSE '
is 'elsewhere files' "$(cd "$tmp" && bash -c ". '$OLDPWD/recipes/completion'"'
	COMP_WORDS=(make hel); COMP_CWORD=1; _kiln; echo "${COMPREPLY[@]}"')" help

# zsh matches by itself, so it is asked on a terminal.
tmux()
{
	command tmux -S "$tmp/tmux" -f /dev/null "$@"
}

# completes_in_zsh TEXT EXPECTED - types TEXT and a tab, waits for EXPECTED
completes_in_zsh()
{
	local i screen=''

	tmux send-keys C-u "$1" Tab
	for ((i = 0; i < 100; i++)); do
		screen=$(tmux capture-pane -p)
		[[ $screen != *"> $2"* ]] || return 0
		sleep 0.1
	done
	echo "$screen"
	return 1
}

if command -v zsh >/dev/null && command -v tmux >/dev/null; then
	trap 'tmux kill-server; rm -rf "$tmp"' EXIT
	unset TMUX
	HOME=$tmp tmux new-session -d -x 80 -y 24 "cd $PWD && HOME=$tmp zsh -f"
	tmux send-keys "PS1='> '; . recipes/completion" Enter
	ok 'zsh completes goals' completes_in_zsh 'make linux-m' 'make linux-menuconfig'
	ok 'and modules' completes_in_zsh 'make modules M=hel' 'make modules M=hello'
fi

finish
