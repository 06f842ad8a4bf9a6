#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A Debian root where there is no mmdebstrap, with a stand-in for debootstrap; an
# mmdebstrap that fails, and what else can go wrong; a root for another processor, with
# stand-ins for mmdebstrap and for the machine; and the disk image that is made of a root.
#
# shellcheck disable=SC2016,SC2317 # for the stand-in; ok calls functions

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

mkdir "$tmp/bin"
ln -s /usr/bin/* /usr/sbin/* "$tmp/bin" 2>"$tmp/ignored"
rm -f "$tmp/bin/mmdebstrap" "$tmp/bin/debootstrap"
export PATH=$tmp/bin

# config LINE...
config()
{
	printf 'CONFIG_%s\n' DEBIAN_RELEASE=bookworm DEBIAN_VARIANT=minbase DEBIAN_MIRROR=http://mirror/debian \
		'DEBIAN_PACKAGES=kmod iproute2' ROOTFS_HOSTNAME=here 'TEXT=not quoted' "$@" >"$tmp/auto.conf"
}
fetch()
{
	recipes/debian/fetch "$tmp/auto.conf" "$tmp/root.tar" "$tmp/cache" 2>&1
}
config
is 'without mmdebstrap it is told' "$(fetch)" \
	'debian: mmdebstrap is missing, which makes a Debian root: make deps installs it'

cat >"$tmp/bin/debootstrap" <<'END'
#!/bin/bash
echo "$*" | sed "s,$OUT,OUT,g" >"$OUT/said"
[[ $* != *nothing* ]] || { echo "E: Couldn't find these debs: nothing"; exit 1; }
mkdir -p "$5"/{etc,root,usr/lib,usr/share/doc/x,dev}
echo 'root:*:1::::::' >"$5/etc/shadow"
END
chmod +x "$tmp/bin/debootstrap"
export OUT=$tmp
if [ "$UID" = 0 ]; then
	ok "root's debootstrap makes one" fetch
	is 'of the release, the packages and the mirror of the menu' "$(cat "$tmp/said")" \
		'--variant=minbase --include=kmod,iproute2 --cache-dir=OUT/cache bookworm OUT/root.tar.root http://mirror/debian'
	config 'DEBIAN_PACKAGES=nothing'
	is 'a package that is not there is told' "$(fetch | tail -n 1)" \
		'debian: Debian bookworm has no package nothing: change the list in the menu (DEBIAN_PACKAGES)'
	config DEBIAN_VARIANT=standard
	is 'so is what debootstrap cannot' "$(fetch)" \
		'debian: debootstrap does not know the variant standard, mmdebstrap does: make deps installs it'
else
	is 'debootstrap is for root alone' "$(fetch)" \
		'debian: mmdebstrap is missing, which makes a Debian root: make deps installs it'
fi

recipes/debian/as-root true 2>"$tmp/ignored" || { finish; exit; }

# It fails, before or after it has packages, and cleans up.
cat >"$tmp/bin/mmdebstrap" <<'END'
#!/bin/bash
root=$OUT/made
ls /proc/$$/fd >"$OUT/open"
mkdir -p "$root"
for word; do
	[[ $word != --$HOOKS=* ]] || sh -c "${word#*=}" exec "$root"
	[[ $word != --setup-hook=* ]] || echo new >"$root/var/cache/apt/archives/new.deb"
done
rm -rf "$root"
exit 1
END
chmod +x "$tmp/bin/mmdebstrap"
config
mkdir -p "$tmp/cache"
echo old >"$tmp/cache/old.deb"
HOOKS='setup-hook' fetch >"$tmp/ignored"
is 'packages stay when mmdebstrap fails' "$(cat "$tmp/cache/old.deb")" old
HOOKS='*-hook' fetch >"$tmp/ignored"
is 'those that it fetched are kept' "$(cat "$tmp"/cache/*.deb)" $'new\nold'
is 'it has room for descriptors of one digit' "$(fetch 3</dev/null 5</dev/null 7</dev/null 9</dev/null >"$tmp/ignored"
	grep -x '[3-9]' "$tmp/open")" ''
ok 'no mount stays' test 0 = "$(grep -c "$tmp" /proc/mounts)"

# For another processor packages are unpacked here and installed in the guest.
config LINUX_ARCH=arm64 PROCESSOR_FOREIGN=y VM_VIRT=y VM_CPU=cortex-a57 VM_NET=y VM_DISKS=mine ROOTFS_INIT=shell
rm "$tmp/bin/mmdebstrap"
is 'for another processor debootstrap will not do' "$(fetch)" \
	'debian: mmdebstrap is missing, which makes a Debian root: make deps installs it'
cat >"$tmp/bin/mmdebstrap" <<'END'
#!/bin/bash
printf '%s\n' "$@" >"$OUT/words"
root=$OUT/made
rm -rf "$root"
mkdir -p "$root/etc/dpkg/dpkg.cfg.d"
echo options >"$root/etc/dpkg/dpkg.cfg.d/99mmdebstrap"
extract=()
for word; do
	case $word in
	--setup-hook=*) sh -c "${word#*=}" exec "$root" || exit ;;
	--extract-hook=*) extract+=("${word#*=}") ;;
	esac
done
[ ! -e "$root/etc/dpkg/dpkg.cfg.d/99mmdebstrap" ] || exit
mkdir -p "$root"/{etc/dpkg/dpkg.cfg.d,usr/share/doc/new,usr/share/new}
archives=$root/var/cache/apt/archives
ls "$archives" >"$OUT/offered"
cp "$OUT/new.deb" "$archives/base-passwd_1_arm64.deb"
cp "$OUT/new.deb" "$archives/new_1_arm64.deb"
export MMDEBSTRAP_ESSENTIAL='/var/cache/apt/archives/base-passwd_1_arm64.deb /var/cache/apt/archives/new_1_arm64.deb'
for word in "${extract[@]}"; do
	sh -c "$word" exec "$root" || exit
done
tar -cf "${@:(-2):1}" -C "$root" .
END
chmod +x "$tmp/bin/mmdebstrap"
config LINUX_ARCH=arm64 PROCESSOR_FOREIGN=y DEBIAN_VARIANT=small
is 'a variant that is none is told' "$(fetch)" 'debian: there is no variant small (DEBIAN_VARIANT in the menu)'
config LINUX_ARCH=arm64 PROCESSOR_FOREIGN=y VM_VIRT=y VM_CPU=cortex-a57 VM_NET=y VM_DISKS=mine ROOTFS_INIT=shell
mkdir -p "$tmp/new/DEBIAN"
printf '%s\n' 'Package: new' 'Version: 1' 'Architecture: arm64' 'Maintainer: nobody' 'Description: new' >"$tmp/new/DEBIAN/control"
echo text >"$tmp/new/file"
dpkg-deb --root-owner-group -b "$tmp/new" "$tmp/new.deb" >"$tmp/ignored"
touch "$tmp/cache/"{other_1_amd64,all_1_all,here_1_arm64}.deb
ok 'with mmdebstrap they are unpacked' fetch
is '... those of that processor' "$(grep -xE -e '--(architectures|variant)=.*' "$tmp/words" | paste -sd ' ')" \
	'--architectures=arm64 --variant=extract'
is '... the variant is what apt finds' "$(grep -- '--include=' "$tmp/words" | paste -sd ' ')" \
	'--include=kmod iproute2 --include=?or(?essential,?priority(required)) --include=apt --include=?exact-name(usr-is-merged)'
is '... from those that were fetched for it' "$(<"$tmp/offered")" $'all_1_all.deb\nhere_1_arm64.deb'
is '... and those that are wanted wait to be installed' "$(tar -tf "$tmp/root.tar" | grep '\.deb$' | sort)" \
	$'./packages/base-passwd_1_arm64.deb\n./packages/new_1_arm64.deb'
is '... by dpkg, which leaves out what nobody reads' "$(tar -tf "$tmp/root.tar" | grep -E 'cfg.d/.|share/.')" \
	$'./etc/dpkg/dpkg.cfg.d/99mmdebstrap\n./usr/share/doc/\n./usr/share/new/'
ok '... and are kept' test -e "$tmp/cache/new_1_arm64.deb"
mv "$tmp/root.tar" "$tmp/packages.tar"

# configure - with a stand-in for the machine
configure()
{
	recipes/debian/configure "$tmp/auto.conf" "$tmp/out" "$tmp/packages.tar" "$tmp/root.tar" 2>&1
}
mkdir -p "$tmp/out/host" "$tmp/out/rootfs" "$tmp/out/guest"
printf '%s\n' '#!/bin/sh' 'cp "$3" "$OUT/list"' >"$tmp/out/rootfs/gen_init_cpio"
cat >"$tmp/out/host/vm" <<'END'
#!/bin/sh
cp "$2/include/config/auto.conf" "$OUT/machine"
printf "%s\n" "$9" >"$OUT/asked"
cpio --quiet -i --to-stdout packages/new_1_arm64.deb <"$2/rootfs/initramfs.cpio" >"$OUT/unpacked.deb"
cpio --quiet -itv <"$2/rootfs/initramfs.cpio" >"$OUT/archive"
mkdir "$2/system"
echo configured >"$2/system/root"
tar -c -C "$2/system" .
exit 254
END
chmod +x "$tmp/out/rootfs/gen_init_cpio" "$tmp/out/host/vm"
ok 'the guest installs them, though its kernel complains' configure
is '... by commands that it is given' "$(<"$tmp/asked")" "$(<recipes/debian/inside)"
is '... which are the same, but not compressed' "$(ar t "$tmp/unpacked.deb" | paste -sd ' ')
$(dpkg-deb -f "$tmp/unpacked.deb" Package) $(dpkg-deb --fsys-tarfile "$tmp/unpacked.deb" | tar -xO ./file)" \
	$'debian-binary control.tar data.tar\nnew text'
is '... from an archive whose files are root'"'"'s' "$(awk '{ print $3, $4 }' "$tmp/archive" | sort -u)" 'root root'
is '... on the machine of the menu' "$(grep -xE 'CONFIG_(VM_VIRT|VM_CPU|LINUX_ARCH)=.*' "$tmp/machine" | sort | paste -sd ' ')" \
	'CONFIG_LINUX_ARCH=arm64 CONFIG_VM_CPU=cortex-a57 CONFIG_VM_VIRT=y'
is '... without its devices' "$(grep -E 'VM_(NET|DISKS)' "$tmp/machine")" ''
is '... and what it did is in the root' "$(tar -xOf "$tmp/root.tar" ./root)" configured
rm "$tmp/root.tar"
printf '%s\n' '#!/bin/sh' 'echo half' 'exit 1' >"$tmp/out/host/vm"
is 'a guest that does not is told' "$(configure)" \
	'debian: the guest did not install the packages (status 1): see the messages above'
is '... and nothing stays' "$(ls -d "$tmp/root.tar"* "$tmp/out/debian/first" 2>"$tmp/ignored")" ''

# The image, of a root that is not there but for a few files.
mkdir -p "$tmp/tree"/{etc,root,usr/lib,dev}
echo 'root:*:1::::::' >"$tmp/tree/etc/shadow"
tar -cf "$tmp/root.tar" -C "$tmp/tree" .
uuid=01234567-89ab-cdef-0123-456789abcdef

# image NAME LINE... - what is said when it is made
image()
{
	config ROOTFS_IMAGE=y DEBIAN_SIZE=64 "${@:2}"
	recipes/debian/unpack "$tmp/auto.conf" "$tmp/root.tar" "$tmp/root" "$tmp/$1" 2>&1
}

# what TAG FILE - the label or the UUID
what()
{
	blkid -p -s "$1" -o value "$2"
}
is 'an image is made' "$(image disk.img ROOTFS_DISK_ROOT=/dev/vda)" ''
is 'of the size in the menu' "$(stat -c %s "$tmp/disk.img")" $((64 << 20))
is 'with a label' "$(what LABEL "$tmp/disk.img")" rootfs
ok 'and a sound file system' e2fsck -fn "$tmp/disk.img"
is 'one with a UUID' "$(image disk.img "ROOTFS_DISK_ROOT=UUID=$uuid"; what UUID "$tmp/disk.img")" "$uuid"
is 'one with another label' "$(image disk.img ROOTFS_DISK_ROOT=LABEL=mine; what LABEL "$tmp/disk.img")" mine
is 'one in qcow2' "$(image disk.qcow2 ROOTFS_DISK_ROOT=/dev/sda; qemu-img info -f qcow2 "$tmp/disk.qcow2" |
	sed -n 's/^virtual size: \([^ ]* [^ ]*\).*/\1/p')" '64 MiB'
is 'a label that is too long' "$(image disk.img ROOTFS_DISK_ROOT=LABEL=0123456789abcdefg)" \
	'debian: LABEL=0123456789abcdefg (ROOTFS_DISK_ROOT in the menu): a label has at most 16 characters'
is 'a UUID that is none' "$(image disk.img ROOTFS_DISK_ROOT=UUID=1)" \
	'debian: UUID=1 (ROOTFS_DISK_ROOT in the menu) is none: uuidgen makes one'
is 'a partition that is not there' "$(image disk.img ROOTFS_DISK_ROOT=/dev/vda1)" \
	'debian: the image has no partitions: /dev/vda1 (ROOTFS_DISK_ROOT in the menu) is not on it'
is 'a size that is too small' "$(image disk.img ROOTFS_DISK_ROOT=/dev/vda DEBIAN_SIZE=10)" \
	'debian: the system does not fit into 10 MiB: it needs 21 or more (DEBIAN_SIZE in the menu)'

finish
