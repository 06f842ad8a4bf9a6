#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A project of the user's own joins by EXTERNAL=: what it has is used, its paths stay its
# own, it is remembered, and one that cannot be is told before any work.  On fake sources.

# shellcheck disable=SC2016,SC2317 # make's and Kconfig's; ok calls functions
set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/lab.sh
. src/test/lib/lab.sh

project=$tmp/yours/lamps

run()
{
	timeout 300 make "$@" >"$tmp/output" 2>&1
}

ran()
{
	sed -nE 's/^  ([a-z]+) +([a-z0-9_.-]+)( .*)?$/\1:\2/p' "$tmp/output" | sort | tr '\n' ' '
}

# kernel LINE - does its configuration have it?
kernel()
{
	grep -qx "$1" out/linux/build/.config
}

# refused PROMISE SENTENCE WORD... - make WORD... is, by this sentence, before any work
refused()
{
	local promise=$1 sentence=$2

	shift 2
	run "$@"
	is "$promise is refused" "$?-$(ran)-$(grep -cE "$sentence" "$tmp/output")" 2--1
}

mkdir -p "$project"/{menu,configs,devices/lamp,recipes/letter,kmod/{include,dimmer,plain,crab}}
printf '%s\n' 'config LAMPS' '	bool "Lamps"' '	help' '	  There are some.' '' \
	'source "$(project)/menu/more"' >"$project/Kconfig"
printf '%s\n' 'config LAMPS_COLOUR' '	string "Their colour"' '	default "green"' '	help' '	  A colour.' >"$project/menu/more"
printf '%s\n' 'config VM_LAMP' '	bool "A lamp"' '	help' '	  It shines.' >"$project/devices/lamp/Kconfig"
echo 'words	-device lamp,colour=@LAMPS_COLOUR@' >"$project/devices/lamp/qemu"
echo 'CONFIG_FAKE_LOUD=y' >"$project/devices/lamp/linux.config"
echo 'CONFIG_FAKE_GREETING="of lamps"' >"$project/linux.config"
printf '%s\n' CONFIG_LAMPS=y CONFIG_VM_LAMP=y >"$project/configs/lamps_defconfig"
cat >"$project/recipes/letter/letter.mk" <<'END'
# SPDX-License-Identifier: GPL-2.0-only
#
# letter - what is written of lamps

letter_steps := write
letter_write_in := $(letter_folder)/text
letter_write_out := $(O)/letter/letter
## letter: Write of lamps
define letter_write
	cp $(letter_folder)/text $(O)/letter/letter
endef

$(call recipe,letter,$(CONFIG_LAMPS))
END
echo 'Dear lamps' >"$project/recipes/letter/text"
printf '# what a letter takes\n\nkiln-none-at-all\tkiln-none\tLAMPS\tletters (make letter)\n' >"$project/recipes/letter/tools"
echo 'obj-m := dimmer.o' >"$project/kmod/dimmer/Kbuild"
echo 'ccflags-y := -I$(src)/../include' >>"$project/kmod/dimmer/Kbuild"
echo 'int fake_dimmer;' >"$project/kmod/dimmer/dimmer.c"
echo '/* shared 1 */' >"$project/kmod/include/shared.h"
echo 'obj-m := plain.o' >"$project/kmod/plain/Makefile"
echo 'int fake_plain;' >"$project/kmod/plain/plain.c"
echo 'obj-m := crab.o' >"$project/kmod/crab/Kbuild"
echo '// Rust' >"$project/kmod/crab/crab.rs"
(cd "$project" && find . -printf '%P %T@ %C@\n' | sort) >"$tmp/before"

run EXTERNAL="$project" lamps_defconfig
is 'its configurations are goals' "$?-$(grep -cx 'CONFIG_VM_LAMP=y\|CONFIG_LAMPS_COLOUR="green"' out/.config)" 0-2
run help
is '... which help lists, and its recipes, by what the menu remembers' \
	"$(grep -cE '^  (lamps_defconfig|letter) |^Of .*/yours/lamps:$|help-NAME.* letter' "$tmp/output")" 4
run help-letter
ok '... of which it tells more' grep -q '^letter - what is written of lamps' "$tmp/output"
run doctor
ok 'what its recipes take of this machine is looked at' grep -q '^missing *kiln-none-at-all ' "$tmp/output"
refused 'a machine that lacks that' 'this machine lacks kiln-none-at-all' all
rm "$project/recipes/letter/tools"
run || cat "$tmp/output"
is 'its recipes are made' "$(cat out/letter/letter)" 'Dear lamps'
ok 'its devices are in the machine' grep -q 'device lamp,colour=green' <(out/run --print)
ok '... and what they ask of the kernel there' kernel CONFIG_FAKE_LOUD=y
ok '... as what the project asks' kernel 'CONFIG_FAKE_GREETING="of lamps"'
is 'its modules are in the root, but for those in Rust' \
	"$(cd out/modules/root/lib/modules/*/updates && echo *)" 'dimmer.ko hello.ko plain.ko'
run
ok '... then there is nothing to do' grep -q 'Nothing to be done' "$tmp/output"
is 'it is as it was' "$(cd "$project" && find . -printf '%P %T@ %C@\n' | sort | diff <(grep -v letter "$tmp/before") <(grep -v letter -))" ''
echo 'Dear all' >"$project/recipes/letter/text"
run
is 'an edit is seen' "$(ran)-$(cat out/letter/letter)" 'letter:write -Dear all'
sed -i 's/"green"/"red"/' "$project/menu/more"
sed -i /LAMPS_COLOUR/d out/.config
run
ok '... in a file of its menu, too' grep -q 'device lamp,colour=red' <(out/run --print)

# Its paths
echo '$(shell echo "$(src)/dimmer.c:3:5: error: no" >&2)' >>"$project/kmod/dimmer/Kbuild"
run modules M=dimmer
is 'an error names its file' "$(grep -c "^$project/kmod/dimmer/dimmer.c:3:5: error: no" out/modules/dimmer.log)" 1
sed -i '$d' "$project/kmod/dimmer/Kbuild"
echo '/* shared 2 */' >"$project/kmod/include/shared.h"
echo '#include "shared.h"' >>"$project/kmod/dimmer/dimmer.c"
run modules M=dimmer
is 'what its modules share is found' "$?-$(grep -c 'shared 2' out/modules/dimmer.tree/include/shared.h)" 0-1
run modules M=crab
ok 'one in Rust is told what it lacks' grep -q 'M=crab: kmod/crab is in Rust, which is off' "$tmp/output"
run -n compile_commands.json
ok 'editors are told of its folders' grep -q "$project/kmod/dimmer" "$tmp/output"
cat >"$project/kmod/dimmer/dimmer.t" <<-'END'
	echo 1..1
	echo ok 1 - it dims
END
auto_conf=out/include/config/auto.conf
is 'whoever looks for the folder of a module finds it' \
	"$(. src/engine/lib.sh && folders_of kmod | grep -v include | paste -sd ' ')" \
	"kmod/hello $project/kmod/crab $project/kmod/dimmer $project/kmod/plain"

# Its eBPF programs: planned, for the fake kernel has no types
mkdir -p "$project/bpf/glow"
touch "$project/bpf/glow/glow.bpf.c"
cp out/.config "$tmp/config"
if run ebpf_defconfig; then
	run -n bpf
	ok 'its eBPF programs are built' grep -q "recipes/bpf/build $project/bpf/glow out/bpf/glow" "$tmp/output"
fi
rm -r "$project/bpf"
cp "$tmp/config" out/.config

# Another list of folders
other=$tmp/yours/other
mkdir -p "$other/devices/bell"
printf '%s\n' 'config VM_BELL' '	bool "A bell"' '	help' '	  It rings.' >"$other/devices/bell/Kconfig"
EXTERNAL="$project $other" run olddefconfig
is 'the environment names two' "$?-$(sed -n 's/^CONFIG_EXTERNAL=//p' out/.config)-$(grep -c VM_BELL out/.config)" \
	"0-\"$project $other\"-1"
ok '... and what was remembered before is said' grep -qx "kiln: out/.config had EXTERNAL='$project', and has $project $other now" "$tmp/output"
run listnewconfig
is '... each has a menu of its name' "$(sed -n 's/^menu //p' out/host/kconfig/found.projects | paste -sd ' ')" '"lamps" "other"'
mkdir "$other/devices/horn"
sed 's/BELL/HORN/' "$other/devices/bell/Kconfig" >"$other/devices/horn/Kconfig"
run olddefconfig
ok 'a folder that comes is seen' grep -q VM_HORN out/.config
cp out/.config "$tmp/config"
run -n EXTERNAL="$project"
is 'a make that only looks remembers nothing' "$?-$(grep -c 'and -n writes no other there' "$tmp/output")-$(cmp out/.config "$tmp/config")" 2-1-
run EXTERNAL="$other"
is 'one whose options are chosen does not leave in silence' \
	"$?-$(grep -c 'CONFIG_LAMPS is unknown\|CONFIG_VM_LAMP is unknown' "$tmp/output")" 2-2
run EXTERNAL="$project $other"
is '... and comes back with them' "$?-$(grep -cx 'CONFIG_LAMPS=y' out/.config)" 0-1
run savedefconfig
is 'a configuration that is saved does not say where it lies' "$(grep EXTERNAL out/defconfig)-$(grep -c LAMP out/defconfig)" -2
run EXTERNAL= defconfig
is 'EXTERNAL= is none' "$?-$(grep -c 'LAMP\|HORN' out/.config)-$(grep EXTERNAL= out/.config)" '0-0-CONFIG_EXTERNAL=""'
run lamps_defconfig
ok '... and its goals go' grep -q 'there is no configs/lamps_defconfig' "$tmp/output"

# Relative names
mkdir -p beside/configs
run EXTERNAL=beside olddefconfig
is 'a relative name is remembered in full' "$(sed -n 's/^CONFIG_EXTERNAL=//p' out/.config)" "\"$PWD/beside\""

# What cannot be
mv beside gone
refused 'one that is gone' "CONFIG_EXTERNAL=$PWD/beside: there is no such folder: EXTERNAL=DIR names it" all
ok '... help works without' run help
refused 'a file' 'EXTERNAL=.*/Makefile is a file' EXTERNAL=Makefile
refused 'kiln itself' 'EXTERNAL=.* is kiln itself' EXTERNAL=.
refused 'a folder of something else' 'EXTERNAL=.*/docs is no project: it has none of Kconfig' EXTERNAL=docs
refused 'a name that make cannot handle' 'a ; in EXTERNAL=a;b' EXTERNAL='a;b'
refused '... or no system' 'EXTERNAL has a name that is longer' EXTERNAL="$(printf '%05000d' 0)"
mkdir -p "$tmp/again/lamps/configs" "$tmp/bad/configs" "$tmp/bad/recipes/none" "$tmp/bad/devices"
refused 'two of one name' "$project and $tmp/again/lamps are two projects with the same name" EXTERNAL="$project $tmp/again/lamps"
refused 'a recipe without a makefile' "$tmp/bad/recipes/none is no recipe: it has no none.mk" EXTERNAL="$tmp/bad"
mv "$tmp"/bad/recipes/{none,linux}
touch "$tmp"/bad/recipes/linux/linux.mk
refused 'a recipe that is called as one here' "recipes/linux and $tmp/bad/recipes/linux are two recipes|$tmp/bad/recipes/linux: a recipe cannot" EXTERNAL="$tmp/bad"
mv "$tmp"/bad/recipes/{linux,clean}
mv "$tmp"/bad/recipes/clean/{linux,clean}.mk
refused '... or as another goal' "$tmp/bad/recipes/clean: a recipe cannot have this name" EXTERNAL="$tmp/bad"
rm -r "$tmp/bad/recipes"
touch "$tmp/bad/configs/debug_defconfig"
refused 'a configuration, too' 'are two configurations with the same name' EXTERNAL="$tmp/bad"
rm -r "$tmp/bad/configs"
printf 'menuconfig VM_Q35\n\tbool "Mine"\n' >"$tmp/bad/Kconfig"
refused 'a symbol that is one here' "recipes/vm/Kconfig and $tmp/bad/Kconfig both have the symbol VM_Q35: rename" EXTERNAL="$tmp/bad"
printf 'config VM_LAMP\n\tbool "Mine"\n' >"$tmp/bad/Kconfig"
refused '... or of another project' 'both have the symbol VM_LAMP' EXTERNAL="$tmp/bad $project"
echo 'source "more"' >"$tmp/bad/Kconfig"
refused 'a file of a menu that is sought here' "sources \"more\": write \"\\\$\\(project\\)/FILE\"" EXTERNAL="$tmp/bad"
echo 'source "$(project)/more"' >"$tmp/bad/Kconfig"
refused '... or is not there' "there is no $tmp/bad/more, which the menu of $tmp/bad sources" EXTERNAL="$tmp/bad"
ok '... and none of it was remembered' grep -qx "CONFIG_EXTERNAL=\"$PWD/beside\"" out/.config

# The example, as what its CI says; the kernel's options are new to the fake one, and the machine
# is a script.
cp -r docs/external "$tmp/example"
grep -h '^CONFIG' docs/external/devices/*/linux.config |
	sed 's/^CONFIG_\(.*\)=y/config \1\n\tbool "\1"/' >>"$LINUX_DIR/Kconfig.asked"
run EXTERNAL= defconfig
run
cat >out/host/vm <<-'END'
	#!/bin/sh
	cat >/dev/null
	printf '%s\n' 'ok 1 - it loads' 1..1
END
sed -n 's/^ *- run: make //p' "$tmp/example/.github/workflows/test.yml" | sed 1d >"$tmp/goals"
# shellcheck disable=SC2046 # its words
(cd "$tmp/example" && timeout 300 make KILN="$lab" $(cat "$tmp/goals")) >"$tmp/output" 2>&1
is "the example's CI configures, builds and tests it" "$?-$(<"$tmp/goals")-$(grep -c 'dimmer.t .* ok' "$tmp/output")" \
	'0-lamps_defconfig all test-1'
is '... with its letter' "$(cat out/letter/letter)" 'The lamps are red.'

finish
