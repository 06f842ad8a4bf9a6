#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A kernel tree that was built in place is built elsewhere, by links; on fake sources, and
# with FULL set on real ones.

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/lab.sh
. src/test/lib/lab.sh

tree=$LINUX_DIR
farm=$out/linux/src
export GIT_AUTHOR_NAME=t GIT_AUTHOR_EMAIL=t GIT_COMMITTER_NAME=t GIT_COMMITTER_EMAIL=t

# What Kbuild leaves in a tree, here in a configuration of its own that nothing shall see.
build_in_place()
{
	local file

	mkdir -p "$tree"/include/{config,generated} "$tree"/arch/x86/include/generated/asm
	echo CONFIG_FAKE_GREETING='"in place"' >"$tree/.config"
	echo 'CONFIG_FAKE_GREETING := "in place"' >"$tree/include/config/auto.conf"
	echo '#define CONFIG_FAKE_GREETING "in place"' >"$tree/include/generated/autoconf.h"
	echo '#error of the tree' >"$tree/arch/x86/include/generated/asm/fake.h"
	for file in ./vmlinux lib/greet.o kernel/table.h scripts/made; do
		echo "built in place" >"$tree/$file"
		echo "cmd_$file := cc" >"$tree/${file%/*}/.${file##*/}.cmd"
	done
}

# All that can be seen of the tree, but for git's own and when files were read.
whole()
{
	find "$tree" -path "$tree/.git" -prune -o -printf '%P %y %m %s %T@ %C@ %l\n' | sort
	find "$tree" -path "$tree/.git" -prune -o -type f -exec sha256sum {} + | sort -k 2
}

# made GOAL... - what make did there, its steps on lines; all that it said is in $tmp/output
made()
{
	make "$@" >"$tmp/output" 2>&1
	local status=$?

	sed -n 's/^  linux  *//p' "$tmp/output" | paste -sd ' '
	return $status
}

farm_has() { [ -L "$farm/$1" ] || [ -e "$farm/$1" ]; }

ln -s greet.c "$tree/lib/other.c"
mkdir -p "$tree/lib/sub"
ln -s ../../include "$tree/lib/sub/headers"
make -s defconfig >"$tmp/output" 2>&1
build_in_place
cp -a "$tree" "$tmp/kept"
whole >"$tmp/before"

is 'a tree that was built in place is built' "$(made linux)" 'farm configure build'
ok '... in the configuration of the lab' eval "! grep -q 'in place' '$out/linux/build/.config'"
is 'nothing of the tree has changed' "$(whole | diff "$tmp/before" - | sed q)" ''
for product in .config vmlinux lib/greet.o kernel/table.h scripts/made include/generated \
	include/config arch/x86/include/generated lib/.greet.o.cmd; do
	ok "the build does not see $product" eval "! farm_has $product"
done
is 'a file is a link, a link is as it was' "$(readlink "$farm/lib/greet.c" "$farm/lib/other.c")" \
	"$tree/lib/greet.c"$'\ngreet.c'
is '... that to a folder, too' "$(readlink "$farm/lib/sub/headers")" ../../include
is 'then nothing is to be done' "$(made linux)$(grep -c 'Nothing to be done' "$tmp/output")" 1
is 'nor where it is built in place once more' "$(build_in_place; made linux >/dev/null; made linux)" ''

echo '/* edited */' >>"$tree/lib/greet.c"
is 'an edit is built' "$(made linux)" 'farm configure build'
cp "$tmp/kept/lib/greet.c" "$tree/lib/greet.c"
echo broken >>"$tree/lib/greet.c"
made linux >/dev/null
is "the compiler's errors name the user's file" "$?-$(grep -c "^$tree/lib/greet.c:.*error" "$tmp/output")-$(grep -c "$farm" "$tmp/output")" 2-1-0
cp "$tmp/kept/lib/greet.c" "$tree/lib/greet.c"
echo 'int more;' >"$tree/lib/more.c"
rm "$tree/lib/loud.c"
mv "$tree/lib/other.c" "$tree/lib/another.c"
made linux >/dev/null
is 'a new file comes, a removed one goes, so does the old name of a renamed one' \
	"$(cd "$farm/lib" && echo *.c)" 'another.c greet.c more.c'
rm "$tree/lib/more.c"
cp -a "$tmp/kept/lib/loud.c" "$tree/lib"
is 'one that comes back with an early date counts' "$(made linux)" 'farm configure build'

# What a generator of code would write
rm "$farm/init/main.c"
echo 'int main_of_somebody_else;' >"$farm/init/main.c"
echo '/* edited */' >>"$tree/lib/greet.c"
made linux >/dev/null
is 'a link that was written over ends the build' "$?-$(grep -c "^farm: .*/init/main.c: is no link any more.*: remove it" "$tmp/output")" 2-1
rm "$farm/init/main.c"
is '... until it is removed' "$(made linux)" 'farm configure build'
if bwrap --dev-bind / / true 2>/dev/null; then
	is 'what writes through a link is refused' \
		"$(recipes/linux/shield "$tree" "$out" sh -c "echo x >>$farm/init/main.c" 2>&1 | grep -c 'Read-only file system')" 1
	ok '... and not what writes in the lab' recipes/linux/shield "$tree" "$out" touch "$out/here"
fi

make -s linux-clean >"$tmp/output" 2>&1
rm -rf "$tree"
cp -a "$tmp/kept" "$tree"
whole >"$tmp/before"
ok 'it is built anew' make -s linux
ok 'and cleaned' make -s linux-clean
is '... with nothing of the tree changed' "$(whole | diff "$tmp/before" - | sed q)" ''

# With git
rm -rf "$tree/include/config" "$tree/include/generated" "$tree/arch/x86/include/generated"
(
	cd "$tree" || exit
	find . -name '.*.cmd' -delete
	rm -f .config vmlinux lib/greet.o kernel/table.h scripts/made
	printf '%s\n' '.*' '!.gitignore' '*.o' /vmlinux /include/config/ /include/generated/ \
		/arch/x86/include/generated/ /kernel/table.h /scripts/made >.gitignore
	git init -q -b one
	git add -A
	git commit -qm one
	git checkout -q -b two
	sed -i 's/$/ \/\* two \*\//' lib/greet.c
	git mv lib/another.c lib/third.c 2>/dev/null || git mv lib/other.c lib/third.c
	git commit -qam two
	git checkout -q one
)
build_in_place
echo 'int mine;' >"$tree/lib/untracked.c"
is 'a tree of git is built' "$(made linux)" 'farm configure build'
is '... with what git does not ignore' "$(cd "$farm" && ls -d .config vmlinux lib/untracked.c lib/third.c .git 2>/dev/null)" lib/untracked.c
git -C "$tree" checkout -q two
is 'another branch is what is built then' "$(made linux)" 'farm configure build'
is '... with its files' "$(cd "$farm/lib" && ls other.c third.c 2>/dev/null)" third.c
ok '... and their contents' grep -q two "$farm/lib/greet.c"
git -C "$tree" clean -qfdx
is 'a tree that was cleaned since is not built from the start' "$(made linux)" 'farm configure build'
ok '... but by the farm that is there' test -L "$farm/lib/greet.c"
if [ "$UID" = 0 ]; then
	build_in_place
	chown -R 1 "$tree"
	made linux >/dev/null
	is "git's word about another owner is told" \
		"$?-$(grep -c 'dubious ownership' "$tmp/output")-$(grep -c '^linux: git does not name the files of LINUX_DIR=' "$tmp/output")" 2-1-1
fi
# A tree that is clean, and is to have modules in it
rm -rf "$tree" "$out/linux"
cp -a "$tmp/kept" "$tree"
(cd "$tree" && rm -rf .config include/{config,generated} arch/x86/include/generated)
mkdir -p "$tree/drivers"
echo 'obj-y += base/' >"$tree/drivers/Makefile"
whole >"$tmp/before"
cp out/.config "$tmp/config"
sed -i /MODULES_BUILTIN/d out/.config
echo 'CONFIG_MODULES_BUILTIN="hello"' >>out/.config
is 'a module goes into a tree of yours by links, too' "$(made linux)" 'farm configure builtin build'
is '... to copies in the lab' "$(cd "$farm/drivers" && readlink Makefile kiln/Kbuild kiln/hello/hello.c)" \
	"$(printf "$out/linux/builtin/drivers/%s\n" Makefile kiln/Kbuild kiln/hello/hello.c)"
is '... which the kernel is told of' "$(cat "$farm/drivers/Makefile")" $'obj-y += base/\nobj-y += kiln/'
is '... and nothing of the tree has changed' "$(whole | diff "$tmp/before" - | sed q)" ''
is '... then nothing is to be done' "$(made linux)$(grep -c 'Nothing to be done' "$tmp/output")" 1
echo '/* edited */' >>kmod/hello/hello.c
is 'it is edited' "$(made linux)-$(tail -n 1 "$farm/drivers/kiln/hello/hello.c")" 'builtin build-/* edited */'
echo '/* edited */' >>"$tree/lib/greet.c"
is '... or the tree' "$(made linux)" 'farm configure builtin build'
cp "$tmp/config" out/.config
is 'it goes with its line in the menu' "$(made linux)-$(readlink "$farm/drivers/Makefile"; ls -d "$farm/drivers/kiln" 2>/dev/null)" \
	"farm configure build-$tree/drivers/Makefile"

# A real one, in another configuration
if [ -n "${FULL-}" ]; then
	rm -rf out "$tree" "$tmp"/bin/{gcc,ld}
	hash -r
	unset BUSYBOX_DIR
	fresh
	cp -a "$LINUX" "$tree"
	rm -f "$tree/.fetched"
	ok 'a kernel is built in place' make -s -C "$tree" tinyconfig prepare lib/
	whole >"$tmp/before"
	echo CONFIG_BUSYBOX_HOST=y >"$tmp/host.config"
	make -s defconfig FRAGMENTS="$tmp/host.config" >"$tmp/output" 2>&1
	is 'it boots, as the lab configures it' \
		"$(make run CMD='uname -r; ls -d /sys/bus/virtio' 2>"$tmp/output" | tail -n 2)" \
		"$(make -s -C "$tree" kernelversion)"$'\n/sys/bus/virtio'
	make linux >"$tmp/output" 2>&1
	ok 'then nothing is to be done' grep -q 'Nothing to be done' "$tmp/output"
	make linux ARGS=mrproper >"$tmp/output" 2>&1
	make linux ARGS=rustfmt >>"$tmp/output" 2>&1
	make -s clean >>"$tmp/output" 2>&1
	is '... and the tree is as it was' "$(whole | diff "$tmp/before" - | sed q)" ''
fi

finish
