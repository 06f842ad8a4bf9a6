#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A root of the user's: what is wrong with the file is told in one sentence, before
# a machine starts.
#
# Needs: lab

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

PATH=$PATH:/usr/sbin:/sbin
disk="$tmp/my disk's \$image"
mkdir "$tmp/tree" "$tmp/out"
echo here >"$tmp/tree/file"
mke2fs -q -t ext4 -L mine -d "$tmp/tree" "$disk" 8M >"$tmp/ignored"

# take NAME LINE... - what is said of the file, with these lines in the configuration
take()
{
	local line

	for line in "${@:2}"; do
		case $line in
		*_QCOW2=y) echo CONFIG_ROOTFS_IS_QCOW2=y ;;
		*_CPIO=y) echo CONFIG_ROOTFS_IS_CPIO=y ;;
		esac
	done >"$tmp/more"
	printf '%s\n' CONFIG_ROOTFS_FILE=y "CONFIG_ROOTFS_FILE_NAME=$1" \
		CONFIG_ROOTFS_DISK_ROOT=/dev/vda 'CONFIG_ROOTFS_TEXT=not quoted' "${@:2}" | cat - "$tmp/more" >"$tmp/auto.conf"
	recipes/rootfs/file "$tmp/auto.conf" "$tmp/out" 2>&1
}

is 'a raw disk is taken' "$(take "$disk" CONFIG_ROOTFS_FILE_RAW=y)" ''
is 'it is where it was' "$(readlink "$tmp/out/disk")" "$disk"
is 'its label is looked at' \
	"$(take "$disk" CONFIG_ROOTFS_FILE_RAW=y CONFIG_ROOTFS_DISK_ROOT=LABEL=rootfs)" \
	"rootfs: $disk has the label \"mine\", not \"rootfs\" (ROOTFS_DISK_ROOT in the menu)"
is 'and taken when it is right' \
	"$(take "$disk" CONFIG_ROOTFS_FILE_RAW=y CONFIG_ROOTFS_DISK_ROOT=LABEL=mine)" ''

is 'a raw disk that is said to be qcow2' "$(take "$disk" CONFIG_ROOTFS_FILE_QCOW2=y)" \
	"rootfs: $disk is raw, but the menu says it is qcow2: change that there (ROOTFS_FILE_RAW)"
is 'a raw disk that is said to be an archive' "$(take "$disk" CONFIG_ROOTFS_FILE_CPIO=y)" \
	"rootfs: $disk is no cpio archive, but the menu says it is one: change that there (ROOTFS_FILE_RAW)"
uuid=$(blkid -p -s UUID -o value "$disk")
is 'so is its UUID, in any case' \
	"$(take "$disk" CONFIG_ROOTFS_FILE_RAW=y "CONFIG_ROOTFS_DISK_ROOT=UUID=${uuid^^}")" ''
is 'another one is told' \
	"$(take "$disk" CONFIG_ROOTFS_FILE_RAW=y CONFIG_ROOTFS_DISK_ROOT=UUID=1-2)" \
	"rootfs: $disk has the uuid \"$uuid\", not \"1-2\" (ROOTFS_DISK_ROOT in the menu)"

# One partition of type 83, from sector 2048 on, with 16384 of them.
{
	head -c 446 /dev/zero
	printf '\0\0\0\0\x83\0\0\0\0\x08\0\0\0\x40\0\0'
	head -c 48 /dev/zero
	printf '\x55\xaa'
	head -c $((2047 * 512)) /dev/zero
	cat "$disk"
} >"$tmp/parted"
is 'a label is looked for in partitions' \
	"$(take "$tmp/parted" CONFIG_ROOTFS_FILE_RAW=y CONFIG_ROOTFS_DISK_ROOT=LABEL=mine)" ''
is '... and told' "$(take "$tmp/parted" CONFIG_ROOTFS_FILE_RAW=y CONFIG_ROOTFS_DISK_ROOT=LABEL=no)" \
	"rootfs: $tmp/parted has the label \"mine\", not \"no\" (ROOTFS_DISK_ROOT in the menu)"

qemu-img convert -O qcow2 "$disk" "$tmp/real"
is 'a qcow2 disk with the label' \
	"$(take "$tmp/real" CONFIG_ROOTFS_FILE_QCOW2=y CONFIG_ROOTFS_DISK_ROOT=LABEL=mine)" ''
is '... and without' "$(take "$tmp/real" CONFIG_ROOTFS_FILE_QCOW2=y CONFIG_ROOTFS_DISK_ROOT=LABEL=no)" \
	"rootfs: $tmp/real has the label \"mine\", not \"no\" (ROOTFS_DISK_ROOT in the menu)"
head -c 1000 "$tmp/real" >"$tmp/half"
is 'a qcow2 disk that was cut off' "$(take "$tmp/half" CONFIG_ROOTFS_FILE_QCOW2=y)" \
	"rootfs: $tmp/half is damaged or was cut off: qemu-img check tells more"

mkdir "$tmp/dqib"
printf '%s\n' CONFIG_ROOTFS_DQIB=y "CONFIG_ROOTFS_DQIB_DIR=$tmp/dqib" CONFIG_ROOTFS_IS_QCOW2=y \
	CONFIG_ROOTFS_DQIB_KERNEL=y CONFIG_ROOTFS_DISK_ROOT=LABEL=mine 'CONFIG_ROOTFS_TEXT=not quoted' >"$tmp/auto.conf"
is "DQIB's folder without an image" "$(recipes/rootfs/file "$tmp/auto.conf" "$tmp/out" 2>&1)" \
	"rootfs: there is no file $tmp/dqib/image.qcow2, which is to be the root (ROOTFS_DQIB_DIR in the menu)"
cp "$tmp/real" "$tmp/dqib/image.qcow2"
is '... without a kernel' "$(recipes/rootfs/file "$tmp/auto.conf" "$tmp/out" 2>&1)" \
	"rootfs: there is no file $tmp/dqib/kernel, which is to be the kernel (ROOTFS_DQIB_DIR in the menu)"
touch "$tmp/dqib"/{kernel,initrd}
is '... is taken when they are there' "$(recipes/rootfs/file "$tmp/auto.conf" "$tmp/out" 2>&1)" ''
is '... all of it' "$(readlink "$tmp/out"/{disk,kernel,user.cpio} | paste -sd' ')" \
	"$tmp/dqib/image.qcow2 $tmp/dqib/kernel $tmp/dqib/initrd"
rm "$tmp/out/user.cpio"
printf 'QFI\xfb\0\0\0\3' >"$tmp/qcow2"
is 'a qcow2 disk that is said to be raw' "$(take "$tmp/qcow2" CONFIG_ROOTFS_FILE_RAW=y)" \
	"rootfs: $tmp/qcow2 is a qcow2 image, but the menu says it is raw: change that there (ROOTFS_FILE_QCOW2)"

(cd "$tmp/tree" && echo file | cpio -o --quiet -H newc) >"$tmp/cpio"
is 'an archive is taken' "$(take "$tmp/cpio" CONFIG_ROOTFS_FILE_CPIO=y)" ''
ok 'as it is' cmp "$tmp/cpio" "$tmp/out/user.cpio"
for packer in gzip xz; do
	rm "$tmp/out/user.cpio"
	"$packer" -c "$tmp/cpio" >"$tmp/packed"
	is "one packed by $packer, too" "$(take "$tmp/packed" CONFIG_ROOTFS_FILE_CPIO=y)" ''
	ok '... unpacked' cmp "$tmp/cpio" "$tmp/out/user.cpio"
done
gzip -c "$disk" >"$tmp/packed"
is 'a packed disk is no archive' "$(take "$tmp/packed" CONFIG_ROOTFS_FILE_CPIO=y)" \
	"rootfs: $tmp/packed is no cpio archive, but the menu says it is one: change that there (ROOTFS_FILE_RAW)"
is 'an archive that is said to be a disk' "$(take "$tmp/cpio" CONFIG_ROOTFS_FILE_RAW=y)" \
	"rootfs: $tmp/cpio is cpio, but the menu says it is raw: change that there (ROOTFS_FILE_CPIO)"

truncate -s 4M "$disk"
is 'a disk that was cut off' "$(take "$disk" CONFIG_ROOTFS_FILE_RAW=y)" \
	"rootfs: $disk has 4194304 bytes, and the file system in it 8388608: it was cut off"
: >"$disk"
is 'an empty file' "$(take "$disk" CONFIG_ROOTFS_FILE_RAW=y)" \
	"rootfs: $disk is empty, and is to be the root (ROOTFS_FILE_NAME in the menu)"
is 'a file that is not there' "$(take "$tmp/no" CONFIG_ROOTFS_FILE_RAW=y)" \
	"rootfs: there is no file $tmp/no, which is to be the root (ROOTFS_FILE_NAME in the menu)"
is 'no file' "$(take '' CONFIG_ROOTFS_FILE_RAW=y)" \
	'rootfs: CONFIG_ROOTFS_FILE_NAME is empty: name your root there, in the menu'

finish
