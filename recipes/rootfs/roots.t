#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The roots of the menu, each booted.  They share a lab in $LAB/check/roots, whose
# kernel has what all of them need: it is built once.
#
# shellcheck disable=SC2016,SC2317 # the guest expands; ok calls functions

set -uo pipefail
# shellcheck source=src/test/tap.sh
. src/test/tap.sh

unset MAKEFLAGS MAKELEVEL MFLAGS KILN_LOCK
PATH=$PATH:/usr/sbin:/sbin
case $LINUX in
*/linux-source-*) dl=${ROOTS_DL:-${LINUX%/*}} ;;
*) skip_all "its kernel is Debian's" ;;
esac
recipes/debian/as-root true 2>/dev/null || skip_all 'this user has no ids in /etc/subuid'
o=$LAB/check/roots
mkdir -p "$o"
fragments=$(printf 'recipes/linux/%s.config ' 9p overlay virtio-blk ext4 distribution)

# lab LINE... - makes the lab with these lines in its configuration
lab()
{
	printf 'CONFIG_%s\n' VM_ACCEL_TCG=y "LINUX_FRAGMENTS=\"$fragments\"" VM_KMOD=y "$@" >"$tmp/asked"
	make -s O="$o" DL="$dl" defconfig FRAGMENTS="$tmp/asked" >"$tmp/log" 2>&1 &&
		make O="$o" DL="$dl" >>"$tmp/log" 2>&1 && return
	tail -n 20 "$tmp/log" | sed 's/^/# /'
	echo 'Bail out!  the lab cannot be made'
	exit 1
}

# guest COMMAND - runs it in the guest
guest()
{
	timeout 100 "$o/host/vm" -O "$o" -t 80 run -- sh -c "$1" 2>"$tmp/said" || {
		local status=$?

		sed 's/^/# /' "$tmp/said" >&2
		return $status
	}
}

# modules PLACE - the lab's modules are there, and as they are built
check_modules()
{
	is "$1: the modules are there" "$(guest 'modprobe hello who=me && cat /sys/kernel/debug/hello/greeting')" \
		'Hello, me!'
}

# The sum of a folder with the names, modes and dates in it.
sum_of()
{
	recipes/debian/as-root bash -c 'cd "$1" && find . -printf "%p %m %U %G %T@ %s %l\n" | sort | sha256sum' - "$1"
}

# Debian in a folder
lab ROOTFS_DEBIAN=y
before=$(sum_of "$o/debian/root")
is 'a Debian folder: files have their owners' \
	"$(guest 'stat -c "%U %G %a" /etc/shadow /usr/bin/passwd /var/mail; touch /root/x; chown 12:34 /root/x; stat -c "%u %g" /root/x')" \
	$'root shadow 640\nroot root 4755\nroot mail 2775\n12 34'
check_modules 'a Debian folder'
echo 'while it runs' >"$o/modules/text"
is 'so are those that are built' "$(guest 'cat /root/kmod/text; insmod /root/kmod/hello/hello.ko && ls -d /sys/module/hello')" \
	$'while it runs\n/sys/module/hello'
guest 'exit 7'
is 'a command has its status' $? 7
guest 'touch /etc/here; sync; echo b >/proc/sysrq-trigger' >"$tmp/ignored" 2>&1
is 'what the guest changes is lost' "$(sum_of "$o/debian/root")" "$before"
is 'make has nothing to do' "$(make -q O="$o" DL="$dl"; echo $?)" 0

cat >"$tmp/shell.exp" <<-'END'
	set timeout 60
	log_user 0
	spawn $env(O)/run
	expect {
		-re {# $} {}
		default { puts "no prompt"; exit 1 }
	}
	send "tty; id -un; ps 2>&1 | head -1; exit\r"
	expect eof
	puts [lindex [wait] 3]
	puts [regexp {/dev/ttyS0\s+root} $expect_out(buffer)]
END
is "the console has root's shell, and the machine ends with it" "$(O=$o expect "$tmp/shell.exp")" $'0\n1'

lab ROOTFS_DEBIAN=y ROOTFS_KEPT=y
guest 'echo kept >/root/here; chown 12:34 /root/here'
is 'the menu can keep it' "$(guest 'cat /root/here; stat -c "%u %g" /root/here')" $'kept\n12 34'
is 'and make leaves it alone' "$(make -q O="$o" DL="$dl"; echo $?)" 0

# Debian on a disk
lab ROOTFS_IMAGE=y
image=$o/debian/disk.img
before=$(sha256sum <"$image")
is 'a Debian disk: it is the root' "$(guest 'grep -c "^/dev/vda / ext4 rw" /proc/mounts; stat -c "%U %G %a" /etc/shadow')" \
	$'1\nroot shadow 640'
check_modules 'a Debian disk'
guest 'dd if=/dev/zero of=/root/big bs=1M count=20 2>/dev/null; sync'
is 'what the guest writes is lost' "$(sha256sum <"$image")" "$before"

lab ROOTFS_IMAGE=y ROOTFS_KEPT=y
guest 'echo kept >/root/here'
ok 'a disk that is kept is clean at the end' e2fsck -fn "$image"
"$o/host/vm" -O "$o" run -- sh -c 'echo more >/root/more; sync; echo up; while :; do echo x >>/root/log; done' >"$tmp/up" 2>"$tmp/ignored" &
vm=$!
timeout 60 sh -c "until grep -q up '$tmp/up'; do sleep 0.1; done"
kill -KILL $vm
wait 2>"$tmp/ignored"
is 'what was written before a kill is there' "$(guest 'cat /root/here /root/more')" $'kept\nmore'
ok 'and the disk is clean again' e2fsck -fn "$image"

# A file of the user's: the lab's own busybox, packed in another way
tree=$tmp/tree
mkdir -p "$tree"
busybox=$(awk '$2 == "/bin/busybox" { print $3 }' "$LAB/rootfs/list")
mkdir -p "$tree"/{bin,dev,etc,lib,proc,root,sbin,sys,tmp}
cp "$busybox" "$tree/bin/busybox"
for name in cat grep ls modprobe mount sh; do
	ln -s busybox "$tree/bin/$name"
done
ln -s ../bin/busybox "$tree/sbin/init"
mke2fs -q -t ext2 -L mine -d "$tree" "$tmp/disk" 16M >"$tmp/ignored"
lab ROOTFS_FILE=y ROOTFS_FILE_SYSTEMD=n "ROOTFS_FILE_NAME=\"$tmp/disk\"" 'ROOTFS_FILE_ROOT="LABEL=mine"'
before=$(sha256sum <"$tmp/disk")
is "a user's ext2: it is found by its label" "$(guest 'grep -c "/ ext[24] rw" /proc/mounts')" 1
check_modules "a user's ext2"
is 'and not changed' "$(sha256sum <"$tmp/disk")" "$before"

# One partition of type 83, from sector 2048 on, with 32768 of them.
{
	head -c 446 /dev/zero
	printf '\0\0\0\0\x83\0\0\0\0\x08\0\0\0\x80\0\0'
	head -c 48 /dev/zero
	printf '\x55\xaa'
	head -c $((2047 * 512)) /dev/zero
	cat "$tmp/disk"
} >"$tmp/parted"
lab ROOTFS_FILE=y ROOTFS_FILE_SYSTEMD=n "ROOTFS_FILE_NAME=\"$tmp/parted\"" 'ROOTFS_FILE_ROOT="/dev/vda1"'
is "a user's partition" "$(guest 'grep -c "^/dev/vda1 / ext" /proc/mounts')" 1

if command -v qemu-img >"$tmp/ignored"; then
	qemu-img convert -O qcow2 "$tmp/disk" "$tmp/qcow2"
	lab ROOTFS_FILE=y ROOTFS_FILE_SYSTEMD=n ROOTFS_FILE_QCOW2=y "ROOTFS_FILE_NAME=\"$tmp/qcow2\"" 'ROOTFS_FILE_ROOT="LABEL=mine"'
	is "a user's qcow2" "$(guest 'grep -c "/ ext[24] rw" /proc/mounts')" 1
fi
lab ROOTFS_FILE=y ROOTFS_FILE_SYSTEMD=n "ROOTFS_FILE_NAME=\"$tmp/disk\"" 'ROOTFS_FILE_ROOT="LABEL=other"' >"$tmp/ignored" &
wait $!
ok 'another label is told by make' grep -q 'has the label "mine", not "other"' "$tmp/log"

(cd "$tree" && find . | cpio -o --quiet -H newc -R 0:0) | gzip >"$tmp/cpio.gz"
lab ROOTFS_FILE=y ROOTFS_FILE_CPIO=y "ROOTFS_FILE_NAME=\"$tmp/cpio.gz\"" 'ROOTFS_INIT="/sbin/init"'
is "a user's archive" "$(guest 'ls /bin/grep')" /bin/grep
check_modules "a user's archive"

# This machine's own system
lab ROOTFS_HOST=y
before=$(sum_of /etc)
is "this machine's system: its programs run" "$(guest 'cat /etc/debian_version; uname -r')" \
	"$(cat /etc/debian_version)"$'\n'"$(cat "$o/linux/build/include/config/kernel.release")"
check_modules "this machine's system"
guest 'echo no >/etc/kiln-was-here; rm -f /etc/hostname; sync'
is 'and nothing is written to it' "$(sum_of /etc)" "$before"

finish
