#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# make tells what it can make, and the shell completes it.

# shellcheck disable=SC2016 # what other shells expand
set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

unset MAKEFLAGS MAKELEVEL MFLAGS KILN_LOCK
o=$tmp/o
mkdir "$o"

make O="$o" help >"$tmp/help"
is 'every goal with a text is in help' "$(sed -n '/^## [A-Z_]*=/!s/^## \([^:]*\): .*/\1/p' src/engine/*.mk {recipes,src/commands}/*/*.mk |
	while read -r goal; do
		grep -q "^  $goal  *[A-Z]" "$tmp/help" || echo "$goal"
	done)" ''
is 'help is short' "$([ "$(wc -l <"$tmp/help")" -le 70 ] || wc -l <"$tmp/help")" ''
echo '# CONFIG_MODULES is not set' >"$o/.config"
make O="$o" help >"$tmp/help"
is 'what is off is said, and its goals are not' \
	"$(grep -c '^  modules ' "$tmp/help")-$(grep -c 'off here: .*modules (MODULES)' "$tmp/help")" 0-1

for mk in {recipes,src/commands}/*/*.mk; do
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

# A pipe that nobody reads any more
mkfifo "$tmp/pipe"
exec 8<>"$tmp/pipe"
exec 9>"$tmp/pipe" 8>&-
make O="$o" help-linux >&9 2>"$tmp/help"
is 'who reads no more of it is told nothing' "$? $(<"$tmp/help")" '0 '
exec 9>&-
ok 'a full disk is told' grep -q 'No space left' <(make O="$o" help 2>&1 >/dev/full)

# completes WORD... - the last word in bash
completes()
{
	bash -c '. src/engine/completion; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _kiln 2>/dev/null
		printf "%s " "${COMPREPLY[@]}"' - "$@"
}
is 'bash completes goals' "$(completes make linux-m)" 'linux-menuconfig '
is 'and defconfigs' "$(completes make debug_)" 'debug_defconfig '
is 'and recipes' "$(completes make rootfs-c)$(completes make help-root)" 'rootfs-clean help-rootfs '
is 'and variables' "$(completes make BUSYB)" 'BUSYBOX_DIR= '
is '... and those of goals' "$(completes make COU)$(completes make FI)$(completes make M | grep -o 'M= ')" 'COUNT= FILE= FIX= M= '
is 'and modules' "$(completes make modules M = hel)$(completes make modules M = | grep -ow hello)" 'hello hello'
is 'and eBPF programs' "$(completes make reload B = exe)" 'execs '
is 'and goals that help names beside others' "$(completes make ge)$(completes make perf)" 'get perf perf-clean '
is 'and files' "$(completes make FRAGMENTS = LICEN)" 'LICENSE '
is 'elsewhere files' "$(cd "$tmp" && bash -c ". '$OLDPWD/src/engine/completion'"'
	COMP_WORDS=(make hel); COMP_CWORD=1; _kiln; echo "${COMPREPLY[@]}"')" help

is 'and those of the command kiln, where it is called' "$(mkdir "$tmp/bin" && ln -s "$PWD/src/commands/kiln/kiln" "$tmp/bin"
	PATH=$tmp/bin:$PATH bash -c '. src/engine/completion; cd /; COMP_WORDS=(kiln ge); COMP_CWORD=1; _kiln_elsewhere 2>/dev/null
		printf "%s " "${COMPREPLY[@]}"; COMP_WORDS=(kiln ini); _kiln_elsewhere 2>/dev/null; echo "${COMPREPLY[@]}"')" 'get init'

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
	tmux send-keys "PS1='> '; . src/engine/completion" Enter
	ok 'zsh completes goals' completes_in_zsh 'make linux-m' 'make linux-menuconfig'
	ok 'and modules' completes_in_zsh 'make modules M=hel' 'make modules M=hello'
fi

finish
