#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What is fetched is whole and right, or not there.  The archive is a folder.

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

for program in apt-get dpkg-source dpkg-scansources; do
	command -v "$program" >/dev/null || skip_all "no $program"
done

fetch=$PWD/recipes/fetch/fetch
archive=$tmp/archive
dl=$tmp/dl

# Each archive is a minute younger than the one before; apt goes by that.
now=$(($(date +%s) - 6000))

release()
{
	local file

	echo "Date: $(date -uR -d "@$now")"
	echo 'SHA256:'
	for file in Packages Sources; do
		echo " $(sha256sum <$file | cut -d ' ' -f 1) $(stat -c %s $file) $file"
	done
}

# The source package tiny and the package tiny-source, both version $1.
make_archive()
{
	rm -rf "$archive" "$tmp/tiny"
	mkdir -p "$archive" "$tmp/tiny/debian/source"
	(
		cd "$tmp/tiny" || exit
		printf 'all:\n\techo %s\n' "$1" >Makefile
		printf '#!/bin/sh\n' >script
		chmod 755 script
		echo '3.0 (native)' >debian/source/format
		printf '%s\n' 'Source: tiny' 'Maintainer: nobody <nobody@example.org>' \
			'Standards-Version: 4.6.0' '' 'Package: tiny' 'Architecture: all' \
			'Description: little' >debian/control
		printf '%s\n' "tiny ($1) unstable; urgency=low" '' '  * It is.' '' \
			' -- nobody <nobody@example.org>  Thu, 01 Jan 1970 00:00:00 +0000' \
			>debian/changelog
		cd "$archive" || exit
		dpkg-source -b "$tmp/tiny"

		mkdir -p "$tmp/deb/DEBIAN" "$tmp/deb/usr/src"
		tar -C "$tmp" -cJf "$tmp/deb/usr/src/tiny.tar.xz" tiny
		printf '%s\n' 'Package: tiny-source' "Version: $1" 'Architecture: all' \
			'Maintainer: nobody <nobody@example.org>' 'Description: little' \
			>"$tmp/deb/DEBIAN/control"
		dpkg-deb -b "$tmp/deb" "$archive/tiny-source_$1_all.deb"
		mkdir -p "$tmp/lamp/DEBIAN" "$tmp/lamp/usr/src/lamp-1/sub" "$tmp/lamp/usr/share/doc/lamp-dkms"
		touch "$tmp/lamp/usr/src/lamp-1"/{dkms.conf,sub/lamp.c} "$tmp/lamp/usr/share/doc/lamp-dkms/dkms.conf"
		sed 's/^Package: .*/Package: lamp-dkms/' "$tmp/deb/DEBIAN/control" >"$tmp/lamp/DEBIAN/control"
		dpkg-deb -b "$tmp/lamp" "$archive/lamp-dkms_$1_all.deb"
		# A package without files, which depends on another one
		mkdir -p "$tmp/meta/DEBIAN"
		sed "s/^Package: .*/Package: meta-source/; s/^Desc/Depends: meta-source-$1 (= $1), dpkg\n&/" \
			"$tmp/deb/DEBIAN/control" >"$tmp/meta/DEBIAN/control"
		dpkg-deb -b "$tmp/meta" "$archive/meta-source_$1_all.deb"
		sed -i "s/^Package: .*/Package: meta-source-$1/" "$tmp/deb/DEBIAN/control"
		dpkg-deb -b "$tmp/deb" "$archive/meta-source-$1_$1_all.deb"
		dpkg-scanpackages . >Packages
		dpkg-scansources . >Sources
		release >Release
	) >/dev/null 2>&1
	now=$((now + 60))
	find "$archive" -exec touch -d "@$now" {} +
}

# A host whose apt knows this archive alone, as the form $1 (list, sources).
make_host()
{
	rm -rf "${tmp:?}/etc"
	mkdir -p "$tmp/etc/parts"
	case $1 in
	list)
		echo "deb [trusted=yes] copy:$archive ./" >"$tmp/etc/sources.list"
		;;
	sources)
		printf '%s\n' 'Types: deb' "URIs: file:$archive" 'Suites: ./' \
			'Trusted: yes' >"$tmp/etc/parts/tiny.sources"
		;;
	esac
	cat >"$tmp/etc/apt.conf" <<-END
		Dir::Etc::sourcelist "$tmp/etc/sources.list";
		Dir::Etc::sourceparts "$tmp/etc/parts";
		APT::Update::Post-Invoke { "touch $tmp/hook"; };
	END
	export APT_CONFIG=$tmp/etc/apt.conf
}

# says COMMAND... - the last line of what it says, its exit status
says()
{
	local status=0 output

	output=$("$@" 2>&1) || status=$?
	tail -n 1 <<<"$output"
	echo "status $status"
}

make_archive 1.0
make_host list
ok 'a source package is fetched' "$fetch" source tiny "$dl/tiny"
is 'it is unpacked' "$(cat "$dl/tiny/Makefile")" "$(printf 'all:\n\techo 1.0')"
is 'it knows its version' "$(cat "$dl/tiny/.fetched")" 'tiny 1.0'
is 'its files cannot be edited by mistake' \
	"$(find "$dl/tiny" -type f -perm /222 ! -name .fetched)" ''
ok 'scripts stay executable' test -x "$dl/tiny/script"
ok 'the hooks of the host do not run' test ! -e "$tmp/hook"

ok 'the package is fetched' "$fetch" package tiny-source "$dl/tiny-source"
is 'the tarball in it is unpacked' "$(cat "$dl/tiny-source/.fetched" "$dl/tiny-source/script")" \
	"$(printf 'tiny-source 1.0\n#!/bin/sh')"

"$fetch" package meta-source "$dl/meta-source" >"$tmp/said" 2>&1
is 'a package that only depends on the one with the tarball is followed' \
	"$?-$(grep '^fetch:' "$tmp/said")-$(cat "$dl/meta-source/.fetched")" \
	'0-fetch: meta-source is meta-source-1.0-meta-source 1.0'

"$fetch" dkms lamp-dkms "$dl/lamp-dkms" >"$tmp/said" 2>&1
is 'of a dkms package its folder with a dkms.conf comes' "$?-$(cd "$dl/lamp-dkms" && find . -type f | sort | paste -sd ' ')" \
	'0-./.fetched ./lamp-dkms/dkms.conf ./lamp-dkms/sub/lamp.c'
is '... and it is said of one without' "$(says "$fetch" dkms tiny-source "$dl/tiny-dkms")" \
	"fetch: the package tiny-source has no dkms.conf in a folder of /usr/src, so dkms has nothing to build of it
status 1"
is '... and that there is none' "$(says "$fetch" dkms none-dkms "$dl/none-dkms" | grep -o '.*there is no package none-dkms\|status.*\|.*no dkms ')" \
	"fetch: there is no package none-dkms
status 1"

mv "$archive" "$archive.away"
ok 'what is there needs no archive' "$fetch" source tiny "$dl/tiny"
rm -rf "$dl/tiny" "$dl/tiny-source"
ok 'nor does a source package once fetched' "$fetch" source tiny "$dl/tiny"
ok 'nor a package' "$fetch" package tiny-source "$dl/tiny-source"

rm -rf "$dl"
is 'no archive, no source: the user learns why' "$(says "$fetch" source tiny "$dl/tiny" | cut -d : -f 1-2)" \
"fetch: cannot reach the archives in apt's sources to look for tiny
status 1"
ok 'and nothing is there' test ! -e "$dl/tiny"

make_archive 2.0
make_host sources
ok 'with deb822 sources too' "$fetch" source tiny "$dl/tiny"
ok 'with deb822 sources, a package' "$fetch" package tiny-source "$dl/tiny-source"
is 'an archive on disk may go away' "$(find "$dl/archives" -type l)" ''
make_archive 3.0
rm -rf "$dl/tiny"
"$fetch" source tiny "$dl/tiny" >/dev/null 2>&1
is 'the version once fetched stays' "$(cat "$dl/tiny/.fetched")" 'tiny 2.0'

rm -rf "$dl/tiny" "$dl/archives"
"$fetch" source tiny "$dl/tiny" >/dev/null 2>&1
is 'until the downloads are removed' "$(cat "$dl/tiny/.fetched")" 'tiny 3.0'

is 'an unknown name is said to be one' "$(says "$fetch" source tinny "$dl/tinny" | cut -d : -f 1-2)" \
"fetch: there is no source tinny in the archives of apt's sources
status 1"
is 'and the name of the other kind' "$(says "$fetch" package tiny "$dl/x" | cut -d : -f 1-2)" \
"fetch: there is no package tiny in the archives of apt's sources
status 1"

for kind in truncated wrong; do
	rm -rf "$dl"
	make_archive 4.0
	case $kind in
	truncated) truncate -s -10 "$archive"/tiny_*.tar.xz ;;
	wrong) printf x | dd of="$(echo "$archive"/tiny_*.tar.xz)" bs=1 seek=40 conv=notrunc status=none ;;
	esac
	is "a $kind download is refused" "$(says "$fetch" source tiny "$dl/tiny" | cut -d : -f 1)" \
"fetch
status 1"
	ok "$kind: nothing is there" test ! -e "$dl/tiny" -a ! -e "$dl/archives/source-tiny.sha256"
	make_archive 4.0
	ok "$kind: the next fetch is good" "$fetch" source tiny "$dl/tiny"
done

truncate -s -10 "$dl"/archives/tiny_*.tar.xz
rm -rf "$dl/tiny"
ok 'a download that was damaged later is fetched again' "$fetch" source tiny "$dl/tiny"
is 'whole' "$(cat "$dl/tiny/Makefile")" "$(printf 'all:\n\techo 4.0')"

# dpkg-source that stays in the middle.
mkdir "$tmp/bin"
cat >"$tmp/bin/dpkg-source" <<-END
	#!/bin/sh
	mkdir "$dl/tiny.new"
	touch "$dl/tiny.new/half" "$dl/tiny.new/Makefile"
	sleep 60
	exit 1
END
chmod +x "$tmp/bin/dpkg-source"
for signal in INT TERM KILL; do
	rm -rf "$dl/tiny"
	(set -m; PATH=$tmp/bin:$PATH "$fetch" source tiny "$dl/tiny" >/dev/null 2>&1 & echo $! >"$tmp/pid")
	for ((i = 0; i < 1000; i++)); do
		[ ! -e "$dl/tiny.new/Makefile" ] || break
		sleep 0.05
	done
	kill "-$signal" -- "-$(cat "$tmp/pid")"
	ok "SIG$signal: the next fetch is good" "$fetch" source tiny "$dl/tiny"
	ok "SIG$signal: nothing is left of the half" test ! -e "$dl/tiny/half" -a ! -e "$dl/tiny.new"
done

rm -rf "$dl"
"$fetch" source tiny "$dl/tiny" >"$tmp/one" 2>&1 &
one=$!
"$fetch" source tiny "$dl/tiny" >"$tmp/two" 2>&1
two=$?
wait "$one"
is 'two at the same time do not disturb each other' "$? $two" '0 0'
is 'one fetches, one waits' "$(grep -lc extracting "$tmp/one" "$tmp/two" | wc -l)" 1

# A newer version is taken when it is asked for.
rm -rf "$dl"
make_archive 5.0
"$fetch" package tiny-source "$dl/tiny-source" >/dev/null 2>&1
is 'nothing is newer' "$(says "$fetch" -u package tiny-source "$dl/tiny-source")" \
"fetch: there is nothing newer than tiny-source 5.0
status 0"
make_archive 6.0
ok 'the newer version is fetched' "$fetch" -u package tiny-source "$dl/tiny-source"
is 'it is there' "$(cat "$dl/tiny-source/.fetched" "$dl/tiny-source/Makefile")" \
	"$(printf 'tiny-source 6.0\nall:\n\techo 6.0')"
is 'nothing of the old one is' "$(find "$dl" -name '*5.0*' -o -name '*.old')" ''
mv "$archive" "$archive.away"
is 'without the archive nothing is newer' "$(says "$fetch" -u package tiny-source "$dl/tiny-source" | cut -d : -f 1-2)" \
"fetch: cannot reach all archives in apt's sources to look for a newer tiny-source
status 1"
is 'and what is there stays' "$(cat "$dl/tiny-source/.fetched")" 'tiny-source 6.0'
mv "$archive.away" "$archive"

# Other releases of the same archives: suites with their security updates, by
# either form of list.  Others' archives have nothing to do with it.
suites()
{
	local suite

	rm -rf "$tmp/debs"
	for suite in now now-security later later-updates sid; do
		case $suite in
		now*) make_archive 1.0 ;;
		later) make_archive 7.0 ;;
		later-updates) make_archive 7.1 ;;
		sid) make_archive 8.0 ;;
		esac
		mkdir -p "$tmp/debs/dists/$suite/main/binary-$(dpkg --print-architecture)" "$tmp/debs/pool/$suite"
		cp "$archive"/*.deb "$tmp/debs/pool/$suite"
		(
			cd "$tmp/debs" || exit
			dpkg-scanpackages "pool/$suite" >"dists/$suite/main/binary-$(dpkg --print-architecture)/Packages"
			cd "dists/$suite" || exit
			printf '%s\n' "Suite: $suite" 'Components: main' "Date: $(date -uR)" 'SHA256:'
			find main -type f | while read -r file; do
				echo " $(sha256sum <"$file" | cut -d ' ' -f 1) $(stat -c %s "$file") $file"
			done
		) >"$tmp/release" 2>/dev/null
		mv "$tmp/release" "$tmp/debs/dists/$suite/Release"
	done
}

suites
make_host list
printf '%s\n' "deb [trusted=yes] file:$tmp/debs now main contrib" "deb [ trusted=yes ] file:$tmp/debs now-security main" \
	"deb [trusted=yes] file:$tmp/debs now-updates main" "deb [trusted=yes] file:$tmp/nowhere ./" \
	"deb [trusted=yes] file:$tmp/nowhere now other" >"$tmp/etc/sources.list"
echo 'APT::Default-Release "now";' >>"$tmp/etc/apt.conf"
rm -rf "$dl"
ok 'a package of a rolling release' "$fetch" package tiny-source/sid "$dl/tiny-source-sid"
is 'is that one' "$(cat "$dl/tiny-source-sid/.fetched")" 'tiny-source/sid 8.0'
ok 'of another release' "$fetch" package tiny-source/later "$dl/tiny-source-later"
is 'with its updates' "$(cat "$dl/tiny-source-later/.fetched")" 'tiny-source/later 7.1'
is 'each stays what it is' "$("$fetch" package tiny-source/sid "$dl/tiny-source-sid"; cat "$dl/tiny-source-sid/Makefile")" \
	"$(printf 'all:\n\techo 8.0')"
make_host sources
printf '%s\n' 'Types: deb deb-src' "URIs: file:$tmp/debs" 'Suites: now now-updates' '# the next' 'Components: contrib main' \
	'Trusted: yes' '' "Types: deb" "URIs: file:$tmp/debs" 'Suites: now-security' 'Components: main' 'Trusted: yes' '' \
	'Types: deb' "URIs: file:$tmp/nowhere" 'Suites: ./' 'Trusted: yes' >"$tmp/etc/parts/tiny.sources"
rm -rf "$dl"
ok 'with deb822 sources too: rolling' "$fetch" package tiny-source/sid "$dl/tiny-source-sid"
"$fetch" package tiny-source/later "$dl/tiny-source-later" >/dev/null 2>&1
is 'with deb822 sources too: its updates' "$(cat "$dl/tiny-source-later/.fetched")" 'tiny-source/later 7.1'
is 'a package that is not in it' "$(says "$fetch" package tiny-5/sid "$dl/x")" \
"fetch: there is no package tiny-5 in the archives of apt's sources in sid: add one that has it to\
 /etc/apt/sources.list.d, or choose another version or suite; they have tiny-source
status 1"
is 'a suite that there is not' "$(says "$fetch" package tiny-source/never "$dl/x" | cut -d : -f 1-2)" \
"fetch: there is no suite never in the archives of apt's sources
status 1"

make_host list
make_archive 4.0
rm -rf "$dl"
"$fetch" source tiny "$dl/tiny" >/dev/null 2>&1
rm "$dl/tiny/.fetched"
is 'a folder of somebody else is left alone' "$(says "$fetch" source tiny "$dl/tiny" | cut -d , -f 1)" \
"fetch: $dl/tiny is in the way
status 1"

finish
