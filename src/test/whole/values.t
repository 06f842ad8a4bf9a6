#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# No value of an option locks the user out: each option that takes a text gets
# nonsense.  make has a plan for it or a sentence names the option, and the menu is
# a way back.  With FULL set each gets each kind of nonsense; else those that name files
# get two, for each costs a second of CPU, and the menu is opened twice.

# shellcheck disable=SC2317 # the table calls them
set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/lab.sh
. src/test/lib/lab.sh

# Options | what they depend on
options()
{
	cat <<-'END'
	MODULES_FOLDERS MODULES_BUILTIN                             |
	MODULES_DKMS                                                |
	MODULES_DKMS_SUITE                                          | MODULES_DKMS="some-dkms"
	MODULES_ARGS MODULES_TREES                                  | MODULES_FOLDERS="yours/own"
	LINUX_FRAGMENTS LINUX_PATCHES LINUX_LOCALVERSION            |
	LINUX_PACKAGE_NAME LINUX_PACKAGE_SUITE                      |
	LINUX_GCOV_FOLDERS                                          | LINUX_GCOV=y
	LINUX_KUNIT_FILE                                            | LINUX_KUNIT=y
	LINUX_KSELFTEST_TARGETS                                     | LINUX_KSELFTEST=y
	LINUX_FILE_NAME                                             | LINUX_FILE=y
	LINUX_RELEASE_VERSION LINUX_RELEASE_SHA256 LINUX_RELEASE_URL | LINUX_RELEASE=y
	LINUX_GIT_URL LINUX_GIT_REF                                 | LINUX_GIT=y
	BUSYBOX_RELEASE_VERSION BUSYBOX_RELEASE_SHA256 BUSYBOX_RELEASE_URL | BUSYBOX_RELEASE=y
	BUSYBOX_GIT_URL BUSYBOX_GIT_REF                             | BUSYBOX_GIT=y
	QEMU_PACKAGE_SUITE QEMU_OPTIONS                             | QEMU_PACKAGE=y
	QEMU_RELEASE_VERSION QEMU_RELEASE_SHA256 QEMU_RELEASE_URL   | QEMU_RELEASE=y
	QEMU_GIT_URL QEMU_GIT_REF                                   | QEMU_GIT=y
	TOOLCHAIN_RELEASE TOOLCHAIN_MIRROR                          | TOOLCHAIN_DEBIAN=y
	HOST_CCACHE_REMOTE HOST_DISTCC                              | HOST_CCACHE=y
	HOST_CCACHE_LOGIN                                           | HOST_CCACHE=y HOST_CCACHE_REMOTE="http://127.0.0.1:9/"
	DEBIAN_RELEASE DEBIAN_VARIANT DEBIAN_PACKAGES DEBIAN_MIRROR DEBIAN_SSH_KEYS | ROOTFS_IMAGE=y DEBIAN_SSH=y
	ARCH_PACKAGES                                               | ROOTFS_ARCH=y
	BUILDROOT_DEFCONFIG BUILDROOT_FRAGMENTS                     | ROOTFS_BUILDROOT=y
	ROOTFS_FOLDER_DIR                                           | ROOTFS_FOLDER=y
	ROOTFS_DQIB_DIR                                             | ROOTFS_DQIB=y
	ROOTFS_FILE_NAME ROOTFS_DISK_ROOT ROOTFS_INIT               | ROOTFS_FILE=y
	ROOTFS_PASSWORD_TEXT                                        | ROOTFS_PASSWORD=y
	ROOTFS_HOSTNAME ROOTFS_OVERLAY                              |
	DEB_VERSION DEB_MAINTAINER DEB_DISTRIBUTION                 |
	VM_CPU VM_NET_FORWARD VM_DISKS VM_SHARES VM_PORTS VM_APPEND VM_QEMU VM_QEMU_ARGS |
	VM_DISKS_SCSI VM_DISKS_NVME                                 |
	VM_HOST_WRITE                                               | ROOTFS_HOST=y
	EXTERNAL                                                    |
	END
}

nonsense()
{
	case $1 in
	missing) echo "$tmp/nowhere/at/all" ;;
	file) echo "$tmp/file" ;;
	folder) echo "$tmp/folder" ;;
	odd) echo "$odd" ;;
	long) echo "${huge:0:8000}" ;;
	esac
}

# give OPTION VALUE
give()
{
	local text=${2//\\/\\\\}

	grep -v "CONFIG_$1[ =]" "$tmp/good" >out/.config
	printf 'CONFIG_%s="%s"\n' "$1" "${text//\"/\\\"}" >>out/.config
}

# files_among NAMES - prints those that name files or folders, or a text that make reads
files_among()
{
	tr ' ' '\n' <<<"$1" | grep -E '_(FOLDERS|TREES|BUILTIN|FRAGMENTS|PATCHES|NAME|DIR|KEYS|OVERLAY)$' | paste -sd ' '
}

# says OPTION - does what a program complained of name it, and is it ours?
says()
{
	cut -c -500 "$tmp/errors"
	grep -q "$1\b" "$tmp/errors" &&
		! grep -qE 'No rule to make|missing f|too long|syntax error|unbound' "$tmp/errors"
}

# Is there a plan for this value, and a machine, or a sentence?
bears()
{
	if ! "${make[@]}" -n >"$tmp/plan" 2>"$tmp/errors"; then
		says "$1"
	elif [[ $1 == VM_* ]] && ! out/host/vm -O out run --print >/dev/null 2>"$tmp/errors"; then
		says "$1"
	elif [[ $1 == LINUX_[FKPL]* || $1 == LINUX_GCOV_* ]] && ! "${make[@]}" out/linux/.configure >"$tmp/errors" 2>&1; then
		says "$1"
	fi
}

# shellcheck disable=SC2016 # nothing here is to be expanded
odd='a "b":c;d#e %f$(g)$h `i` '\''j'\'' \k * ?[l] ä,=&|<>'
printf -v huge '%0200000d' 0
mkdir "$tmp/folder" "$tmp/buildroot"
touch "$tmp/file" "$tmp/buildroot/Makefile"
export BUILDROOT_DIR=$tmp/buildroot

mkdir -p yours/own dqib
echo 'obj-m := own.o' >yours/own/Kbuild

# Sources that were fetched, for some options are not for trees of the user's.
dl=$tmp/dl
mkdir "$dl"
mv "$LINUX_DIR" "$dl/linux-source-6.12"
mv "$BUSYBOX_DIR" "$dl/busybox"
for name in linux-source-6.12 busybox; do
	echo "$name 1" >"$dl/$name/.fetched"
done
unset LINUX_DIR BUSYBOX_DIR
make=(make DL="$dl")

# Who uses the menu puts all right there.
printf '#!/bin/sh\ncp "%s" .config\n' "$tmp/good" >out/host/kconfig/mconf

is 'each option that takes a text is tried' \
	"$(options | sed 's/|.*//' | xargs -n 1 | sort)" \
	"$(awk '$1 == "config" { name = $2 } $1 == "string" && NF > 1 { print name }' \
		Kconfig recipes/*/Kconfig recipes/vm/devices/*/Kconfig | sort)"

# Kconfig asks for what a value has made visible, and would read the list of options.
exec </dev/null
number=0
turn=1
while IFS='|' read -r -u 3 names symbols; do
	number=$((number + $(wc -w <<<"$names")))
	[ -n "${FULL-}" ] || names=$(files_among "$names")
	[ -n "$names" ] || continue
	# shellcheck disable=SC2086 # a list
	printf 'CONFIG_%s\n' $symbols | sed '/_$/d' >"$tmp/row"
	if ! "${make[@]}" -s defconfig FRAGMENTS="$tmp/row" >"$tmp/errors" 2>&1; then
		ok "not on this machine: $names" grep -q 'is missing here' "$tmp/errors"
		continue
	fi
	cp out/.config "$tmp/good"
	mkdir -p out/vm
	recipes/vm/join recipes/vm/devices/*/qemu >out/vm/devices
	for name in $names; do
		kinds=(missing file folder odd long)
		[ -n "${FULL-}" ] || kinds=("${kinds[@]:turn++ % 4:2}")
		for kind in "${kinds[@]}"; do
			give "$name" "$(nonsense "$kind")"
			ok "$name, $kind: make bears it, or says what is wrong" bears "$name"
		done
	done
	if [ -n "${FULL-}" ] || [[ $names =~ ^(MODULES_FOLDERS|LINUX_FRAGMENTS) ]]; then
		ok '... the menu opens' "${make[@]}" menuconfig
		ok '... and what is put right there counts' "${make[@]}" -n
	fi
done 3< <(options)
is 'all of them were looked at' "$number" "$(options | sed 's/|.*//' | wc -w)"

give VM_APPEND "$huge"
"${make[@]}" -n >"$tmp/plan" 2>"$tmp/errors"
is 'a value that is too long is named, and not shown' "$?-$(sed q "$tmp/errors")" \
	"2-out/.config:$(wc -l <out/.config): CONFIG_VM_APPEND has 200002 characters, but 8192 are the most"
"${make[@]}" -s defconfig >"$tmp/plan"
ok '... the defaults are a way back' "${make[@]}" -n

finish
