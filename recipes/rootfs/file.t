#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A root of the user's: what is wrong with the file is told in one sentence, before
# a machine starts.

set -uo pipefail
# shellcheck source=src/test/tap.sh
. src/test/tap.sh

PATH=$PATH:/usr/sbin:/sbin
disk="$tmp/my disk's \$image"
mkdir "$tmp/tree" "$tmp/out"
echo here >"$tmp/tree/file"
mke2fs -q -t ext4 -L mine -d "$tmp/tree" "$disk" 8M >"$tmp/ignored"

# take NAME LINE... - what is said of the file, with these lines in the configuration
take()
{
	printf '%s\n' CONFIG_ROOTFS_FILE=y "CONFIG_ROOTFS_FILE_NAME=$1" \
		CONFIG_ROOTFS_FILE_ROOT=/dev/vda 'CONFIG_ROOTFS_TEXT=not quoted' "${@:2}" >"$tmp/auto.conf"
	recipes/rootfs/file "$tmp/auto.conf" "$tmp/out" 2>&1
}

is 'a raw disk is taken' "$(take "$disk" CONFIG_ROOTFS_FILE_RAW=y)" ''
is 'it is where it was' "$(readlink "$tmp/out/disk")" "$disk"
is 'its label is looked at' \
	"$(take "$disk" CONFIG_ROOTFS_FILE_RAW=y CONFIG_ROOTFS_FILE_ROOT=LABEL=rootfs)" \
	"rootfs: $disk has the label \"mine\", not \"rootfs\" (ROOTFS_FILE_ROOT in the menu)"
is 'and taken when it is right' \
	"$(take "$disk" CONFIG_ROOTFS_FILE_RAW=y CONFIG_ROOTFS_FILE_ROOT=LABEL=mine)" ''

is 'a raw disk that is said to be qcow2' "$(take "$disk" CONFIG_ROOTFS_FILE_QCOW2=y)" \
	"rootfs: $disk is raw, but the menu says it is qcow2: change that there (ROOTFS_FILE_RAW)"
is 'a raw disk that is said to be an archive' "$(take "$disk" CONFIG_ROOTFS_FILE_CPIO=y)" \
	"rootfs: $disk is no cpio archive, but the menu says it is one: change that there (ROOTFS_FILE_RAW)"
printf 'QFI\xfb\0\0\0\3' >"$tmp/qcow2"
is 'a qcow2 disk is taken' "$(take "$tmp/qcow2" CONFIG_ROOTFS_FILE_QCOW2=y)" ''
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
