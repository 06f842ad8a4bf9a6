#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The roots of the menu, each booted.  They share a lab in $LAB/check/roots, whose
# kernel has what all of them need, devices for devices.t, eBPF for drivers.t, and its own tests for
# kunit and kselftest: it is built once.
# With FULL set also those that need PCI, systemd or much time, and more kinds of files.
#
# In a lab of another processor that kernel is built for it, and the roots are those that it can have.
#
# Needs: lab roots
#
# shellcheck disable=SC2016,SC2317 # the guest expands; ok calls functions

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/page.sh
. src/test/lib/page.sh
# shellcheck source=src/test/lib/checkout.sh
. src/test/lib/checkout.sh

unset MAKEFLAGS MAKELEVEL MFLAGS KILN_LOCK
PATH=$PATH:/usr/sbin:/sbin
case $LINUX in
*/linux-source-*) dl=${ROOTS_DL:-${LINUX%/*}} ;;
*) skip_all "its kernel is Debian's" ;;
esac
recipes/debian/as-root true 2>/dev/null || skip_all 'this user has no ids in /etc/subuid'
o=$LAB/check/roots
mkdir -p "$o"
foreign=$(grep -xs CONFIG_PROCESSOR_FOREIGN=y "$LAB/.config") || foreign=

full=${FULL-}
more=${FULL:+virtio-mmio virtio-pci scsi ide systemd}
always=(VM_KMOD=y LINUX_BPF=y LINUX_KUNIT=y LINUX_KSELFTEST=y
	'LINUX_KSELFTEST_TARGETS="clone3 filelock membarrier mincore rlimits sigaltstack size splice"')
if [ -n "$foreign" ]; then
	name=$(processor name)
	full=''
	more='scsi systemd virtio-fs'
	always=(VM_KMOD=y "LINUX_${name^^}=y")
fi
# shellcheck disable=SC2086 # words
fragments=$(printf 'recipes/linux/%s.config ' 9p overlay virtio-blk partitions ext4 distribution namespaces $more)
[ -n "$foreign" ] || fragments+=recipes/vm/devices/watchdog/linux.config
[ -z "$full" ] || fragments+=$(printf ' %s' recipes/processor/x86_64/virtio-{mmio,pci}.config)

# lab LINE... - makes the lab with these lines in its configuration
lab()
{
	printf 'CONFIG_%s\n' VM_ACCEL_TCG=y "LINUX_FRAGMENTS=\"$fragments\"" "${always[@]}" "$@" >"$tmp/asked"
	make -s O="$o" DL="$dl" defconfig FRAGMENTS="$tmp/asked" >"$tmp/log" 2>&1 &&
		make O="$o" DL="$dl" >>"$tmp/log" 2>&1 && return
	tail -n 20 "$tmp/log" | sed 's/^/# /'
	result 1 'the lab is made'
	finish
	exit
}

# guest COMMAND - runs it in the guest
guest()
{
	timeout 200 "$o/host/vm" -O "$o" -t 180 run -- sh -c "$1" 2>"$tmp/said" || {
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

# secure COMMAND... - ssh or scp, as a user would, with what make ssh wrote
secure()
{
	timeout 100 "$1" -F "$o/ssh/config" "${@:2}" 2>>"$tmp/said"
}

# Debian in a folder, with sshd and a key that the user has
ssh-keygen -q -t ed25519 -N '' -f "$tmp/key"
debian=(DEBIAN_SSH=y "DEBIAN_SSH_KEYS=\"$tmp/key.pub\"")
# Another processor: one root for all tests, because a guest has to install it.
[ -z "$foreign" ] || debian+=(DEBIAN_SYSTEMD=y 'ROOTFS_INIT="shell"')
lab ROOTFS_DEBIAN=y "${debian[@]}"
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

# A mirror on this host's loopback device, which the guest sees as 10.0.2.2
mkdir "$tmp/mirror"
printf '%s\n' 'Package: greeting' 'Version: 1.2-3' 'Architecture: all' 'Maintainer: nobody' \
	'Filename: ./greeting.deb' 'Size: 1' "SHA256: $(printf '%064d' 0)" >"$tmp/mirror/Packages"
printf '%s\n' "Date: $(date -Ru)" 'SHA256:' \
	" $(sha256sum <"$tmp/mirror/Packages" | cut -d ' ' -f 1) $(stat -c %s "$tmp/mirror/Packages") Packages" \
	>"$tmp/mirror/Release"
src/test/lib/webserver "$tmp/mirror" "$tmp/port" >"$tmp/ignored" 2>&1 &
server=$!
trap 'kill $server; rm -rf "$tmp"' EXIT
timeout 60 sh -c "until [ -s '$tmp/port' ]; do sleep 0.1; done"
is 'apt-get update reaches a mirror' \
	"$(guest 'echo "deb [trusted=yes] http://10.0.2.2:'"$(<"$tmp/port")"'/good/ ./" >/etc/apt/sources.list
		apt-get update >/dev/null && apt-cache policy greeting | grep -o "1.2-3 500"')" '1.2-3 500'
kill $server
wait $server 2>"$tmp/ignored"
trap 'rm -rf "$tmp"' EXIT

"$o/host/vm" -O "$o" start 2>"$tmp/ignored"
is 'make ssh logs in with a key of the lab' \
	"$(make -s O="$o" DL="$dl" ssh CMD='echo $USER $SSH_CONNECTION' 2>&1)" 'root UNKNOWN 65535 UNKNOWN 65535'
secure ssh kiln 'exit 7'
is '... a command has its status' $? 7
head -c 300000 /dev/urandom >"$tmp/data"
secure scp "$tmp/data" kiln:/root/data >"$tmp/ignored"
is 'scp takes files there' "$("$o/host/vm" -O "$o" exec -- cat /root/data | sha256sum)" "$(sha256sum <"$tmp/data")"
is "the user's key is authorized in the root itself" \
	"$("$o/host/vm" -O "$o" exec -- cmp - /root/.ssh/authorized_keys <"$tmp/key.pub"; echo $?)" 0
"$o/host/vm" -O "$o" stop

cat >"$tmp/shell.exp" <<-'END'
	set timeout 60
	log_user 0
	spawn $env(O)/run
	expect {
		-re {# $} {}
		default { puts "no prompt"; exit 1 }
	}
	# What the kernel says would come between the words.
	send "dmesg -n 1; echo \$(tty) \$(id -un); ps 2>&1 | head -1; exit\r"
	expect eof
	puts [lindex [wait] 3]
	puts [regexp "/dev/$env(CONSOLE) root" $expect_out(buffer)]
END
is "the console has root's shell, and the machine ends with it" \
	"$(O=$o CONSOLE=$(processor console) expect "$tmp/shell.exp")" $'0\n1'

# What was fetched for a Debian so far.
packages()
{
	find "$dl/debian" -name '*.deb' -printf '%f\n' | sort
}
if [ -n "$full" ]; then
	packages >"$tmp/before"
	lab ROOTFS_DEBIAN=y "${debian[@]}" 'DEBIAN_PACKAGES="kmod iproute2 less"'
	is 'other packages make the root anew, and nothing else' \
		"$(sed -nE 's/^  (debian|linux|guest|modules|busybox) +([a-z]+)$/\1 \2/p' "$tmp/log" | paste -sd,)" \
		'debian fetch,debian unpack'
	is '... from the packages that were fetched' \
		"$(packages | comm -13 "$tmp/before" - | sed 's/_.*//' | grep -vx less)" ''
	is '... they are in it' "$(guest 'command -v less')" /usr/bin/less
fi

lab ROOTFS_DEBIAN=y ROOTFS_KEPT=y "${debian[@]}"
guest 'echo kept >/root/here; chown 12:34 /root/here'
is 'the menu can keep it' "$(guest 'cat /root/here; stat -c "%u %g" /root/here')" $'kept\n12 34'
is 'and make leaves it alone' "$(make -q O="$o" DL="$dl"; echo $?)" 0

# Debian on a disk
lab ROOTFS_IMAGE=y "${debian[@]}"
image=$o/debian/disk.img
before=$(sha256sum <"$image")
is 'a Debian disk: it is the root' "$(guest 'grep -c "^/dev/vda / ext4 rw" /proc/mounts; stat -c "%U %G %a" /etc/shadow; ls -d /root/kmod/hello')" \
	$'1\nroot shadow 640\n/root/kmod/hello'
check_modules 'a Debian disk'
guest 'dd if=/dev/zero of=/root/big bs=1M count=20 2>/dev/null; sync'
is 'what the guest writes is lost' "$(sha256sum <"$image")" "$before"

# The same as DQIB would have it, with its key: that of before is not the lab's.
test_dqib()
{
	mkdir "$tmp/dqib"
	qemu-img convert -O qcow2 "$image" "$tmp/dqib/image.qcow2"
	cp "$tmp/key" "$tmp/dqib/ssh_user_ed25519_key"
	before=$(sha256sum <"$tmp/dqib/image.qcow2")
	lab ROOTFS_DQIB=y ROOTFS_FILE_SYSTEMD=n "ROOTFS_DQIB_DIR=\"$tmp/dqib\"" 'ROOTFS_INIT="shell"'
	check_modules "DQIB's folder"
	"$o/host/vm" -O "$o" start 2>"$tmp/ignored"
	is "... is logged in to with its own key" \
		"$(make -s O="$o" DL="$dl" ssh CMD='grep -c "/ ext4 rw" /proc/mounts' 2>&1)" 1
	"$o/host/vm" -O "$o" stop
	stand_in "where=('O=$o' 'DL=$dl')"
	play docs/llvm.md#dqib
	is '... and no other' "$(sed -n 's/^IdentityFile //p' "$o/ssh/config")" "$o/ssh/ssh_user_ed25519_key"
	is '... nor changed' "$(sha256sum <"$tmp/dqib/image.qcow2")" "$before"
}
[ -z "$full$foreign" ] || test_dqib

lab ROOTFS_IMAGE=y ROOTFS_KEPT=y "${debian[@]}"
guest 'echo kept >/root/here'
ok 'a disk that is kept is clean at the end' e2fsck -fn "$image"
"$o/host/vm" -O "$o" run -- sh -c 'echo more >/root/more; sync; echo up; while :; do echo x >>/root/log; done' >"$tmp/up" 2>"$tmp/ignored" &
vm=$!
timeout 60 sh -c "until grep -q up '$tmp/up'; do sleep 0.1; done"
kill -KILL $vm
wait $vm 2>"$tmp/ignored"
is 'what was written before a kill is there' "$(guest 'cat /root/here /root/more')" $'kept\nmore'
ok 'and the disk is clean again' e2fsck -fn "$image"

: >"$tmp/up"
"$o/host/vm" -O "$o" run -- sh -c 'echo last >/root/last; sync; echo up; while :; do echo x >>/root/log; sync; done' >"$tmp/up" 2>"$tmp/ignored" &
vm=$!
timeout 60 sh -c "until grep -q up '$tmp/up'; do sleep 0.1; done"
kill -KILL "$(pgrep -P $vm qemu-system)"
wait $vm 2>"$tmp/ignored"
e2fsck -p "$image" >"$tmp/ignored"
ok 'a disk whose QEMU was killed is clean after its journal' e2fsck -fn "$image"
is '... and has what was synced' "$(debugfs -R 'cat /root/last' "$image" 2>"$tmp/ignored")" last

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
lab ROOTFS_FILE=y ROOTFS_FILE_SYSTEMD=n "ROOTFS_FILE_NAME=\"$tmp/disk\"" 'ROOTFS_DISK_ROOT="LABEL=mine"'
before=$(sha256sum <"$tmp/disk")
is "a user's ext2: it is found by its label" "$(guest 'grep -c "/ ext[24] rw" /proc/mounts')" 1
check_modules "a user's ext2"
is 'and not changed' "$(sha256sum <"$tmp/disk")" "$before"

# One that is in parts, and one of another format
test_files()
{
	# One partition of type 83, from sector 2048 on, with 32768 of them.
	{
		head -c 446 /dev/zero
		printf '\0\0\0\0\x83\0\0\0\0\x08\0\0\0\x80\0\0'
		head -c 48 /dev/zero
		printf '\x55\xaa'
		head -c $((2047 * 512)) /dev/zero
		cat "$tmp/disk"
	} >"$tmp/parted"
	lab ROOTFS_FILE=y ROOTFS_FILE_SYSTEMD=n "ROOTFS_FILE_NAME=\"$tmp/parted\"" 'ROOTFS_DISK_ROOT="/dev/vda1"'
	is "a user's partition" "$(guest 'grep -c "^/dev/vda1 / ext" /proc/mounts')" 1

	qemu-img convert -O qcow2 "$tmp/disk" "$tmp/qcow2"
	lab ROOTFS_FILE=y ROOTFS_FILE_SYSTEMD=n ROOTFS_FILE_QCOW2=y "ROOTFS_FILE_NAME=\"$tmp/qcow2\"" \
		"ROOTFS_DISK_ROOT=\"UUID=$(blkid -p -s UUID -o value "$tmp/disk")\""
	is "a user's qcow2, by its UUID" "$(guest 'grep -c "/ ext[24] rw" /proc/mounts')" 1
	rm "$tmp/qcow2"
	ok 'that it is gone is told by the machine, too' grep -q 'rootfs/disk: No such file' <("$o/host/vm" -O "$o" run -- true 2>&1)
}
[ -z "$full$foreign" ] || test_files

lab ROOTFS_FILE=y ROOTFS_FILE_SYSTEMD=n "ROOTFS_FILE_NAME=\"$tmp/disk\"" 'ROOTFS_DISK_ROOT="LABEL=other"' >"$tmp/ignored" &
wait $!
ok 'another label is told by make' grep -q 'has the label "mine", not "other"' "$tmp/log"

(cd "$tree" && find . | cpio -o --quiet -H newc -R 0:0) | gzip >"$tmp/cpio.gz"
lab ROOTFS_FILE=y ROOTFS_FILE_CPIO=y "ROOTFS_FILE_NAME=\"$tmp/cpio.gz\"" 'ROOTFS_INIT="/sbin/init"'
is "a user's archive" "$(guest 'ls /bin/grep')" /bin/grep
check_modules "a user's archive"

# An initramfs that goes on to a disk: busybox's own init there asks for Enter.
cat >"$tmp/switch.exp" <<-'END'
	set timeout 60
	log_user 0
	proc await {what} {
		expect $what {} default { puts "no $what"; exit 1 }
	}
	spawn $env(O)/run
	await "# "
	send "exit\r"
	await "activate this console"
	send "\r"
	await "# "
	puts [exec $env(O)/host/vm -O $env(O) exec -- ls -d /lost+found /lib/modules /root/kmod/hello]
	send "\x01x"
	expect eof
END
lab ROOTFS_SWITCH=y ROOTFS_FILE_SYSTEMD=n "ROOTFS_FILE_NAME=\"$tmp/disk\"" 'ROOTFS_DISK_ROOT="LABEL=mine"'
is 'an initramfs goes on to a disk, with modules, shares and the agent' "$(O=$o expect "$tmp/switch.exp")" \
	$'/lib/modules\n/lost+found\n/root/kmod/hello'
is '... and takes commands before' "$(guest 'readlink /bin/ls')" /bin/busybox

# A Buildroot tree: a stand-in
test_buildroot()
{
	cp -r src/test/fake/buildroot "$tmp/buildroot"
	cp "$tmp/disk" "$tmp/buildroot/disk"
	zcat "$tmp/cpio.gz" >"$tmp/buildroot/cpio"
	chmod -R a-w "$tmp/buildroot"
	export BUILDROOT_DIR=$tmp/buildroot
	lab ROOTFS_BUILDROOT=y
	is "Buildroot's disk" "$(guest 'grep -c "^/dev/vda / ext[24] rw" /proc/mounts')" 1
	check_modules "Buildroot's disk"
	is 'make does not enter it when nothing changed' "$(make -q O="$o" DL="$dl"; echo $?)" 0
	lab ROOTFS_BUILDROOT=y BUILDROOT_CPIO=y
	is "Buildroot's archive" "$(guest 'ls /bin/grep')" /bin/grep
	unset BUILDROOT_DIR
	chmod -R u+w "$tmp/buildroot"
}

# Debian with its own init, which asks for a password
test_systemd()
{
	local up check

	lab ROOTFS_DEBIAN=y DEBIAN_SYSTEMD=y ROOTFS_PASSWORD=y 'ROOTFS_PASSWORD_TEXT="a $b"' \
		DEBIAN_SSH=y "DEBIAN_SSH_KEYS=\"$tmp/key.pub\""
	"$o/host/vm" -O "$o" start 2>"$tmp/ignored"
	is 'a command waits for systemd' "$("$o/host/vm" -O "$o" exec -- systemctl is-active basic.target)" active
	up='until state=$(systemctl is-system-running --wait 2>&1) || [ "$state" = degraded ]; do sleep 0.1; done
		systemctl is-active multi-user.target'
	is 'systemd comes up' "$("$o/host/vm" -O "$o" -t 180 exec -- sh -c "$up")" active
	check=$(openssl passwd -6 -salt "$(recipes/debian/as-root sed -n 's/^root:\$6\$\([^$]*\).*/\1/p' "$o/debian/root/etc/shadow")" 'a $b')
	is 'the password is hashed' "$(recipes/debian/as-root sed -n 's/^root:\([^:]*\).*/\1/p' "$o/debian/root/etc/shadow")" "$check"
	"$o/host/vm" -O "$o" stop
}
[ -z "$foreign" ] || test_systemd

if [ -n "$full" ]; then
	test_buildroot
	lab ROOTFS_IMAGE=y DEBIAN_QCOW2=y ROOTFS_VIRTIO_SCSI=y 'ROOTFS_DISK_ROOT="UUID=01234567-89ab-cdef-0123-456789abcdef"' "${debian[@]}"
	is 'virtio-scsi, qcow2, by UUID' "$(guest 'grep -c "^/dev/sda / ext4 rw" /proc/mounts')" 1
	for machine in Q35 PC; do
		lab ROOTFS_IMAGE=y ROOTFS_IDE=y VM_$machine=y "${debian[@]}"
		is "IDE on $machine, by /dev/sda" "$(guest 'grep -c "^/dev/sda / ext4 rw" /proc/mounts')" 1
		check_modules "IDE on $machine"
	done

	# What DQIB has beside the disk: a kernel, here ours, and an initrd that goes on.
	cp "$o/linux/vmlinux.stripped" "$tmp/dqib/kernel"
	cat >"$tree/init" <<-'END'
		#!/bin/sh
		mount -t devtmpfs dev /dev
		mount -t ext4 /dev/vda /root
		exec switch_root /root /own-init
	END
	chmod +x "$tree/init"
	ln -s busybox "$tree/bin/switch_root"
	(cd "$tree" && find . | cpio -o --quiet -H newc -R 0:0) >"$tmp/dqib/initrd"
	printf '%s\n' '#!/bin/sh' 'mount -t proc proc /proc' 'while :; do sleep 1000; done' >"$tmp/own-init"
	chmod +x "$tmp/own-init"
	debugfs -w -R "write $tmp/own-init own-init" "$image" >"$tmp/ignored" 2>&1
	debugfs -w -R 'sif /own-init mode 0100755' "$image" >"$tmp/ignored" 2>&1
	qemu-img convert -O qcow2 "$image" "$tmp/dqib/image.qcow2"
	# Then the lab has no modules.
	always=()
	lab ROOTFS_DQIB=y ROOTFS_DQIB_KERNEL=y ROOTFS_FILE_SYSTEMD=n "ROOTFS_DQIB_DIR=\"$tmp/dqib\""
	is "DQIB's own kernel and initrd: commands run in the root that they mount" \
		"$(guest 'until [ -e /proc/1/comm ]; do sleep 0.1; done; cat /proc/1/comm; ls -d /root/kmod; cat /etc/hostname')" $'own-init\n/root/kmod\nkiln'

	always=(VM_KMOD=y LINUX_BPF=y)
	test_systemd

	# Questions to the kernel in a line, and programs that the guest's own compiler builds
	lab ROOTFS_DEBIAN=y DEBIAN_BPFTRACE=y DEBIAN_BCC=y VM_MEMORY=1024 "${debian[@]}"
	is 'bpftrace counts' "$(guest 'bpftrace -c "/bin/cat /proc/version" \
		-e "kprobe:vfs_read /comm == \"cat\"/ { @n = count(); }"' | grep -c '^@n: [1-9]')" 1
	is "bcc's execsnoop sees what is started" "$(guest 'modprobe kheaders
		execsnoop-bpfcc >seen 2>&1 &
		until grep -q "^true .* /bin/true$" seen; do /bin/true; sleep 0.1; kill -0 $! || break; done
		kill $!; grep -om 1 "/bin/true$" seen')" /bin/true

	# Its own init sets up the card, and has the last word.
	lab ROOTFS_DEBIAN=y ROOTFS_KEPT=y DEBIAN_SYSTEMD=y 'DEBIAN_PACKAGES="kmod iproute2 ifupdown"' "${debian[@]}"
	guest 'printf "auto eth0\niface eth0 inet static\n  address 10.0.2.77/24\n" >/etc/network/interfaces
		echo "  up echo nameserver 192.0.2.1 >/etc/resolv.conf" >>/etc/network/interfaces'
	"$o/host/vm" -O "$o" start 2>"$tmp/ignored"
	is 'a root with ifupdown has the address of its own' \
		"$("$o/host/vm" -O "$o" -t 180 exec -- sh -c 'until systemctl is-active networking >/dev/null; do sleep 0.1; done
			ip -4 -o addr show eth0 | grep -o "10[0-9./]*" | head -n 1; cat /etc/resolv.conf')" \
		$'10.0.2.77/24\nnameserver 192.0.2.1'
	"$o/host/vm" -O "$o" stop
fi

# This machine's own system
test_host()
{
	lab ROOTFS_HOST=y
	before=$(sum_of /etc)
	is "this machine's system: its programs run" "$(guest 'cat /etc/debian_version; uname -r')" \
		"$(cat /etc/debian_version)"$'\n'"$(cat "$o/linux/build/include/config/kernel.release")"
	check_modules "this machine's system"
	here=$PWD
	is '... a command is where you are' "$(guest pwd)" "$here"
	is '... /tmp and /run are its own' "$(guest 'ls -A /tmp /run; touch /tmp/x && stat -c "%a" /tmp')" $'/run:\n\n/tmp:\n1777'
	guest 'echo no >/etc/kiln-was-here; rm -f /etc/hostname; sync'
	is 'and nothing is written to it' "$(sum_of /etc)" "$before"

	# ... as you, with a folder that is yours there, too
	mkdir -m 700 "$o/mine"
	lab ROOTFS_HOST=y VM_USER=y "VM_HOST_WRITE=\"$o/mine\""
	is '... a command is yours' "$(guest 'id -un; id -G; echo $HOME; command -v sh >/dev/null && echo $SHELL')" \
		"$(id -un; id -G; getent passwd "$(id -un)" | cut -d : -f 6; [ "$UID" = 0 ] || getent passwd "$UID" | cut -d : -f 7)"
	guest "echo yours >$o/mine/file; echo lost >$o/lost"
	is '... what it writes where you let it is yours' "$(stat -c %U "$o/mine/file"; cat "$o/mine/file")" "$(id -un)"$'\nyours'
	ok '... and nothing else' test ! -e "$o/lost"
	rm -r "$o/mine"
}
[ -n "$foreign" ] || test_host

# A folder with a system of yours
mkdir -p "$tmp/tree"/{bin,proc,sys,dev,root,lib,etc}
cp "$o/busybox/build/busybox" "$tmp/tree/bin/"
for name in sh cat ls mount; do
	ln -sf busybox "$tmp/tree/bin/$name"
done
echo 'of yours' >"$tmp/tree/etc/it"
lab ROOTFS_FOLDER=y "ROOTFS_FOLDER_DIR=\"$tmp/tree\""
is 'a folder of yours is the root' "$(guest 'cat /etc/it; echo lost >/etc/lost; cat /etc/lost')" $'of yours\nlost'
ok '... and stays as it is' test ! -e "$tmp/tree/etc/lost"
rm -r "$tmp/tree"
"$o/host/vm" -O "$o" run -- true 2>"$tmp/said"
is '... one that is not there is told' "$? $(<"$tmp/said")" \
	"125 vm: the folder $tmp/tree of CONFIG_ROOTFS_FOLDER_DIR: No such file or directory"

finish
