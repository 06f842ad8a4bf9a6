# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Functions for all scripts, which run in the top folder, with -eu and pipefail:
#
#	. src/engine/lib.sh
#
# A script that may be started elsewhere finds this file by its own $0.  A step that
# runs such a script has $(shell_lib) in its foo_STEP_in.  Scripts that run in the guest, or that
# other programs than make run, do not use this file.

# Messages begin with the name of the script's folder, which is that of its recipe or command; other
# scripts set it.
called=${0%/*}
called=${called##*/}

# die MESSAGE - ends the script
die()
{
	printf '%s: %s\n' "$called" "$1" >&2
	exit 1
}

# lock_folder DIR - makes and locks DIR until this script, and all that it started, have ended
lock_folder()
{
	local lock

	mkdir -p "$1"
	exec {lock}<"$1"
	flock -n "$lock" || die "another make uses $1"
}

# words_before_dashes ARRAY WORD... - sets ARRAY to the words before "--"
words_before_dashes()
{
	local -n before=$1

	shift
	before=()
	while [ "$1" != -- ]; do
		before+=("$1")
		shift
	done
}

# value NAME - prints the value of CONFIG_NAME in $auto_conf, as the user typed it
value()
{
	# shellcheck disable=SC2154 # the script sets it
	src/engine/config-value "$auto_conf" "$1"
}

# processor KEY - prints the value of KEY for the lab's processor, see recipes/processor; for this
# machine's processor if nothing is configured
processor()
{
	local name key sign text

	name=$(value LINUX_ARCH 2>/dev/null) || true
	while read -r key sign text; do
		[ "$key $sign" != "processor_$1 :=" ] || echo "$text"
	done <"recipes/processor/${name:-$HOSTTYPE}/values.mk"
}

# folders_of KIND - prints the folders of KIND, kmod or bpf, one per line: here, in the user's
# projects, and for kmod those that the menu names; if two have the same name, only the last
folders_of()
{
	local kind=$1 folder dir folders=("$1"/*/)
	local -A newest=()

	for dir in $(value EXTERNAL); do
		folders+=("${dir%/}/$kind"/*/)
	done
	# shellcheck disable=SC2207 # make can stand these names
	[ "$kind" != kmod ] || folders+=($(value MODULES_FOLDERS) $(value MODULES_DKMS))
	for folder in "${folders[@]%/}"; do
		newest[${folder##*/}]=$folder
	done
	for folder in "${folders[@]%/}"; do
		[ ! -d "$folder" ] || [ "${newest[${folder##*/}]}" != "$folder" ] || echo "$folder"
	done
}

# is_on NAME
is_on()
{
	[ "$(value "$1")" = y ]
}

# word NAME PATTERN - prints the value of an option that is passed to other programs; dies if it
# does not match
word()
{
	local text

	text=$(value "$1")
	[[ $text =~ ^$2$ ]] || die "CONFIG_$1 is \"$text\", which cannot be"
	echo "$text"
}

# host_name - prints the host name set in the menu
host_name()
{
	local name

	name=$(value ROOTFS_HOSTNAME)
	[[ $name =~ ^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$ ]] ||
		die "CONFIG_ROOTFS_HOSTNAME is \"$name\", but a host name has 1 to 64 letters, digits, dashes and dots"
	echo "$name"
}

# existing DIR - prints DIR, or its nearest parent that exists
existing()
{
	local dir=$1

	until [ -d "$dir" ]; do
		dir=$(dirname "$dir")
	done
	echo "$dir"
}

# free_mib DIR
free_mib()
{
	local blocks

	blocks=$(stat -fc '%a * %S' "$(existing "$1")")
	echo $((blocks >> 20))
}

# need_room DIR MIB TEXT - dies with less free space; TEXT says who needs it and what to do
need_room()
{
	local free

	free=$(free_mib "$1")
	[ "$free" -ge "$2" ] || die "only $free MiB are free in $(existing "$1"), and $3"
}

# again GOAL OUT NAME VALUE... - prints the command that repeats a run, with the kernel tree
# $KILN_LINUX_DIR if there is one, and without variables that have no value
again()
{
	local line="make $1"

	[ "$2" = out ] || line+=" O=${2@Q}"
	[ -z "${KILN_LINUX_DIR-}" ] || line+=" LINUX_DIR=${KILN_LINUX_DIR@Q}"
	shift 2
	while [ $# -gt 0 ]; do
		[ -z "$2" ] || line+=" $1=${2@Q}"
		shift 2
	done
	echo "$line"
}

# job_name - prints a name for all that is started together now
job_name()
{
	printf '%(%Y%m%d-%H%M%S)T-%d\n' -1 $$
}

# checksum <FILE - prints its SHA-256
checksum()
{
	sha256sum | cut -d ' ' -f 1
}

# is_at_least LEAST VERSION
is_at_least()
{
	printf '%s\n' "$1" "$2" | sort -VC
}

# need_debug_info BUILD OUT - dies unless the vmlinux in BUILD, of the lab OUT, has debug
# information
need_debug_info()
{
	[ -e "$1/vmlinux" ] || die "nothing is built in $2 yet; run make first"
	[[ $(readelf -WS "$1/vmlinux") != *' .debug_info '* ]] || return 0
	! grep -qx CONFIG_DEBUG_INFO=y "$1/.config" ||
		die "$1/vmlinux was stripped of its debug information; remove it and run make"
	die 'this kernel has no debug information; turn LINUX_DEBUG_INFO on (make menuconfig, Linux kernel, Debugging)'
}

# find_mirror SITE [REMEDY] - prints SITE, or if that is empty the first mirror of Debian that apt
# uses on this machine; for a recipe with an option NAME_MIRROR
find_mirror()
{
	local site

	site=${1:-$(recipes/fetch/mirror)}
	[ -n "$site" ] || die "apt on this machine has no mirror of Debian: name one in the menu\
 (${called^^}_MIRROR)${2-}"
	echo "$site"
}

# die_of_apt LOG WHAT PLACE SITE RELEASE REMEDY - dies with the reason found in LOG: WHAT was to be
# made in PLACE, from the Debian RELEASE at SITE; REMEDY is for a package that does not exist
die_of_apt()
{
	local log=$1 what=$2 place=$3 site=$4 release=$5 remedy=$6 missing

	missing=$(sed -nE "s/^E: (Unable to locate package|Couldn't find these debs:) //p" "$log" | sed q)
	if grep -q 'No space left on device' "$log"; then
		die "no space left in $place for $what: make room, then try again"
	elif grep -q 'does not have a Release file' "$log"; then
		die "$site has no release $release: choose another one in the menu (${called^^}_RELEASE)"
	elif [ -n "$missing" ]; then
		die "Debian $release has no package $missing: $remedy"
	fi
	die "cannot make $what from $site: see the messages above, fix the network or\
 apt's proxy, or choose another mirror in the menu"
}

# unmet CONTROL - prints the packages of a Debian control file that this machine lacks, of
# alternatives the first; except the compiler, which is checked elsewhere
unmet()
{
	{ dpkg-checkbuilddeps -B "$1" 2>&1 || true; } | sed -n 's/^.*Unmet build dependencies: //p' |
		sed 's/ *([^)]*)//g; s/:[a-z0-9]*//g; s/ | [^ ]*//g' | xargs -rn 1 | { grep -v '^gcc-' || true; }
}

# unpacked FILE - prints it, decompressed if its name says that it is compressed
unpacked()
{
	local tool

	case $1 in
	*.gz) tool='gzip gzip' ;;
	*.xz) tool='xz xz-utils' ;;
	*.zst) tool='zstd zstd' ;;
	*.bz2) tool='bzip2 bzip2' ;;
	*)
		cat -- "$1"
		return
		;;
	esac
	command -v "${tool% *}" >/dev/null || die "${tool% *} is missing, which unpacks $1: make deps installs\
 it (package ${tool#* })"
	"${tool% *}" -dc -- "$1"
}

# write_if_other FILE - writes standard input to FILE, unless it has that content already, so that
# its date does not change
write_if_other()
{
	cat >"$1.new"
	if cmp -s "$1.new" "$1"; then
		rm "$1.new"
	else
		mv -f "$1.new" "$1"
	fi
}

# keep_folders DIR NAME... - removes all other folders in DIR
keep_folders()
{
	local dir=$1 there

	shift
	for there in "$dir"/*/; do
		there=${there%/}
		[[ ! -d $there || " $* " == *" ${there##*/} "* ]] || rm -rf "$there"
	done
}
