#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The tools of a Debian release: what runs in their root sees this machine but for
# the system, and what the root is made of counts.  No root is fetched here: one
# holds busybox, another is this machine's own.
#
# Needs: lab
#
# shellcheck disable=SC2016 # what other shells shall expand

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

# A root that holds nothing but busybox
bare=$tmp/bare
mkdir -p "$bare"/{etc,usr/bin,var}
cp "$LAB"/busybox/*/busybox "$bare/usr/bin/"
for name in cat id ls kill sh sleep touch; do
	ln -s busybox "$bare/usr/bin/$name"
done
for name in bin sbin; do
	ln -s usr/bin "$bare/$name"
done
touch "$bare/.made"

enter()
{
	recipes/toolchain/enter "$bare" "$@"
}

refuses()
{
	! "$@"
}

if enter sh -c :; then
	is 'programs are those of the root' "$(enter ls /usr/bin)" "$(ls "$bare/usr/bin")"
	is 'folders are where they are' "$(enter sh -c "echo \$PWD; ls $bare/..")" "$PWD"$'\n'"$(ls "$tmp")"
	is 'so is the user' "$(enter id -u)" "$(id -u)"
	enter sh -c "echo text >$tmp/written"
	is 'files are written, and belong to the user' "$(stat -c %u "$tmp/written")-$(cat "$tmp/written")" "$(id -u)-text"
	ok 'the root is not written to' refuses enter touch /usr/bin/new /etc/new
	ok 'this machine is not, either' test ! -e /usr/bin/new -a ! -e /etc/new -a ! -e "$bare/etc/new"
	enter sh -c 'exit 7'
	is 'the status is the command'\''s' $? 7
	enter sh -c 'kill -TERM $$'
	is 'also where a signal ends it' $? 143
	enter sh -c 'echo slot >&5' 5>"$tmp/slot"
	is 'descriptors, as make hands down, stay open' "$(cat "$tmp/slot")" slot
	is 'so does the environment' "$(TEXT='a  $b' enter sh -c 'echo "$TEXT"')" 'a  $b'

	there=$(mktemp -d /var/tmp/kiln.XXXXXX)
	echo here >"$there/file"
	is 'a folder where the root has others can be named' \
		"$(TOOLCHAIN_FOLDERS=$there enter cat "$there/file")" here
	rm -r "$there"

	# Interrupted, as by Ctrl-C: the whole group is.  Who started us may ignore that.
	mkfifo "$tmp/started"
	(set -m; env --default-signal=INT recipes/toolchain/enter "$bare" sh -c "echo >$tmp/started; exec sleep 1000" & echo $! >"$tmp/pid")
	timeout 20 cat "$tmp/started" >"$tmp/ignored"
	group=$(<"$tmp/pid")
	ok 'what runs holds the lock' refuses flock -n "$bare.lock" true
	kill -INT -- "-$group"
	ok 'interrupted, it lets go of it' flock -w 20 "$bare.lock" true
else
	echo "ok $((tests += 1)) - # SKIP no user namespaces here"
fi

# What stands in the way is said in a sentence.
mkdir "$tmp/dl" "$tmp/fake"
root()
{
	PATH=$tmp/fake:$PATH recipes/toolchain/root make "$tmp/dl/toolchain-$1" "$1" "${mirror-}" gcc 2>&1 | tail -n 1
}

command_does()
{
	printf '#!/bin/bash\n%s\n' "$2" >"$tmp/fake/$1"
	chmod +x "$tmp/fake/$1"
}

# says PROMISE RELEASE PATTERN
says()
{
	local said

	said=$(root "$2")
	if [[ $said == "toolchain: "$3 ]]; then
		result 0 "$1"
	else
		is "$1" "$said" "toolchain: $3"
	fi
}

command_does mmdebstrap 'echo "$*" >>'"$tmp/asked"'; exit 1'
command_does bwrap 'exit 1'
says 'no namespaces' trixie 'this system lets you make no user namespaces*or choose this machine*'
command_does bwrap 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"'
command_does id 'echo 1000'
command_does unshare 'exit 1'
says 'none in which to be root' trixie 'this system lets you make no user namespaces*or choose this machine*'
command_does unshare 'shift 2; exec "$@"'
command_does stat 'echo 100 \* 1048576'
says 'no room' trixie 'only 100 MiB are free in *tool-chain root needs 2500*'
is 'which is known beforehand' "$(PATH=$tmp/fake:$PATH recipes/toolchain/root check "$tmp/dl" 2>&1)" \
	"toolchain: only 100 MiB are free in $tmp/dl, and the tool-chain root needs 2500: make room, or set DL= to a folder that has it"
mkdir "$tmp/dl/toolchain-trixie"
touch "$tmp/dl/toolchain-trixie/.made"
is 'a root that is there needs none' "$(PATH=$tmp/fake:$PATH recipes/toolchain/root check "$tmp/dl" 2>&1)" ''
rm -r "$tmp/dl/toolchain-trixie" "$tmp/fake/stat"
command_does apt-get :
says 'no mirror that is known' trixie "apt on this machine has no mirror of Debian: name one in the menu*"
rm "$tmp/fake/apt-get"
says 'no name of a release' 'Trixie;' 'CONFIG_TOOLCHAIN_RELEASE is "Trixie;"*'
ok 'before anything is fetched' test ! -e "$tmp/asked"
command_does mmdebstrap 'echo "E: The repository '"'x'"' does not have a Release file."; exit 1'
says 'no such release' nixie '* has no release nixie: choose another one*'
command_does mmdebstrap 'echo "E: Unable to locate package gcc-3"; exit 1'
says 'no such compiler' trixie 'Debian trixie has no package gcc-3: *'
command_does mmdebstrap 'echo "tar: No space left on device"; exit 1'
says 'a full disk' trixie 'no space left in *make room*'
mirror=http://127.0.0.1:1/debian
command_does mmdebstrap 'echo "E: Could not connect"; exit 1'
says 'no mirror that answers' trixie 'cannot make the tool-chain root from http://127.0.0.1:1/debian: *'
is 'nothing is left of it' "$(ls "$tmp/dl")" apt

# Packages are unpacked as mmdebstrap would have it, here for two small ones.
# package NAME POSTINST FILE... - puts it into the cache
package()
{
	local name=$1 script=$2 file

	shift 2
	mkdir -p "$tmp/$name/DEBIAN"
	printf '%s\n' "Package: $name" 'Version: 1:2' 'Architecture: all' 'Maintainer: a <a@b>' 'Description: c' \
		>"$tmp/$name/DEBIAN/control"
	printf '#!/bin/sh\n%s\n' "$script" >"$tmp/$name/DEBIAN/postinst"
	chmod 755 "$tmp/$name/DEBIAN/postinst"
	for file; do
		mkdir -p "$tmp/$name/$(dirname "$file")"
		echo "$name" >"$tmp/$name/$file"
	done
	dpkg-deb --root-owner-group -b "$tmp/$name" "$tmp/cache/${name}_1%3a2_all.deb"
}

mkdir -p "$tmp/cache" "$tmp/new/"{dev,tmp} "$tmp/new/var/lib/dpkg/"{info,updates,triggers}
package tool 'update-alternatives here' lib/tool/a usr/bin/b usr/share/doc/tool/c usr/share/man/man1/d \
	usr/lib/llvm-19/lib/e.a usr/src/rustc-1/library/core/src/f usr/src/rustc-1/compiler/g >"$tmp/ignored"
package library 'exit 1' usr/lib/h >"$tmp/ignored"
package other 'exit 1' usr/lib/i >"$tmp/ignored"
command_does apt-get '[[ $* != *--print-uris* ]] || printf "'"'http://a/%s' %s 1 MD5Sum:2\\n"'" \
	tool_1:2.deb tool_1%3a2_all.deb library_1:2.deb library_1%3a2_all.deb; echo "$*" >>'"$tmp/asked"
command_does chroot 'echo "$DPKG_MAINTSCRIPT_PACKAGE $2 $3" >>'"$tmp/chosen"
command_does mount :
command_does ldconfig :
ok 'packages are unpacked' env PATH="$tmp/fake:$PATH" MMDEBSTRAP_APT_CONFIG=/dev/null \
	recipes/toolchain/unpack make "$tmp/new" "$tmp/cache" tool
is 'without what is only read, but with the sources of the library of Rust' "$(cd "$tmp/new" && find usr -type f | sort)" \
	"usr/bin/b
usr/lib/h
usr/lib/tool/a
usr/src/rustc-1/library/core/src/f"
is 'their scripts choose among programs, and do nothing else' "$(cat "$tmp/chosen")" 'tool /tmp/./tool_1%3a2_all/postinst configure'
is 'and they count as installed' "$(dpkg-query --admindir="$tmp/new/var/lib/dpkg" -W -f '${Package} ${Status}\n')" \
	"library install ok installed
tool install ok installed"
is 'their versions are noted' "$(cat "$tmp/new/.versions")" $'library 1:2\ntool 1:2'
rm "$tmp"/fake/{apt-get,chroot,ldconfig,mount} "$tmp/asked"

# In a lab: the root is this machine's own, its packages are names.
rm "$tmp/fake/id"
command_does bwrap '[ "$2" = / ] || echo "${MAKEOVERRIDES-unset}" >>'"$tmp/entered"'
while [ "$1" != -- ]; do shift; done; shift; exec "$@"'
command_does mmdebstrap 'packages() { shift 4; include=$*; }
while [ $# -gt 3 ]; do [[ $1 != --extract-hook=* ]] || eval "packages ${1#*=}"; shift; done
mkdir "$2"; printf "%s '"\$(cat $tmp/version)"'\n" $include binutils >"$2/.versions"; echo >>'"$tmp/mades"
echo 1 >"$tmp/version"

# shellcheck source=src/test/lib/lab.sh
. src/test/lib/lab.sh
PATH=$tmp/fake:$PATH
export MAKEFLAGS="DL=$tmp/dl"
# The root has it in any case.
command -v ccache >"$tmp/ignored" || command_does ccache 'exec "$@"'

# ran [GOAL...] - which recipes worked for it
ran()
{
	: >"$tmp/entered"
	make "$@" >"$tmp/output" 2>&1 || cat "$tmp/output"
	sed -nE 's/^  ([a-z]+) +([a-z0-9_.-]+)( .*)?$/\1:\2/p' "$tmp/output" | sort | tr '\n' ' '
}

count()
{
	wc -l <"$1"
}

rm -r kmod
echo CONFIG_TOOLCHAIN_DEBIAN=y >asked
make -s defconfig FRAGMENTS=asked >"$tmp/output" 2>&1
all=$(ran)
is 'the root is made once, before what needs it' "$(count "$tmp/mades")-$(grep -o toolchain:trixie <<<"$all")" 1-toolchain:trixie
ok 'kernel, busybox and guest are compiled in it' test "$(count "$tmp/entered")" -ge 8
# make 4.4 would hand down none of the variables that it is given then.
is 'no make there hears of MAKEOVERRIDES' "$(sort -u "$tmp/entered")" unset
ok 'the list of packages is in it' grep -qx bindgen "$tmp/dl/toolchain-trixie/.made"
is 'then nothing is to be done' "$(ran)" ''
mkdir "$tmp/second"
cp -a "$out/host" "$out/.config" "$tmp/second"
is 'another lab takes the same' "$(ran O="$tmp/second" toolchain)" ''

ran toolchain-update >"$tmp/ignored"
is 'an update without news' "$(grep -c 'nothing newer' "$out/toolchain/trixie.log")-$(ran)" 1-
echo 2 >"$tmp/version"
ran toolchain-update >"$tmp/ignored"
is 'an update with news compiles anew' "$(ran | grep -oE '(linux|busybox|guest):build' | tr '\n' ' ')" \
	'busybox:build guest:build linux:build '
ok 'all of it' grep -q 'binutils 2' "$out/linux/build/.trusted"
is 'and then nothing' "$(ran)" ''

echo more >>recipes/toolchain/packages
is 'another package makes the root anew' "$(ran toolchain)-$(grep -cx more "$tmp/dl/toolchain-trixie/.made")" 'toolchain:trixie -1'
sed -i '$d' recipes/toolchain/packages
is 'a root that has more is good' "$(ran toolchain)" ''
sed -i 's/^# CONFIG_LINUX_LLVM is.*/CONFIG_LINUX_LLVM=y\nCONFIG_LINUX_LLVM_VERSION=18/; /CONFIG_LINUX_GNU=y/d' "$out/.config"
ran toolchain >"$tmp/ignored"
ok 'a version of a compiler is a package' grep -qx lld-18 "$tmp/dl/toolchain-trixie/.made"
ok 'and what others asked for stays' grep -qx more "$tmp/dl/toolchain-trixie/.made"
echo CONFIG_TOOLCHAIN_RELEASE='"forky"' >>asked
make -s defconfig FRAGMENTS=asked >"$tmp/output" 2>&1
is 'another release has a root of its own' "$(ran toolchain; cd "$tmp/dl" && echo toolchain-*/.made)" \
	'toolchain:forky toolchain-forky/.made toolchain-trixie/.made'
rm -rf "$tmp/dl/toolchain-trixie"
ok 'a root can be removed' test ! -e "$tmp/dl/toolchain-trixie"

# make check and its lab with Rust, where there can be none
command_does bwrap 'exit 1'
make -s defconfig >"$tmp/output" 2>&1
make rust-lab >"$tmp/output" 2>&1
is 'without namespaces no lab with Rust is built' "$?-$(ls out/check/rust)" 0-why-not
ok 'and its test says why' grep -q '^1..0 # SKIP toolchain: this system lets you make no user namespaces' \
	<(LAB=$PWD/out recipes/modules/rust.t)

finish
