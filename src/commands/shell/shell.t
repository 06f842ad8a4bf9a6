#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# In the lab's shell a plain make in a module's folder builds it for the lab's kernel, a
# fake one.

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/lab.sh
. src/test/lib/lab.sh

make -s defconfig
make shell </dev/null >"$tmp/output" 2>&1
is 'before a kernel is built it says so' "$?-$(grep -c '^shell: no kernel with modules is built in .*/out yet: run make first' "$tmp/output")" 2-1
make >"$tmp/output" 2>&1

mkdir "$tmp/driver"
echo 'int fake_driver;' >"$tmp/driver/driver.c"
# shellcheck disable=SC2016 # make's
printf '%s\n' 'KDIR ?= /lib/modules/$(shell uname -r)/build' 'obj-m := driver.o' 'all:' \
	'	$(MAKE) -C $(KDIR) M=$(CURDIR) modules' >"$tmp/driver/Makefile"
echo "cd $tmp/driver && make; exit 3" | SHELL=/bin/sh make shell >"$tmp/output" 2>&1
is 'a plain make builds for the lab' "$?-$(test -e "$tmp/driver/driver.ko" && echo there)" 2-there
is '... and leaves the lab as it was' "$(make -q; echo $?)" 0

# direnv does the same in a checkout.
mkdir -p "$out/editor"
recipes/editor/write "$out" "$tmp/dl" "$LINUX" >"$tmp/output"
if command -v direnv >/dev/null; then
	export DIRENV_LOG_FORMAT='' HOME=$tmp/home XDG_DATA_HOME=$tmp/home XDG_CONFIG_HOME=$tmp/home
	unset XDG_CACHE_HOME
	rm "$tmp/driver/driver.ko"
	direnv allow . 2>"$tmp/ignored"
	# shellcheck disable=SC2016 # direnv's shell expands it
	is 'direnv has the same names' "$(direnv exec . sh -c 'echo $KDIR $KERNELDIR $ARCH' 2>"$tmp/ignored")" \
		"$out/linux/build $out/linux/build x86_64"
	direnv exec . make -C "$tmp/driver" >"$tmp/output" 2>&1
	is '... with which a plain make builds for the lab' "$?-$(test -e "$tmp/driver/driver.ko" && echo there)" 0-there
fi

# prompt SHELL COMMAND - what COMMAND, given to the lab's shell, says of the prompt
prompt()
{
	echo "$2" | HOME=$tmp/home ZDOTDIR='' TERM=dumb SHELL=$1 make shell 2>"$tmp/ignored" | grep '(out)'
}
# shellcheck disable=SC2016 # sh expands it
is 'the prompt of a plain sh says which lab' "$(prompt /bin/sh 'echo "$PS1"')" '(out) $ '
if zsh=$(command -v zsh); then
	printf '#!/bin/sh\nexec %s "$@" -i\n' "$zsh" >"$tmp/bin/zsh"
	chmod +x "$tmp/bin/zsh"
	# shellcheck disable=SC2016 # zsh expands it
	echo 'ZDOTDIR=$HOME/zsh' >"$tmp/home/.zshenv"
	mkdir "$tmp/home/zsh"
	echo "PROMPT='mine '" >"$tmp/home/zsh/.zshrc"
	# shellcheck disable=SC2016 # zsh expands it
	is "... that of zsh, too, before the user's own" "$(prompt "$tmp/bin/zsh" 'print -r - "$PROMPT$ZDOTDIR"')" \
		"(out) mine $tmp/home/zsh"
fi
if fish=$(command -v fish); then
	mkdir -p "$tmp/home/.config/fish"
	echo 'function fish_prompt; echo -n "mine "; end' >"$tmp/home/.config/fish/config.fish"
	is '... and that of fish' "$(XDG_CONFIG_HOME=$tmp/home/.config prompt "$fish" fish_prompt)" '(out) mine '
fi

# Tools of a Debian release have no shell but bash.
cp out/include/config/auto.conf "$tmp/auto.conf"
printf '%s\n' CONFIG_TOOLCHAIN_DEBIAN=y CONFIG_TOOLCHAIN_RELEASE=trixie >>out/include/config/auto.conf
mkdir -p "$tmp/dl/toolchain-trixie"
# shellcheck disable=SC2016 # sh expands it
is 'a shell that is not among the tools of the lab starts, which is said' \
	"$(echo 'echo $PS1' | SHELL=/bin/sh src/commands/shell/shell "$out" "$tmp/dl" 2>&1)" \
	"shell: sh is not in $tmp/dl/toolchain-trixie, so make alone finds the tools there"$'\n(out) $'
cp "$tmp/auto.conf" out/include/config/auto.conf

# An interactive bash
echo "PS1='mine '" >"$tmp/home/.bashrc"
printf '#!/bin/sh\nexec /bin/bash "$@" -i\n' >"$tmp/bin/bash"
chmod +x "$tmp/bin/bash"
echo exit | HOME=$tmp/home SHELL=$tmp/bin/bash make shell >"$tmp/output" 2>&1
is 'the prompt says which lab, before the own one' "$(grep -c '^(out) mine ' "$tmp/output")" 1

finish
