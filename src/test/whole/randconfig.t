#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Whatever is chosen in the menu, make has a plan for it, the kernel can have
# what the lab asks of it, and QEMU takes the machine.  The seeds are 1 to
# $RANDCONFIGS, so what fails here fails again with KCONFIG_SEED=.
#
# Needs: lab

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

unset MAKEFLAGS MAKELEVEL MFLAGS KILN_LOCK
o=$tmp/o
# shellcheck disable=SC2153 # make check sets it
linux=$LINUX

# Some configurations want a tool of which a machine has no need otherwise.
if ! command -v ccache >/dev/null; then
	mkdir "$tmp/bin"
	printf '#!/bin/sh\nexec "$@"\n' >"$tmp/bin/ccache"
	chmod +x "$tmp/bin/ccache"
	PATH+=:$tmp/bin
fi

# What depends on the versions of tools here is not left to chance, nor is a QEMU that
# is built: that takes tools which few machines have.
printf 'CONFIG_%s\n' QEMU_HOST=y LINUX_LTO_THIN=n LINUX_KCFI=n LINUX_RUST=n "ROOTFS_DQIB_DIR=\"$tmp/dqib\"" >"$tmp/tools"
for processor in arm64 riscv64; do
	gcc=$(sed -n 's/^processor_cross := //p' recipes/processor/$processor/values.mk)gcc
	command -v "$gcc" >/dev/null || echo "CONFIG_LINUX_${processor^^}=n"
done >>"$tmp/tools"
[ -e /usr/include/sys/capability.h ] || echo CONFIG_LINUX_KSELFTEST=n >>"$tmp/tools"
export KCONFIG_ALLCONFIG=$tmp/tools

# What the user has for some of the roots.
mkdir "$tmp/dqib" "$tmp/buildroot"
touch "$tmp/buildroot/Makefile"
export BUILDROOT_DIR=$tmp/buildroot

mkdir -p "$o/linux/build" "$o/rootfs" "$o/modules" "$o/debian/root" "$o/vm"
recipes/vm/join recipes/vm/devices/*/qemu >"$o/vm/devices"
truncate -s 1M "$o/debian/disk.img" "$o/debian/disk.qcow2" "$o/rootfs/disk"
cp -a "$LAB/host" "$o"
cp -al "$LAB/linux/vmlinux.stripped" "$o/linux" 2>/dev/null ||
	cp "$LAB/linux/vmlinux.stripped" "$o/linux"
cp "$LAB/rootfs/initramfs.cpio" "$o/rootfs"
ln -s ../linux/vmlinux.stripped "$o/rootfs/kernel"
truncate -s 64K "$o/linux/Image"
for program in agree defaults; do
	recipes/linux/kconfig "$linux" "$tmp/$program"
done

# lab GOAL... - what make says is in $tmp/output, what it complains of too.  Fails where this
# machine lacks a tool: another processor's compiler for one, which is told and is no fault.
lab()
{
	! make O="$o" LINUX_DIR="$linux" "$@" >"$tmp/output" 2>&1 || return 0
	if grep -q '^this machine lacks .*; make deps installs it: ' "$tmp/output"; then
		echo "# $name: $(grep '^this machine lacks ' "$tmp/output")" >>"$tmp/lacking"
		return 1
	fi
	echo "$name: make $*"
	tail -n 3 "$tmp/output"
}

# The files of which the kernel's configuration would be made, as agree takes
# them; none when the user has not named the file to start from, or for another
# processor than that of the kernel's menu below.
fragments()
{
	local -a words
	local parts base off=''

	[ "$processor" = x86_64 ] || return

	eval "words=($(grep '^recipes/linux/compose ' "$tmp/output"))"
	# Behind the configuration, the local version, the source and the folder
	parts=" ${words[*]:5} "
	# What the kernel's own tests want is made of its source by then.
	parts=$(sed -E "s,(-- )?$o/linux/k[a-z]*.config ,,g; s,$o/linux/kunit-suites ,," <<<"$parts")
	base=${parts%% -- *}
	[ -n "${base// /}" ] || return
	! grep -qx CONFIG_LINUX_TINY=y "$o/.config" || off=-n
	echo "$off $base -- ${parts#* -- }"
}

try()
{
	local name=$1 processor machines=$tmp/machines

	shift
	lab "$@"
	processor=$(sed -n 's/^CONFIG_LINUX_ARCH="\(.*\)"$/\1/p' "$o/.config")
	cp "recipes/processor/$processor/values.mk" "$o/vm/processor"
	# Not each host has all.
	command -v "$(sed -n 's/^processor_qemu := //p' "$o/vm/processor")" >/dev/null ||
		machines=/dev/null
	KILN_FOUND=$o/host/kconfig/found "$tmp/defaults" Kconfig "$o/.config" >>"$tmp/defaults.all"
	lab -n || return 0
	fragments >>"$tmp/fragments"
	# Too many devices for a machine without PCI are told when it starts.
	"$o/host/vm" -O "$o" run --print >>"$machines" 2>"$tmp/said" ||
		grep -qE '(microvm|virt) has room for [0-9]+ virtio devices' "$tmp/said" ||
		{ echo "$name: no machine"; cat "$tmp/said"; }
}

# What has a default of its own is chosen here: dice find it today and not tomorrow.
kinds=('BUSYBOX_RELEASE=y' 'BUSYBOX_GIT=y' 'LINUX_RELEASE=y' 'LINUX_GIT=y' 'LINUX_LLVM=y'
	'TOOLCHAIN_DEBIAN=y' 'ROOTFS_FOLDER=y' "ROOTFS_DQIB=y ROOTFS_DQIB_DIR=\"$tmp/dqib\"" 'ROOTFS_BUILDROOT=y BUILDROOT_CPIO=y'
	'ROOTFS_BUILDROOT=y ROOTFS_VIRTIO_SCSI=y' 'ROOTFS_IMAGE=y ROOTFS_IDE=y'
	'ROOTFS_BUILDROOT=y LINUX_ARM64=y' 'ROOTFS_BUILDROOT=y LINUX_RISCV64=y' 'VM_SPARES=1'
	'HOST_CCACHE_REMOTE="http://127.0.0.1:9"' 'HOST_CCACHE=y HOST_DISTCC="localhost/2"')

: >"$tmp/fragments"
: >"$tmp/machines"
{
	for config in configs/*_defconfig; do
		[[ $config != configs/@(dqib|llvm|rust|virtio)_defconfig ]] || continue
		try "$config" "${config##*/}"
	done
	try allnoconfig allnoconfig
	try allyesconfig allyesconfig
	try 'all devices' defconfig FRAGMENTS=recipes/vm/devices.config
	recipes/vm/disks "$o/include/config/auto.conf" "$o/vm/disks" 2>"$tmp/ignored"
	for symbols in "${kinds[@]}"; do
		# shellcheck disable=SC2086 # some are two
		printf 'CONFIG_%s\n' $symbols >"$tmp/kind"
		try "$symbols" defconfig FRAGMENTS="$tmp/kind"
	done
	for ((seed = 1; seed <= ${RANDCONFIGS:-8}; seed++)); do
		try "KCONFIG_SEED=$seed" randconfig KCONFIG_SEED=$seed
	done
} >"$tmp/bad"
[ ! -e "$tmp/lacking" ] || cut -c1-120 "$tmp/lacking"
is 'every configuration has a plan and a machine' "$(cat "$tmp/bad")" ''

# But for what this machine has not.
lacking=(QEMU_PACKAGE_NAME QEMU_PACKAGE_SUITE QEMU_RELEASE_{VERSION,SHA256,URL} QEMU_GIT_{URL,REF} QEMU_OPTIONS
	QEMU_SANITIZERS)
[ -w /dev/vhost-vsock ] || lacking+=(VM_VSOCK_CID)
command -v pacstrap >"$tmp/ignored" || lacking+=(ARCH_PACKAGES)
is 'every default is reachable' "$(sort -u "$tmp/defaults.all" | grep -vwF "$(printf '%s\n' "${lacking[@]}")" | awk '
	/ \*$/ { sub(/ \*$/, ""); reached[$0] }
	{ all[$0] }
	END { for (name in all) if (!(name in reached)) print name }')" ''

# The kernel's menu is read in the environment that Kbuild gives it.
make -C "$linux" O="$o/linux/build" -s tinyconfig >/dev/null
agree()
{
	sort -u "$tmp/fragments" |
		recipes/linux/ask "$o/linux/build" make -C "$linux" O="$o/linux/build" -- \
			"$tmp/agree" "$o/linux/build" Kconfig "$tmp/kernel.config"
}
ok 'each asks something of the kernel' test -s "$tmp/fragments"
ok "the kernel can have what $(sort -u "$tmp/fragments" | wc -l) of them ask for" agree

# accepts WORDS... - does this QEMU make this machine?  It has not run when
# it is told to quit.  KVM is left out, for it may be no good here.
accepts()
{
	local qmp=$tmp/qmp

	# Some devices write to files where QEMU is.
	(cd "$tmp" && exec timeout 60 "${@//kvm/tcg}" -S -qmp "unix:$qmp,server=on,wait=off") </dev/null >"$tmp/qemu" 2>&1 &
	perl -MIO::Socket::UNIX -e '
		my ($path, $pid) = @ARGV;
		my $socket;
		until ($socket = IO::Socket::UNIX->new(Peer => $path)) {
			kill(0, $pid) or exit 1;
			select(undef, undef, undef, 0.01);
		}
		print $socket "{\"execute\":\"qmp_capabilities\"}{\"execute\":\"quit\"}\n";
		$socket->flush;
		1 while <$socket>;' "$qmp" $!
	wait $!
}

# model QEMU - what it shows under TCG
model()
{
	grep -lx "processor_qemu := $1" recipes/processor/*/values.mk | xargs sed -n 's/^processor_cpu := //p'
}

refused()
{
	local -a words
	local qemu

	sort -u "$tmp/machines" | while read -r line; do
		eval "words=($line)"
		# What enters a namespace may stand before it.
		qemu=$(printf '%s\n' "${words[@]##*/}" | grep -m 1 '^qemu-system-')
		words=("${words[@]/#host/$(model "$qemu")}")
		# Few hosts have huge pages.
		words=("${words[@]/memfd,hugetlb=on,hugetlbsize=2M,prealloc=on/ram}")
		accepts "${words[@]/format=qcow2/format=raw}" || { echo "$line"; cat "$tmp/qemu"; }
	done
}
is "QEMU takes the $(sort -u "$tmp/machines" | wc -l) machines" "$(refused)" ''

finish
