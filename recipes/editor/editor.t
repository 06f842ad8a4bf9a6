#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What editors are told of this lab: clangd understands how it was compiled, indices
# know its functions, and settings of the user's stay.
#
# Needs: lab alone

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

checkout=$PWD
modules=()
for module in "$LAB"/modules/*/*.ko; do
	[ ! -e "$module" ] || modules+=("$(basename "$(dirname "$module")")")
done

mkdir -p "$LAB/editor"
ok 'how the kernel was compiled is written down' \
	recipes/editor/commands "$LAB" "$LINUX" "$LINUX" "${modules[@]/#/kmod/}" --

# files LAB - those in the database
files()
{
	perl -MJSON::PP -e 'local $/; print map { "$_->{file}\n" } @{decode_json(<STDIN>)}' \
		<"$1/compile_commands.json"
}
files "$LAB" >"$tmp/files"

# understood FILE [LAB] - by itself: what it includes is checked with it.
# shellcheck disable=SC2317 # ok calls it
understood()
{
	timeout 120 clangd --check="$1" --check-lines=1-1 --compile-commands-dir="${2-$LAB}" >"$tmp/clangd" 2>&1 &&
		! grep -E '^E|ailed to find compilation database' "$tmp/clangd" && return
	cat "$tmp/clangd"
	return 1
}

for file in kernel/fork.c drivers/char/random.c lib/vsprintf.c; do
	ok "$file is there" grep -qx "$LINUX/$file" "$tmp/files"
	ok '... and clangd has nothing to object' understood "$LINUX/$file"
done
for module in "${modules[@]}"; do
	# clangd knows no Rust.
	[ -e "kmod/$module/$module.c" ] || continue
	ok "$module is there, where it is edited" grep -qx "$PWD/kmod/$module/$module.c" "$tmp/files"
	ok '... and clangd has nothing to object' understood "$PWD/kmod/$module/$module.c"
done

for program in bpf/*/; do
	[ -e "$LAB/${program}commands.json" ] || continue
	source=$PWD/${program}$(basename "$program").bpf.c
	ok "$program is there" grep -qx "$source" "$tmp/files"
	ok '... and clangd has nothing to object' understood "$source"
done

# A module in a folder of the user's own, in a tree, is hello, as it would be built there; and
# the kernel's sources are links, to a tree with what was built there.
if [ -e "$LAB/modules/hello" ]; then
	mine=$tmp/yours/mine
	copies=$tmp/lab/modules
	edited=$tmp/edited
	mkdir -p "$tmp/lab/editor" "$copies/mine.tree" "$mine" "$edited/include/generated"
	ln -s "$LAB/linux" "$tmp/lab/linux"
	cp -a "$LAB/modules/hello" "$copies/mine.tree/mine"
	ln -s mine.tree/mine "$copies/mine"
	sed -i "s,$LAB/modules/hello/,$copies/mine/,g" "$copies/mine"/.*.cmd
	cp kmod/hello/hello.c "$mine"
	ln -s "$LINUX"/* "$edited" 2>"$tmp/ignored"
	ln -s "$LINUX"/include/* "$edited/include"
	echo '#error of another kernel' >"$edited/include/generated/autoconf.h"
	ok 'a folder elsewhere can be taken' recipes/editor/commands "$tmp/lab" "$LINUX" "$edited" "$mine" --
	ok '... whose module is there, where it is edited' grep -qx "$mine/hello.c" <(files "$tmp/lab")
	ok '... and clangd has nothing to object' understood "$mine/hello.c" "$tmp/lab"
	ok "the kernel's sources are where they are edited, of which these may be links" \
		grep -qx "$edited/kernel/fork.c" <(files "$tmp/lab")
	is '... its headers, too, and none of the links is named' "$(grep -c -- "-I$edited/include " \
		"$tmp/lab/compile_commands.json" | sed 's/[1-9][0-9]*/some/')-$(grep -c "$LINUX/include" "$tmp/lab/compile_commands.json")" some-0
fi

# The goals, where make has nothing to build: LINUX was fetched.
unset MAKEFLAGS MAKELEVEL MFLAGS
lab=(O="$LAB" DL="$(dirname "$LINUX")")
if [ -e "$LINUX/.fetched" ] && make -q "${lab[@]}" linux 2>"$tmp/ignored"; then
	ok 'make tags cscope' make -s "${lab[@]}" tags cscope
	ok 'tags know the kernel' grep -qP "^start_kernel\t$LINUX/init/main.c\t.*\tf" "$LAB/tags"
	ok 'tags know the modules' grep -qP "^hello_init\t$PWD/kmod/hello/hello.c\t" "$LAB/tags"
	is 'cscope knows who calls' "$(cd "$LAB" && cscope -d -L3 seq_printf | grep -c kmod/hello/hello.c)" 1
else
	result 0 'tags cscope # SKIP make would have to build something here'
fi

# Settings
mkdir -p "$tmp/checkout/recipes/editor" "$tmp/out/editor"
cp -r recipes/editor/{write,gcc-only,files} "$tmp/checkout/recipes/editor"
cd "$tmp/checkout" || exit 1
write()
{
	recipes/editor/write "$tmp/out" "$tmp/dl" "$LINUX" "$@" >"$tmp/said"
}
echo 'int a;' >a.c
echo "[{\"directory\": \"$PWD\", \"file\": \"a.c\", \"command\": \"gcc -fconserve-stack -c a.c\"}]" \
	>"$tmp/out/compile_commands.json"
understood a.c "$tmp/out" >"$tmp/ignored"
is 'clangd does not know an option of gcc' $? 1
write
ok '.clangd hides it' understood a.c "$tmp/out"
ok 'settings are written' test -e .vscode/launch.json -a -e .clangd
if command -v ccls >/dev/null; then
	timeout 300 ccls --index="$PWD" --log-file="$tmp/ccls" -v=1 >"$tmp/ignored" 2>&1
	is 'ccls reads what clangd does' "$(grep -o 'parse .*' "$tmp/ccls")-$(readlink compile_commands.json)" \
		"parse $PWD/a.c-$tmp/out/compile_commands.json"
fi
ok 'Neovim has to be asked for' test ! -e .nvim.lua
# shellcheck disable=SC2016 # perl's
for file in .vscode/*.json; do
	ok "$file is JSON" perl -MJSON::PP -0777 -ne 's,^\s*//.*\n,,mg; decode_json($_)' "$file"
done
ok 'they name this lab' grep -q "$tmp/out/editor/gdb" .vscode/launch.json
ok "C is formatted as the kernel's" cmp .clang-format "$LINUX/.clang-format"
ok 'nothing is left to fill in' sh -c '! grep -rE "@[A-Z]+@" .vscode .clangd .envrc .ccls'
mkdir -p "$tmp"/out/rust-analyzer/{mine,linux}
touch "$tmp"/out/rust-analyzer/{mine,linux}/rust-project.json
write
is 'projects in Rust are named, where there are any' \
	"$(perl -MJSON::PP -0777 -ne 's,^\s*//.*\n,,mg; print for sort @{decode_json($_)->{"rust-analyzer.linkedProjects"}}' .vscode/settings.json)" \
	"$tmp/out/rust-analyzer/linux/rust-project.json$tmp/out/rust-analyzer/mine/rust-project.json"
echo '{}' >.vscode/tasks.json
rm compile_commands.json
echo '[]' >compile_commands.json
echo '/* new */' >>recipes/editor/files/.vscode/launch.json
write .nvim.lua
is 'what the user wrote stays' "$(<.vscode/tasks.json)" '{}'
is '... which is said' "$(grep -c '^.vscode/tasks.json is yours and stays\|^compile_commands.json is yours and stays' "$tmp/said")-$(
	cat compile_commands.json)" '2-[]'
ok 'what we wrote is renewed' grep -q '/\* new \*/' .vscode/launch.json
ok 'Neovim has its settings' test -e .nvim.lua
if command -v nvim >/dev/null; then
	is '... which it reads' "$(nvim --headless --clean -c 'luafile .nvim.lua' -c 'echo &makeprg' -c quit 2>&1)" \
		"make O=$tmp/out"
fi

# What VS Code starts is gdb's machine interface.
cd "$checkout" || exit 1
mkdir -p "$tmp/out/linux/build"
echo 'int main(void) { return 0; }' | gcc -g -x c -o "$tmp/out/linux/build/vmlinux" -
echo CONFIG_DEBUG_INFO=y >"$tmp/out/linux/build/.config"
sed -i "s,^cd .*checkout',cd '$checkout'," "$tmp/out/editor/gdb"
is 'without a machine it is said' "$("$tmp/out/editor/gdb" --interpreter=mi 2>&1)" \
	"gdb: no machine runs in $tmp/out; make start or make run starts one"

finish
