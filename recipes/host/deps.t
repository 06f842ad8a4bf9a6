#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What a machine lacks is said before anything is built, with the command that
# installs it.  The machines here are folders of commands.

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

unset MAKEFLAGS MAKELEVEL MFLAGS KILN_LOCK
deps=$PWD/recipes/host/deps
bin=$tmp/bin

# machine WITHOUT... - one that has all commands but these
machine()
{
	local dir

	rm -rf "$bin"
	mkdir "$bin"
	for dir in /usr/local/bin /usr/bin /usr/sbin; do
		find "$dir" -mindepth 1 -maxdepth 1 -exec ln -sf -t "$bin" {} +
	done
	(cd "$bin" && rm -f "$@" -)
}

# command NAME TEXT - a command of its own, that says TEXT
command_says()
{
	rm -f "$bin/$1"
	printf '#!/bin/sh\necho "%s"\n' "$2" >"$bin/$1"
	chmod +x "$bin/$1"
}

says()
{
	PATH=$bin bash -c 'sed "s,^PATH=.*,," "$1" >"$2"; shift 2; bash "$0" "$@"' "$tmp/deps/recipes/host/deps" "$deps" "$tmp/deps/recipes/host/deps" "$@" 2>&1
}

refuses()
{
	! "$@"
}

mkdir "$tmp/deps" "$tmp/out"
cp --parents recipes/host/names src/engine/lib.sh {recipes,recipes/processor,src/commands}/*/tools "$tmp/deps"

machine
is 'a machine that has all is good' "$(says stop "$tmp/out" "$tmp")" ''

mkdir "$tmp/deps/recipes/own"
printf 'if_tun.h\t\tlibtun-dev\t-\tthis test\n' >"$tmp/deps/recipes/own/tools"
is "a header of the same name in a folder of the kernel's is another one" \
	"$(says stop "$tmp/out" "$tmp" | cut -d ';' -f 1)" 'this machine lacks if_tun.h (this test)'
rm -r "$tmp/deps/recipes/own"

machine bison flex
for manager in apt-get pacman dnf; do rm -f "$bin/$manager"; done
command_says apt-get ''
command_says id 0
is 'what is missing is said, and the command' "$(says stop "$tmp/out" "$tmp"; echo $?)" \
'this machine lacks bison (the menu, the kernel), flex (the menu, the kernel); make deps installs it: apt-get install -y --no-install-recommends bison flex
1'
command_says id 1000
command_says sudo ''
ok 'with sudo for others than root' grep -q ': sudo apt-get' <(says stop "$tmp/out" "$tmp")
rm "$bin/sudo"
ok 'and where there is no sudo' grep -q ': as root: apt-get' <(says stop "$tmp/out" "$tmp")
rm "$bin/apt-get"
command_says pacman ''
ok 'on Arch' grep -q 'pacman -S --needed bison flex' <(says stop "$tmp/out" "$tmp")
rm "$bin/pacman"
command_says dnf ''
ok 'on Fedora' grep -q 'dnf install -y bison flex' <(says stop "$tmp/out" "$tmp")
rm "$bin/dnf"
ok 'elsewhere' grep -q 'install what these Debian packages hold: bison flex' <(says stop "$tmp/out" "$tmp")
says doctor "$tmp/out" "$tmp" >"$tmp/doctor"
is 'doctor says it too, with status 1' "$?-$(grep -c '^missing  bison ' "$tmp/doctor")" 1-1
# shellcheck disable=SC2016 # perl's
ok 'and JSON' perl -MJSON::PP -e '
	my $all = decode_json(join "", <STDIN>);
	exit !(!$all->{ok} && grep { $_->{name} eq "bison" && $_->{state} eq "missing" } @{$all->{items}})' \
	< <(says json "$tmp/out" "$tmp")

machine
command_says bison 'bison (GNU Bison) 1.35'
ok 'one that is too old is said to be' grep -q '^old .*bison .*version 1.35, 2.0 or later' \
	<(says doctor "$tmp/out" "$tmp")
command_says bison 'bison (GNU Bison) 2.10.1'
is 'a later one is not, also by number' "$(says stop "$tmp/out" "$tmp")" ''

machine tmux rsync cpio
is 'what only tests and packages need stops nothing' "$(says stop "$tmp/out" "$tmp")" ''
ok 'but is said' grep -q '^missing .*tmux .*make check' <(says doctor "$tmp/out" "$tmp")
machine clang
is 'nor does what this configuration does not need' "$(says stop "$tmp/out" "$tmp")" ''

# Room, for what this configuration needs
machine
command_says stat '1000 * 1048576'
says doctor "$tmp/out" "$tmp/dl" >"$tmp/doctor"
is 'room for what is built, and none for sources' "$?-$(grep '^[a-z]*  *disk' "$tmp/doctor" | tr -s ' ')" \
"1-found disk 1000 MiB are free in $tmp/out, 300 are needed for what is built
missing disk only 1000 MiB are free in $tmp/dl, and 2200 are needed for sources and tools: make room, or set O= or DL="
printf 'CONFIG_%s\n' LINUX_DEFCONFIG=y LINUX_DEBUG_INFO=y VM_MEMORY=99999999 >"$tmp/out/.config"
mkdir -p "$tmp/dl/linux-x"
touch "$tmp/dl/linux-x/.fetched"
says doctor "$tmp/out" "$tmp/dl" >"$tmp/doctor"
is 'for a large kernel neither; sources are there' "$?-$(grep '^[a-z]*  *disk' "$tmp/doctor" | grep -o '^[a-z]*\|[0-9]* are needed' | paste -sd ' ')" \
	'1-missing 4500 are needed found 50 are needed'
is "nor is there the guest's memory" "$(tr -s ' ' <"$tmp/doctor" | sed -n 's/^missing memory only [0-9]* MiB//p')" \
	' are free, and building and running take 99999999'
command_says stat '100000 * 1048576'
# shellcheck disable=SC2016 # perl's
ok 'which JSON says, too' perl -MJSON::PP -e '
	my $all = decode_json(join "", <STDIN>);
	exit !(!$all->{ok} && "found disk found disk missing memory" eq join " ", map { "$_->{state} $_->{name}" }
		grep { $_->{name} =~ /^(disk|memory)$/ } @{$all->{items}})' < <(says json "$tmp/out" "$tmp/dl")
rm "$tmp/out/.config"

# KVM, as it is
kvm()
{
	says doctor "$tmp/out" "$tmp/dl" | tr -s ' ' | grep -E '^[a-z]+ (KVM|TCG)'
}
machine
export KILN_KVM=$tmp/kvm
mkdir "$tmp/out/vm"
is 'no KVM' "$(kvm | cut -d : -f 1,3)" "note KVM there is no $KILN_KVM"
echo CONFIG_VM_ACCEL_KVM=y >"$tmp/out/.config"
is 'where the menu wants it' "$(kvm | sed 's/there.*host/.../')" 'missing KVM ...; the menu wants it'
echo CONFIG_VM_ACCEL_TCG=y >"$tmp/out/.config"
is 'or does not' "$(kvm)" 'found TCG chosen in the menu'
rm "$tmp/out/.config"
touch "$KILN_KVM"
is 'KVM that nobody tried' "$(kvm)" "note KVM $KILN_KVM can be opened; the first run finds out if it works"
boot="boot $(cat /proc/sys/kernel/random/boot_id)"
printf '%s\n' "$boot" 'accel tcg' 'why the kernel did not come up in 2.5 s' >"$tmp/out/vm/accel"
is 'that does not work' "$(kvm)" "note KVM $KILN_KVM is there, but the kernel did not come up in 2.5 s; TCG is used"
printf '%s\n' "$boot" 'accel kvm' >"$tmp/out/vm/accel"
is 'that works' "$(kvm)" 'found KVM it worked when it was tried'
printf '%s\n' 'boot before' 'accel kvm' >"$tmp/out/vm/accel"
is 'that worked before this machine booted' "$(kvm)" "note KVM $KILN_KVM can be opened; the first run finds out if it works"
unset KILN_KVM

# Compilers that this machine's archive has no better
machine
command_says clang 'clang version 11.0.1'
command_says apt-cache '  Candidate: 1:12.0-55'
echo CONFIG_LINUX_LLVM=y >"$tmp/out/.config"
is 'a compiler that is too old, here and in the archive' "$(says stop "$tmp/out" "$tmp"; echo $?)" \
"clang is version 11.0.1 here, and the kernel needs 13.0.1 or later: choose the tools of a Debian release in the menu (CONFIG_TOOLCHAIN_DEBIAN)
1"
command_says apt-cache '  Candidate: 1:14.0-55'
ok 'or here alone' grep -q '^this machine lacks clang (the kernel); make deps' <(says stop "$tmp/out" "$tmp")
machine ld.lld
command_says apt-cache ''
ok 'one that is missing, and an archive not asked yet' grep -q '^this machine lacks ld.lld (the kernel); make deps' \
	<(says stop "$tmp/out" "$tmp")
echo CONFIG_TOOLCHAIN_DEBIAN=y >>"$tmp/out/.config"
is 'is not needed with the tools of a Debian release' "$(says stop "$tmp/out" "$tmp")" ''

# Compilers by version
printf 'CONFIG_%s\n' LINUX_LLVM=y LINUX_LLVM_VERSION=17 >"$tmp/out/.config"
machine clang-17 ld.lld-17 llvm-strip-17
rm -f "$bin"/{pacman,dnf}
command_says apt-cache '  Candidate: 1:17.0.6-1'
command_says ld.lld-17 'LLD 17.0.6'
command_says id 0
is 'a version of a compiler is a command and a package of that name' "$(says stop "$tmp/out" "$tmp")" \
'this machine lacks clang-17 (the kernel), llvm-strip-17 (the kernel); make deps installs it: apt-get install -y --no-install-recommends clang-17 llvm-17'
ok 'and doctor says which is found' grep -q '^found  *ld.lld-17  *version 17.0.6' <(says doctor "$tmp/out" "$tmp")
command_says apt-cache ' 500 http://mirror bookworm/main amd64 Packages'
is 'one that the archive has not' "$(says stop "$tmp/out" "$tmp" | sed q; says doctor "$tmp/out" "$tmp" >"$tmp/doctor"; echo $?)" \
"clang-17 is missing here, and no archive here has clang-17: choose another version, or choose the tools of a Debian release in the menu (CONFIG_TOOLCHAIN_DEBIAN)
1"
rm "$bin/apt-get"
command_says pacman ''
rm "$bin/apt-cache"
ok 'is called otherwise elsewhere' grep -q 'pacman -S --needed clang17 llvm17' <(says stop "$tmp/out" "$tmp")
printf 'CONFIG_%s\n' LINUX_GNU=y LINUX_GNU_VERSION=0 >"$tmp/out/.config"
machine gcc-0
is 'version 0 is any' "$(says stop "$tmp/out" "$tmp")" ''

echo CONFIG_LINUX_RUST=y >"$tmp/out/.config"
machine
command_says rustc 'rustc 1.90.0'
command_says bindgen 'bindgen 0.60.1'
command_says apt-cache '  Candidate: 0.60.1-2'
said="bindgen is version 0.60.1 here, and the kernel's Rust needs 0.65.1 or later: choose the tools of a Debian release in the menu (CONFIG_TOOLCHAIN_DEBIAN)"
is 'tools for Rust, too' "$(says stop "$tmp/out" "$tmp")" "$said"
ok 'doctor fails, too' refuses says doctor "$tmp/out" "$tmp"
command_says id 0
command_says apt-get ''
is 'and deps, which cannot fix it' "$(says install "$tmp/out" "$tmp" | grep .)" "$said"
rm "$tmp/out/.config"
is 'which the menu shows before it is chosen' "$(says rust . .)" "$said"
machine rustc
command_says bindgen 'bindgen 0.71.1'
ok 'one that is missing is said to be' grep -q "^rustc is missing here, and the kernel's Rust needs 1.78" <(says rust . .)

# The names of other distributions: their form alone.
is 'every package has its names' "$(sed -n 's/^[^#\t][^\t]*\t\+\([^\t]*\)\t.*/\1/p' {recipes,recipes/processor,src/commands}/*/tools | sort -u |
	while read -r package; do
		grep -qP "^\Q$package\E\t+[a-zA-Z0-9._+-]+\t+[a-zA-Z0-9._+-]+$" recipes/host/names || echo "$package"
	done)" ''

# As make says it
machine bison gcc
PATH=$bin make O="$tmp/new" >"$tmp/said" 2>&1
is 'a build stops first' "$(sed 's/bison.*/bison/' "$tmp/said" | grep -v '^make: ')" 'this machine lacks gcc (the kernel), bison'
ok 'and has made nothing' test ! -e "$tmp/new/.config"

# Who has no configuration yet will have the default one, in which ccache is used where it is
# and nobody lacks it.
mkdir -p "$tmp/default"
cp -a "$LAB/host" "$tmp/default"
echo '# CONFIG_HOST_CCACHE is not set' >"$tmp/no-ccache"
make -s O="$tmp/default" LINUX_DIR="$LINUX" defconfig FRAGMENTS="$tmp/no-ccache" >"$tmp/ignored" 2>&1
asked()
{
	"$deps" json "$1" "$tmp/dl" | sed -n 's/.*"name": "\([^"]*\)".*/\1/p' | sort
}
is 'without a configuration the tools of the default one count' "$(asked "$tmp/nothing")" "$(asked "$tmp/default")"

finish
