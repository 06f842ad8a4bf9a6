#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# bindeb-pkg and targz-pkg of a fake kernel: what they refuse, when they run
# again, and what they leave when they fail.

# shellcheck disable=SC2016,SC2317 # nothing in the texts is to be expanded; ok calls functions
set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/lab.sh
. src/test/lib/lab.sh

run()
{
	timeout 600 make "$@" >"$tmp/output" 2>&1
}

# The steps that make said it ran.
ran()
{
	sed -nE 's/^  ([a-z]+) +([a-z0-9_.-]+)( .*)?$/\1:\2/p' "$tmp/output" | sort | tr '\n' ' '
}

option()
{
	sed -i "/CONFIG_$1[ =]/d" out/.config
	echo "CONFIG_$1=$2" >>out/.config
}

# refuses PROMISE SENTENCE - bindeb-pkg does
refuses()
{
	run bindeb-pkg
	is "$1 is refused" $? 2
	ok 'with a sentence' grep -q "^deb: $2" "$tmp/output"
	is 'before the kernel is built' "$(ran | grep -o 'linux:build\|deb:bindeb-pkg')" ''
}

kernel()
{
	stat -c '%i %Y' out/linux/build/vmlinux
}

packages()
{
	(cd out/deb && sha256sum -- *.deb manifest targz/* 2>&1)
}

# Bad input, where nothing is built
make -s defconfig
for version in a1 1_2 1:2 '1 2' '1$(id)' -; do
	option DEB_VERSION "\"$version\""
	refuses "the version $version" 'CONFIG_DEB_VERSION is ".*", but'
done
option DEB_VERSION '"1.2~rc1+x"'
for maintainer in '' Jane jane@x.org 'Jane <jane>' 'A, B <a@x.org>' 'Jane <a@x.org> x'; do
	option DEB_MAINTAINER "\"$maintainer\""
	refuses "the maintainer '$maintainer'" 'CONFIG_DEB_MAINTAINER is ".*", but'
done
maintainer='Zoé O'\''Neill $HOME $(id) (x) <zoe.o+k@x.org>'
option DEB_MAINTAINER "\"$maintainer\""
option DEB_DISTRIBUTION '"a b"'
refuses 'a distribution with a blank' 'CONFIG_DEB_DISTRIBUTION is "a b", but'
option DEB_DISTRIBUTION '"unstable"'
option LINUX_LOCALVERSION '"-Mine"'
refuses 'a release with capital letters' "the kernel's release is 6.12.1-Mine, but"
option LINUX_LOCALVERSION '"-a b"'
run linux
is 'a local version with a blank is refused' $? 2
ok 'with a sentence' grep -q 'linux: CONFIG_LINUX_LOCALVERSION has other characters' "$tmp/output"
option LINUX_LOCALVERSION '"-mine"'

# A machine that lacks something
mkdir "$tmp/path"
find /usr/bin -xtype f -exec cp -st "$tmp/path" {} +
path=$PATH
for program in dh rsync; do
	PATH=$tmp/bin:$tmp/path
	mv "$tmp/path/$program" "$tmp/$program"
	refuses "a machine without $program" "$program is missing, which .*: make deps installs it"
	mv "$tmp/$program" "$tmp/path"
	PATH=$path
done
is 'nothing came into deb/' "$(ls out/deb)" check.log

# What this kernel's own control file asks for, but for a compiler's other name
control()
{
	cat >"$LINUX_DIR/scripts/package/mkdebian" <<-END
		mkdir -p debian
		printf '%s\\n' 'Source: linux' 'Build-Depends: dpkg' 'Build-Depends-Arch: gcc-kiln-none$1' '' \\
			'Package: linux' 'Architecture: any' >debian/control
	END
}
mkdir "$LINUX_DIR/scripts/package"
control ', libkiln-none1-dev:native (>= 2), libkiln-none2'
refuses 'a machine without what the kernel asks for' \
	"this kernel's bindeb-pkg needs packages that are missing, libkiln-none1-dev libkiln-none2: make deps installs that"
make doctor >"$tmp/output" 2>&1
is '... which doctor knows, too' "$(grep -c '^missing  libkiln-none[12].* *bindeb-pkg' "$tmp/output")" 2
control ''

# Once
run
before=$(kernel)
run bindeb-pkg
is 'the kernel is packed as it is' "$?-$(ran)-$(kernel)" "0-deb:bindeb-pkg deb:check -$before"
package=out/deb/linux-image-6.12.1-mine_1.2~rc1+x-1_all.deb
is 'by the menu' "$(dpkg-deb -f "$package" Maintainer)" "$maintainer"
is 'the manifest knows it' "$(cat out/deb/manifest)" \
	"linux-image-6.12.1-mine 1.2~rc1+x-1 $(stat -c %s "$package") $(sha256sum <"$package" | cut -d ' ' -f 1)"
run targz-pkg
is 'then a tarball' "$?-$(ran)-$(kernel)" "0-deb:targz-pkg -$before"
tarball=out/deb/targz/linux-6.12.1-mine-x86.tar.gz
is 'which its manifest knows' "$(cat out/deb/targz/manifest)" \
	"${tarball##*/} 6.12.1-mine $(stat -c %s "$tarball") $(sha256sum <"$tarball" | cut -d ' ' -f 1)"
packages >"$tmp/packages"
for goal in all bindeb-pkg targz-pkg all; do
	run $goal
	ok "make $goal has nothing to do then" grep -q 'Nothing to be done' "$tmp/output"
done
is 'nothing is left where the kernel was built' \
	"$(find out/linux -name '*.deb' -o -name debian -o -name 'tar*' -o -name '*.tar*')" ''

# Again when it is necessary
rm "$package"
run bindeb-pkg
is 'a package that is gone is made again' "$(ran)" 'deb:bindeb-pkg '
rm out/deb/targz/manifest
run bindeb-pkg targz-pkg
is 'a manifest, too' "$(ran)" 'deb:targz-pkg '
ok 'with the same bytes' diff "$tmp/packages" <(packages)
option DEB_DISTRIBUTION '"stable"'
run bindeb-pkg
is 'another distribution packs again' "$(ran)" 'deb:bindeb-pkg deb:check '
option DEB_VERSION '""'
run bindeb-pkg targz-pkg
is 'another version, too, but no tarball' "$(ran)" 'deb:bindeb-pkg deb:check '
is 'in the place of the old one' "$(cd out/deb && echo *.deb)" linux-image-6.12.1-mine_6.12.1-1_all.deb
option DEB_REVISION 2
run bindeb-pkg
is 'another revision is in the kernel' "$(ran)" \
	'deb:bindeb-pkg deb:check linux:build linux:configure '
run all
before=$(kernel)
run bindeb-pkg targz-pkg
is 'which the lab boots' "$(kernel)" "$before"
echo '/* a comment */' >>"$LINUX_DIR/kernel/core.c"
run bindeb-pkg
is 'a source of the kernel' "$(ran)" 'deb:bindeb-pkg linux:build '

# Modules
run modules-deb
version=$(sed -n 's/^linux-image[^ ]* \([^ ]*\) .*/\1/p' out/deb/manifest)
package=out/deb/modules/kiln-modules-6.12.1-mine_${version}_$(dpkg --print-architecture).deb
is "modules are packed, for that kernel's package" \
	"$?-$(ran | grep -o 'deb:.*\|linux:.*')-$(dpkg-deb -f "$package" Depends)" "0-deb:modules-deb modules:hello modules:install -linux-image-6.12.1-mine (= $version), kmod"
is '... where modprobe looks first' "$(dpkg-deb -c "$package" | grep -o '[^ ]*\.ko$')" \
	./lib/modules/6.12.1-mine/updates/hello.ko
dpkg-deb -x out/deb/modules/kiln-modules-dkms_*.deb "$tmp/dkms"
is '... and their sources, for dkms' "$(cd "$tmp/dkms/usr/src/kiln-modules-$version" && find . -type f | LC_ALL=C sort | paste -sd ' ')" \
	'./Kbuild ./dkms.conf ./hello/Kbuild ./hello/hello.c'
cp out/deb/modules/manifest "$tmp/manifest"
run modules-deb
ok '... once' grep -q 'Nothing to be done' "$tmp/output"
rm out/deb/modules/manifest
run modules-deb
ok '... the same bytes each time' cmp "$tmp/manifest" out/deb/modules/manifest
echo 'int fake_edited;' >>kmod/hello/hello.c
run modules-deb
is 'an edit packs them again' "$(ran | grep -o deb:modules-deb)-$(cmp -s "$tmp/manifest" out/deb/modules/manifest; echo $?)" deb:modules-deb-1
run bindeb-pkg
ok '... and not the kernel' grep -q 'Nothing to be done' "$tmp/output"

# What fails leaves what was there
packages >"$tmp/packages"
echo '/* another */' >>"$LINUX_DIR/kernel/core.c"
for goal in bindeb-pkg targz-pkg; do
	FAKE_PACK=false run $goal
	is "$goal that fails says so" $? 2
	ok 'and changes nothing in deb/' diff "$tmp/packages" <(packages)
	FAKE_PACK='kill -KILL 0' run $goal
	is "$goal that is killed fails" $? 2
	ok 'and changes nothing in deb/' diff "$tmp/packages" <(packages)
	run $goal
	is 'then it works' $? 0
done
is 'and what was half made is gone' "$(find out/deb out/linux -name '*.tmp' -o -name debian)" ''

# No room
if [ "$(id -u)" = 0 ]; then
	mounts=(unshare -m)
else
	mounts=(unshare -rm)
fi
full_disk()
{
	mount -t tmpfs -o size=8m none out/deb && ! run bindeb-pkg &&
		grep -q '^deb: only [78] MiB are free in .*, and the packages need' "$tmp/output" &&
		! ran | grep -q linux:build
}
export -f run ran full_disk
export tmp
if "${mounts[@]}" mount -t tmpfs none out/deb; then
	echo '/* more */' >>"$LINUX_DIR/kernel/core.c"
	ok 'no room is told before the kernel is built' "${mounts[@]}" bash -c full_disk
else
	result 0 'no room # SKIP this user may not mount anything'
fi

finish
