#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The command kiln in kernel trees and modules' folders, on fake sources, and what it runs
# in a machine of this lab.
#
# Needs: lab

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/lab.sh
. src/test/lib/lab.sh

tree=$tmp/trees/linux
mkdir -p "$tmp/trees"
mv "$LINUX_DIR" "$tree"
unset LINUX_DIR
export HOME=$tmp/home XDG_DATA_HOME=$tmp/data XDG_CACHE_HOME=$tmp/cache
mkdir "$HOME"

make -s install PREFIX="$tmp/prefix" >"$tmp/output" 2>&1
is 'it is linked, and that it is not in PATH is said' "$?-$(<"$tmp/output")" \
	"0-kiln: $tmp/prefix/bin is not in your PATH: add it there"
ok '... with a page of the manual' grep -q '^.SH SYNOPSIS' "$tmp/prefix/share/man/man1/kiln.1"
PATH=$tmp/prefix/bin:$PATH

# called FOLDER WORD... - kiln there; what it said is in $tmp/output
called()
{
	(cd "$1" && shift && kiln "$@") >"$tmp/output" 2>&1
}

# programs FOLDER - those of the menu
programs()
{
	mkdir -p "$1"
	cp -a "$LAB/host" "$1"
	touch "$1"/host/kconfig/*
}

called "$tmp" run
is 'elsewhere it says where to go' "$?-$(grep -c '^kiln: .* is in no kernel tree and no module' "$tmp/output")" 1-1
called "$tree" -- true
is 'before anything was built it says so' \
	"$?-$(grep -c '^kiln: nothing is built in the lab default of .*/linux yet: kiln run ' "$tmp/output")" 1-1

called "$tree" lab
lab=$(sed -n 's/.*, built in //p' "$tmp/output")
saved=$(sed -n 's/^default: \(.*\), built in .*/\1/p' "$tmp/output")
programs "$lab"
find "$tree" | sort >"$tmp/before"
called "$tree/drivers" linux
is 'the first goal asks nothing, in a folder of the tree, which is without git' $? 0
ok '... and builds that tree' grep -q "^source := $tree$\|$tree" "$lab/linux/.configure"
ok '... which stays as it is' diff "$tmp/before" <(find "$tree" | sort)
is 'the configuration is among those that are kept' "$(grep -c '^CONFIG_LINUX_TINY=y' "$saved")" 1
echo 'CONFIG_VM_MEMORY=333' >>"$lab/.config"
called "$tree" olddefconfig
mv "$lab" "$lab.away"
programs "$lab"
called "$tree" olddefconfig
is '... and comes back from there' "$(grep -c '^CONFIG_VM_MEMORY=333' "$lab/.config")" 1
rm -r "$lab"
mv "$lab.away" "$lab"

called "$tree" lab second
called "$tree" lab
is 'another lab has a folder of its own' "$(sed -n 's/, built in .*//p' "$tmp/output")" "second: ${saved%/default/*}/second/.config"
called "$tree" lab 'a b'
is '... and a name that make can stand' "$?-$(grep -c '^kiln: lab a b: a name has' "$tmp/output")" 1-1
called "$tree" lab default

# Trees of other kinds
mkdir "$tmp/super"
cp -r "$tree" "$tmp/super/linux"
echo 'gitdir: ../.git/modules/linux' >"$tmp/super/linux/.git"
called "$tmp/super/linux/kernel" lab
is 'a submodule is a tree of its own' "$(sed -n 's,.*/\(linux-[0-9a-f]*\)/default$,\1,p' "$tmp/output" | grep -vc "$(basename "${lab%/*}")")" 1

# A worktree, in which the kernel was built in place
export GIT_AUTHOR_NAME=t GIT_AUTHOR_EMAIL=t GIT_COMMITTER_NAME=t GIT_COMMITTER_EMAIL=t
(
	cd "$tmp/super/linux" || exit
	rm .git
	git init -q
	echo .config >.gitignore
	git add -A
	git commit -qm one
	git worktree add -q "$tmp/super/worktree" 2>"$tmp/ignored"
)
worktree=$tmp/super/worktree
touch "$worktree/.config"
called "$worktree" lab
lab=$(sed -n 's/.*, built in //p' "$tmp/output")
programs "$lab"
called "$worktree/kernel" linux
is 'a worktree is one, too, and what git tracks there is built' \
	"$?-$(readlink "$lab/linux/src/Makefile")-$(ls -d "$lab"/linux/src/.[cg]* 2>/dev/null)" \
	"0-$worktree/Makefile-$lab/linux/src/.gitignore"

# A module in a submodule
mkdir -p "$tmp/kit"/{include,one}
echo 'int fake_kit;' >"$tmp/kit/include/kit.h"
printf 'obj-m := one.o\n' >"$tmp/kit/one/Kbuild"
echo '#include "../include/kit.h"' >"$tmp/kit/one/one.c"
(
	cd "$tmp/kit" || exit
	git init -q
	git add -A
	git commit -qm one
	git init -q "$tmp/board"
	cd "$tmp/board" || exit
	git -c protocol.file.allow=always submodule --quiet add "$tmp/kit" kit
)
kit=$tmp/board/kit
called "$kit/one" lab
lab=$(sed -n 's/.*, built in //p' "$tmp/output")
programs "$lab"
called "$kit/one" LINUX_DIR="$tree" modules
is 'a module in a submodule finds what is around it there' \
	"$?-$(test -f "$kit/.git" -a -e "$lab/modules/one/one.ko" && echo there)-$(ls "$lab/modules/one.tree")" $'0-there-include\none'
if [ "$UID" = 0 ]; then
	chown -R 1 "$kit" "$tmp/board/.git/modules/kit"
	echo '/* edited */' >>"$kit/one/one.c"
	called "$kit/one" LINUX_DIR="$tree" modules
	is "what git says of another owner is told" \
		"$?-$(grep -c 'dubious ownership' "$tmp/output")-$(grep -c "^modules: git does not name the files of $kit, " "$tmp/output")" 2-1-1
fi

# A module without git
cp -r "$tmp/kit/one" "$tmp/alone"
called "$tmp/alone" lab
is 'a folder without git is a tree of its own' "$(sed -nE 's,.*/(alone)-[0-9a-f]{8}/default$,\1,p' "$tmp/output")" alone

# A module in a repository
module=$tmp/project/driver
mkdir -p "$module/sub"
git init -q "$tmp/project"
printf 'obj-m := mine.o\n' >"$module/Kbuild"
echo 'int fake_mine;' >"$module/mine.c"
called "$module" lab
lab=$(sed -n 's/.*, built in //p' "$tmp/output")
programs "$lab"
called "$module/sub" LINUX_DIR="$tree" modules
is 'a module is built with the menu' "$?-$(test -e "$lab/modules/driver/mine.ko" && echo there)" 0-there
ok '... by its full name' grep -qx "CONFIG_MODULES_FOLDERS=\"$module\"" "$lab/.config"
echo 'CONFIG_VM_MEMORY=444' >"$module/more.config"
called "$module" LINUX_DIR="$tree" defconfig FRAGMENTS=more.config
is '... which another configuration has, too, and files are meant from here' \
	"$?-$(grep -cx "CONFIG_MODULES_FOLDERS=\"$module\"\|CONFIG_VM_MEMORY=444" "$lab/.config")" 0-2
called "$module" LINUX_DIR="$tree" modules reload
is '... and which reload means' "$?-$(grep -c 'no machine runs' "$tmp/output")" 2-1

called "$module" init
called "$module" lab
is 'in .kiln/ if that is wished' "$(sed -n 's/.*, built in //p' "$tmp/output")-$(cat "$tmp/project/.kiln/.gitignore")" \
	"$tmp/project/.kiln/default-*"

called "$tree" init
programs "$tree/.kiln/default"
called "$tree" linux
called "$tree" linux
is '... in a kernel tree, which is not built again for it' "$?-$(grep -c 'Nothing to be done' "$tmp/output")" 0-1
rm -r "$tree/.kiln"

called "$tmp" --version
is 'its version' "$?-$(grep -c '^kiln ' "$tmp/output")" 0-1
called "$tmp" help
is 'help is that of make, too' "$?-$(grep -cE '^  (menuconfig|bindeb-pkg) ' "$tmp/output")" 0-2

# A machine
called "$tree" lab
lab=$(sed -n 's/.*, built in //p' "$tmp/output")
rm -rf "$lab"
# shellcheck source=src/test/lib/checkout.sh
. "$OLDPWD/src/test/lib/checkout.sh"
view_lab "$lab"
is 'a command has its input, output and status' \
	"$(cd "$tree/kernel" && echo asked | kiln -- sh -c 'cat; exit 7' 2>"$tmp/errors"; echo "$?")" $'asked\n7'

# shellcheck disable=SC2016 # that shell expands it
is 'a shell opens where you are, and finds the kernel' \
	"$(cd "$tree/kernel" && echo 'pwd -P; echo $KDIR' | SHELL=/bin/sh kiln shell 2>"$tmp/errors")" \
	"$tree/kernel"$'\n'"$lab/linux/build"

finish
