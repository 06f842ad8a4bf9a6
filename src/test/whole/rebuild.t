#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# After any change, make does what is needed and nothing else: changes, and the
# steps that they make necessary, on fake sources.  Then make has nothing to do,
# and what was built is what a build from nothing gives: with FULL set after each
# change, else after every twentieth, for such a build costs more than all the rest.

# shellcheck disable=SC2317 # the table calls them
set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
kmod='hello virtio_kiln'
# shellcheck source=src/test/lib/lab.sh
. src/test/lib/lab.sh

# What happened | how | the steps that run; STEP+ is STEP and all after it.
# Changes add up, but for those of products, which are made again.
changes()
{
	cat <<-'EOF'
	nothing at all                             | true |
	an option of one step                      | option LINUX_BZIMAGE y | linux:build+
	and back                                   | option LINUX_BZIMAGE n | linux:build+
	an option with a fragment for the kernel   | option VM_RNG n | linux:configure+
	another release                            | option LINUX_LOCALVERSION "-mine" | linux:configure+
	and back                                   | option LINUX_LOCALVERSION "" | linux:configure+
	another number of the kernel               | option DEB_REVISION 2 | linux:configure+
	an option that only the packages read      | option DEB_DISTRIBUTION "stable" |
	an option that only the machine reads      | option VM_MEMORY 300 |
	free text that one step reads              | option ROOTFS_HOSTNAME "a$(b)#c" | fails
	free text that is right                    | option ROOTFS_HOSTNAME "other" | rootfs:list rootfs:pack+
	free text that no step reads               | option VM_APPEND "a$(b)#c" |
	.config was touched                        | touch out/.config |
	.config is of tomorrow                     | touch -d tomorrow out/.config |
	an earlier .config is put back             | put_back | linux:build+
	.config is gone and made again             | defaults | linux:configure+ rootfs:list

	an overlay is chosen                       | overlay | rootfs:list rootfs:pack+
	a file in it is edited                     | append overlay/etc/motd | rootfs:list rootfs:pack+
	a file in it is new                        | append overlay/new | rootfs:list rootfs:pack+
	a file in it is executable now             | chmod +x overlay/new | rootfs:list rootfs:pack+
	a file in it gave way to an older one      | older overlay/new | rootfs:list rootfs:pack+
	a file in it is gone                       | rm overlay/new | rootfs:list rootfs:pack+

	a fragment of the lab                      | append recipes/linux/lab.config CONFIG_FAKE_LOUD=y | linux:configure+
	a fragment gave way to an older one        | older recipes/linux/lab.config | linux:configure+
	a fragment of the user                     | append out/linux.config CONFIG_FAKE_GREETING="new" | linux:configure+
	it is edited                               | append out/linux.config CONFIG_FAKE_GREETING="newer" | linux:configure+
	and gone                                   | rm out/linux.config | linux:configure+
	one for busybox                            | append out/busybox.config CONFIG_FAKE_EDITOR=n | busybox:configure+
	and gone                                   | rm out/busybox.config | busybox:configure+

	a module's source                          | append kmod/hello/hello.c | modules:hello+
	a module's source gave way to an older one | older kmod/hello/hello.c | modules:hello+
	a module's new header                      | append kmod/hello/hello.h | modules:hello+
	a module's header that is gone             | rm kmod/hello/hello.h | modules:hello+
	a header for all modules                   | append kmod/include/compat.h | modules:include modules:virtio_kiln modules:install+
	a file that is not the module's            | append kmod/hello/hello.c~ |
	what its README tells                      | append kmod/hello/README.md |
	a new module                               | second_module | modules:second modules:install+
	a module that is gone                      | rm -r kmod/second | modules:install+

	a header of a program                      | append src/vm/args/args.h | host:vm vm:script
	a script that a step runs                  | append recipes/modules/install | modules:install+
	a script that a step runs, an older one    | older recipes/modules/install | modules:install+
	the text of a recipe                       | edit recipes/rootfs/rootfs.mk s/_cpio.-t/_cpio.no\x20-t/ | fails
	the text of a recipe, put right            | edit recipes/rootfs/rootfs.mk s/_cpio.no.-t/_cpio\x20-t/ | rootfs:pack+
	a comment of a recipe                      | append recipes/linux/linux.mk |
	the lab's Kconfig                          | append recipes/vm/Kconfig |
	the compiler, upgraded                     | fake_gcc 100.2 | linux:configure+ busybox:configure+
	the linker, upgraded                       | fake_ld 100.2 | linux:configure+ busybox:configure+

	no .config of the kernel                   | lose linux/build/.config | linux:configure+
	no vmlinux                                 | lose linux/build/vmlinux | linux:build+
	no vmlinux.stripped                        | lose linux/vmlinux.stripped | linux:build+
	no busybox                                 | lose busybox/build/busybox | busybox:build+
	no hello.ko                                | lose modules/hello/hello.ko | modules:hello+
	no module in the root                      | lose modules/root/lib/modules/6.12.1/updates/hello.ko | modules:install+
	no list of the root                        | lose rootfs/list | rootfs:list rootfs:pack+
	no initramfs                               | lose rootfs/initramfs.cpio | rootfs:pack+
	no out/run                                 | lose run | vm:script
	nothing but programs and configurations    | make -s clean | linux:configure+ busybox:configure+ guest:build modules:include
	half the .config of the kernel             | halve linux/build/.config | linux:configure+
	half a vmlinux                             | halve linux/build/vmlinux | linux:build+
	half a vmlinux.stripped                    | halve linux/vmlinux.stripped | linux:build+
	half a busybox                             | halve busybox/build/busybox | busybox:build+
	half a hello.ko                            | halve modules/hello/hello.ko | modules:hello+
	half a module in the root                  | halve modules/root/lib/modules/6.12.1/updates/hello.ko | modules:install+
	half an initramfs                          | halve rootfs/initramfs.cpio | rootfs:pack+
	another vmlinux of the same size           | older out/linux/build/vmlinux | linux:build+

	a file in LINUX_DIR is edited              | append $LINUX_DIR/kernel/core.c | linux:build+
	a file in LINUX_DIR gave way to an older   | older $LINUX_DIR/lib/greet.c | linux:build+
	a header there gave way to an older one    | older $LINUX_DIR/include/linux/fake.h | linux:build+
	another, which make -n was told of first   | older_asked $LINUX_DIR/include/linux/fake.h | linux:build+
	another, which the kernel alone saw first  | older_alone $LINUX_DIR/include/linux/fake.h | modules:hello modules:install modules:virtio_kiln rootfs:list rootfs:pack vm:script
	a makefile there gave way to an older one  | older $LINUX_DIR/Kbuild | linux:configure+
	a file in LINUX_DIR is new                 | append $LINUX_DIR/lib/new.c | linux:build+
	and deleted                                | rm $LINUX_DIR/lib/new.c | linux:build+
	a folder in LINUX_DIR gave way to an older | older_folder $LINUX_DIR/lib | linux:configure+
	a Kconfig file in LINUX_DIR                | edit $LINUX_DIR/Kconfig s/"hello"/"hi"/ | linux:configure+
	the base configuration in LINUX_DIR        | append $LINUX_DIR/kernel/configs/tiny.config CONFIG_FAKE_LOUD=y | linux:configure+
	another version in LINUX_DIR               | edit $LINUX_DIR/Makefile s/6.12.1/6.12.2/ | linux:configure+
	the first version again                    | edit $LINUX_DIR/Makefile s/6.12.2/6.12.1/ | linux:configure+
	another LINUX_DIR, of the same dates       | another_tree | linux:configure+
	the first one again                        | first_tree | linux:configure+
	another tree of the same name              | exchange_trees | linux:configure+
	a link to LINUX_DIR                        | link_tree |
	a file behind the link                     | append $tmp/linux/kernel/core.c | linux:build+
	the link leads elsewhere                   | relink_tree | linux:configure+
	git checkout of another commit             | git_checkout new | linux:configure+
	and back                                   | git_checkout old | linux:configure+
	git status                                 | git -C $LINUX_DIR status |
	a folder there that nobody may read        | mkdir -m 0 $LINUX_DIR/closed | linux:configure+
	and gone                                   | rmdir $LINUX_DIR/closed | linux:configure+

	a file in BUSYBOX_DIR is edited            | append $BUSYBOX_DIR/applets.c | busybox:configure+
	a file there gave way to an older one      | older $BUSYBOX_DIR/applets.c | busybox:configure+
	EOF
}

option()
{
	sed -i "/CONFIG_$1[ =]/d" out/.config
	echo "CONFIG_$1=$2" >>out/.config
}

put_back()
{
	cp -p out/.config "$tmp/earlier"
	option LINUX_BZIMAGE y
	make >"$tmp/output" 2>&1
	mv "$tmp/earlier" out/.config
}

defaults()
{
	rm out/.config
	make -s defconfig
}

# A line that means nothing, unless there is another one.
append()
{
	local line='# a comment'

	case $1 in
	*.[ch]) line='/* a comment */' ;;
	esac
	mkdir -p "${1%/*}"
	echo "${2-$line}" >>"$1"
}

edit()
{
	sed -i "$2" "$1"
}

# Another file of the same size takes the place of FILE, its date is long ago.
older()
{
	cp -p "$1" "$tmp/older"
	case $1 in
	*.c) sed -i '0,/[a-z] /s/[a-z] /&/; s/;$/ /; s/ $/;/' "$tmp/older" ;;
	esac
	printf '\n' >>"$tmp/older"
	touch -d 2001-02-03 "$tmp/older"
	mv "$tmp/older" "$1"
}

older_asked()
{
	older "$1"
	make -n
}

older_alone()
{
	older "$1"
	make linux
}

older_folder()
{
	cp -rp "$1" "$tmp/older"
	sed -i 's/times--/--times/' "$tmp/older/greet.c"
	find "$tmp/older" -exec touch -d 2001-02-03 {} +
	# Known since before the last make: only its place is new.
	make >"$tmp/output" 2>&1
	mv "$1" "$tmp/newer"
	mv "$tmp/older" "$1"
}

overlay()
{
	append overlay/etc/motd
	option ROOTFS_OVERLAY '"overlay"'
}

second_module()
{
	mkdir kmod/second
	echo 'obj-m := second.o' >kmod/second/Kbuild
	append kmod/second/second.c
}

lose()
{
	rm "out/$1"
}

halve()
{
	truncate -s "$(($(stat -c %s "out/$1") / 2))" "out/$1"
}

another_tree()
{
	cp -rp "$LINUX_DIR" "$tmp/linux2"
	sed -i 's/times--/--times/' "$tmp/linux2/lib/greet.c"
	touch -r "$LINUX_DIR/lib/greet.c" "$tmp/linux2/lib/greet.c"
	LINUX_DIR=$tmp/linux2
}

first_tree()
{
	LINUX_DIR=$tmp/linux
}

exchange_trees()
{
	mv "$tmp/linux" "$tmp/linux3"
	mv "$tmp/linux2" "$tmp/linux"
	mv "$tmp/linux3" "$tmp/linux2"
}

link_tree()
{
	ln -s linux "$tmp/link"
	LINUX_DIR=$tmp/link
}

relink_tree()
{
	ln -sfn linux2 "$tmp/link"
}

git_checkout()
{
	local git=(git -C "$LINUX_DIR" -c user.name=x -c user.email=x@localhost -c commit.gpgsign=false)

	if [ ! -e "$LINUX_DIR/.git" ]; then
		"${git[@]}" init -q -b old
		"${git[@]}" add -A
		"${git[@]}" commit -q -m old
		"${git[@]}" checkout -q -b new
		echo '#define FAKE_MORE 1' >"$LINUX_DIR/include/linux/more.h"
		sed -i '1a#include <linux/more.h>' "$LINUX_DIR/kernel/core.c"
		"${git[@]}" mv lib/loud.c lib/louder.c
		sed -i s/loud.o/louder.o/ "$LINUX_DIR/Kbuild"
		"${git[@]}" add -A
		"${git[@]}" commit -q -m new
	fi
	"${git[@]}" checkout -q "$1"
}

# after STEP... - the steps in order of the table; STEP+ and what follows
after()
{
	local step

	for step; do
		case $step in
		linux:configure+) after linux:configure modules:kbuild rootfs:tool linux:build+ ;;
		linux:build+) after linux:build; after "${modules[@]}" modules:install+ ;;
		modules:hello+) after modules:hello modules:install+ ;;
		modules:install+) after modules:install rootfs+ ;;
		busybox:configure+) after busybox:configure busybox:build+ ;;
		busybox:build+) after busybox:build rootfs+ ;;
		rootfs+) after rootfs:list rootfs:pack+ ;;
		rootfs:pack+) after rootfs:pack vm:script ;;
		*) echo "$step" ;;
		esac
	done
}

# The steps that make said it ran.
ran()
{
	sed -nE 's/^  ([a-z]+) +([a-z0-9_.-]+)( .*)?$/\1:\2/p' "$tmp/output"
}

build()
{
	timeout 600 make >"$tmp/output" 2>&1
}

# What a build from nothing gives, with the same programs and configuration.
build_from_nothing()
{
	mv out "$tmp/was"
	mkdir out
	cp -a "$tmp/was/host" "$tmp/was/.config" out/
	cp -a "$tmp"/was/*.config out/ 2>/dev/null
	make >"$tmp/output.nothing" 2>&1 || cat "$tmp/output.nothing"
	products
	rm -rf "$tmp/was"
}

modules=()
for kbuild in kmod/*/Kbuild; do
	# The default lab has no Rust.
	compgen -G "${kbuild%/*}/*.rs" >/dev/null ||
		modules+=("modules:$(basename "${kbuild%/*}")")
done

make -s defconfig
build || { cat "$tmp/output"; exit 1; }

every=20
[ -z "${FULL-}" ] || every=1
changed=0 # the inputs, so often
compared=-1 # at which of these times they were built from nothing
while IFS='|' read -r name how steps; do
	[ -n "$name" ] || continue
	name=${name%"${name##*[! ]}"}
	read -r steps <<<"$steps"
	read -ra words <<<"${how//\$LINUX_DIR/$LINUX_DIR}"
	for i in "${!words[@]}"; do
		words[i]=${words[i]//\$BUSYBOX_DIR/$BUSYBOX_DIR}
		words[i]=${words[i]//\$tmp/$tmp}
	done

	"${words[@]}" >"$tmp/how" 2>&1 || cat "$tmp/how"
	build
	status=$?
	if [ "$steps" = fails ]; then
		is "$name: make fails" "$status" 2
		continue
	fi
	# shellcheck disable=SC2086 # a list
	is "$name: what is needed" "$(ran | sort -u)" "$(after $steps | sort -u)"
	[ $status = 0 ] || cat "$tmp/output"
	build
	ok "$name: then nothing" grep -q 'Nothing to be done' "$tmp/output"
	# Products are no input: for them one build from nothing will do.
	case ${words[0]} in
	lose | halve) compare=1 ;;
	*)
		changed=$((changed + 1))
		compare=$((changed % every ? 0 : 1))
		;;
	esac
	if [ "$compare" != 0 ]; then
		products >"$tmp/got"
		[ "$changed" = "$compared" ] || build_from_nothing >"$tmp/nothing"
		compared=$changed
		ok "$name: as built from nothing" diff "$tmp/got" "$tmp/nothing"
	fi
done < <(changes)

# .config lacks a line, and is edited in the moment in which make would complete it.
sed -i '/CONFIG_VM_MEMORY=/d' out/.config
sed 's/ROOTFS_HOSTNAME=.*/ROOTFS_HOSTNAME="late"/' out/.config >"$tmp/edited"
cat >"$tmp/bin/ln" <<-EOF
	#!/bin/sh
	case "\$*" in *.config.old) mv "$tmp/edited" "$out/.config" 2>/dev/null ;; esac
	exec $(command -v ln) "\$@"
EOF
chmod +x "$tmp/bin/ln"
build
build
rm "$tmp/bin/ln"
is 'an edit in the moment in which .config is completed stays' \
	"$(grep -h HOSTNAME out/.config out/include/config/auto.conf; ls "$tmp/edited" 2>/dev/null)" \
	$'CONFIG_ROOTFS_HOSTNAME="late"\nCONFIG_ROOTFS_HOSTNAME=late'

# The search is killed when it has noted what changed, and make would go on.
older "$LINUX_DIR/Kbuild"
mv src/engine/changed "$tmp/changed"
# shellcheck disable=SC2016 # the script's
printf '#!/bin/bash\n%s "$@"\nkill -KILL $PPID\n' "$tmp/changed" >src/engine/changed
chmod +x src/engine/changed
build
is 'the search is killed: make fails' "$? $(grep -c '_DIR=.*: the search ' "$tmp/output")" '2 1'
mv "$tmp/changed" src/engine/changed
build
is '... and does all the next time' "$(ran | sort -u)" "$(after linux:configure+ | sort -u)"

finish
