#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Whatever ends a build, the next make ends with what an undisturbed one gives:
# KILLS times (3) a random process of a build on fake sources gets a random
# signal at a random moment; the disk is full at DISKS places (2); the output is
# read-only.  SEED gives the same choices again, though not the same moments.

# shellcheck disable=SC2317 # ok calls them
set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/lab.sh
. src/test/lib/lab.sh
# shellcheck source=src/test/lib/kills.sh
. src/test/lib/kills.sh

kills=${KILLS:-3}
delay=0.02

# The inputs are those of lab 3 or 4: all that is built differs.
inputs()
{
	sed -i "s/FAKE_TIMES .*/FAKE_TIMES $1/" "$LINUX_DIR/include/linux/fake.h"
	sed -i "s/^VERSION := .*/VERSION := 6.12.$1/" "$LINUX_DIR/Makefile"
	sed -i "s/fake_applets = .*;/fake_applets = $1;/" "$BUSYBOX_DIR/applets.c"
	sed -i "s/v[0-9]*\";/v$1\";/" kmod/hello/hello.h
	# At once, as editors write: a make may still be there, and conf would
	# complete what it finds half written.
	{
		sed '/LINUX_BZIMAGE/d; /ROOTFS_HOSTNAME/d' out/.config
		printf '%s\n' "CONFIG_LINUX_BZIMAGE=$([ "$1" = 3 ] && echo y || echo n)" \
			"CONFIG_ROOTFS_HOSTNAME=\"lab$1\""
	} >out/edited
	mv out/edited out/.config
}

remove_all()
{
	make -s clean
}

build()
{
	timeout 600 make >"$tmp/output" 2>&1
}

# same NUMBER - is the result that of undisturbed builds of lab NUMBER?
same()
{
	build || { cat "$tmp/output"; return 1; }
	products | diff "$tmp/lab$1" -
}

echo '#define VERSION "v3";' >kmod/hello/hello.h
make -s defconfig >"$tmp/output"
for n in 4 3; do
	remove_all
	inputs $n
	build || { cat "$tmp/output"; exit 1; }
	products >"$tmp/lab$n"
done
ok 'the two labs differ' test "$(join -j 2 "$tmp/lab3" "$tmp/lab4" | awk '$2 == $3' | grep -c vmlinux)" = 0

# How long such a build takes.
remove_all
start=${EPOCHREALTIME/[.,]/}
FAKE_DELAY=$delay make >"$tmp/output" 2>&1
longest=$(((${EPOCHREALTIME/[.,]/} - start) / 1000))

echo "# SEED=$SEED, $kills kills within $longest ms"
n=3
for ((round = 1; round <= kills; round++)); do
	n=$((7 - n))
	inputs $n
	[ $((RANDOM % 4)) != 0 ] || remove_all
	disturb env FAKE_DELAY=$delay make || { result 1 "all processes end after $event"; }
	# And sometimes the user goes back to what was built.
	if [ $((RANDOM % 3)) = 0 ]; then
		n=$((7 - n))
		inputs $n
	fi
	ok "$round: $event" same $n
done
echo "# $hits processes were hit"

# Mounts of our own.
if [ "$(id -u)" = 0 ]; then
	mounts=(unshare -m)
else
	mounts=(unshare -rm)
fi
if ! "${mounts[@]}" mount -t tmpfs none out; then
	result 0 'the disk is full, or read-only # SKIP this user may not mount anything'
	finish
fi

# fails SENTENCE - make does, and says so
fails()
{
	if build; then
		echo 'make did not fail'
		return 1
	fi
	grep -q "$1" "$tmp/output" || { cat "$tmp/output"; return 1; }
}

# A disk in memory in the place of out.
memory_disk()
{
	mount -t tmpfs -o size="$1" none out && cp -a "$tmp/start/." out/
}

# used - KiB of it before and after the build
used()
{
	memory_disk 64m && df --output=used -k out && build && df --output=used -k out
}

# full_disk KIB - that is its size; dash calls it an I/O error, and flex has words of
# its own.  An ordinary user may not repeat the options which the mount has, such as
# the uid.
full_disk()
{
	memory_disk "$1k" &&
		fails 'No space left on device\|I/O error\|error writing output file' &&
		mount --options-mode ignore -o remount,size=64m none out &&
		same 3
}

read_only()
{
	mount --bind out out &&
		mount -o remount,bind,ro out &&
		fails 'Read-only file system' &&
		mount -o remount,bind,rw out &&
		same 4
}

inputs 3
remove_all
cp -a out "$tmp/start"
export tmp out
export -f build same products fails memory_disk used full_disk read_only
read -r _ empty _ full < <("${mounts[@]}" bash -c used | tr '\n' ' ')
disks=${DISKS:-2}
for ((part = 0; part < disks; part++)); do
	ok "the disk is full at $part/$disks" \
		"${mounts[@]}" bash -c "full_disk $((empty + (full - empty) * part / disks))"
done

build
inputs 4
ok 'the output is read-only' "${mounts[@]}" bash -c read_only

finish
