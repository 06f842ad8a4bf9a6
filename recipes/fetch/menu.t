#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The menu's source is what is built: a package, a release, a git repository; on
# fake sources.  A version changed and changed back builds what is needed.

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

for program in curl git; do
	command -v "$program" >/dev/null || skip_all "no $program"
done

# shellcheck source=src/test/lib/lab.sh
. src/test/lib/lab.sh

dl=$tmp/dl
www=$tmp/www
repo=$tmp/repo
export HOME=$tmp MAKEFLAGS="DL=$dl"

# A package that is fetched, a release, a repository: three versions.
mkdir -p "$dl" "$www/v6.x" "$tmp/linux-6.99"
cp -r "$LINUX_DIR" "$dl/linux-source-6.12"
echo 'linux-source-6.12 1' >"$dl/linux-source-6.12/.fetched"
cp -r "$LINUX_DIR" "$repo"
sed -i 's/^VERSION := .*/VERSION := 6.98.1/' "$repo/Makefile"
cp -r "$LINUX_DIR"/* "$tmp/linux-6.99"
sed -i 's/^VERSION := .*/VERSION := 6.99/' "$tmp/linux-6.99/Makefile"
tar -C "$tmp" -cJf "$www/v6.x/linux-6.99.tar.xz" linux-6.99
sum=$(sha256sum <"$www/v6.x/linux-6.99.tar.xz" | cut -d ' ' -f 1)
tree=$LINUX_DIR
unset LINUX_DIR

commit()
{
	git -C "$repo" add -A
	git -C "$repo" -c user.name=x -c user.email=x@localhost -c commit.gpgsign=false commit -q -m x
}
git init -q -b new "$repo"
commit

# with LINE... - the same lab, but for its sources
with()
{
	sed -i '/CONFIG_LINUX_\(PACKAGE\|RELEASE\|GIT\)/d; /CONFIG_BUSYBOX_/d' out/.config
	printf '%s\n' "$@" >>out/.config
	build
}

build()
{
	timeout 120 make linux "$@" >"$tmp/output" 2>&1
}

# What of the kernel ran
ran()
{
	sed -nE 's/^  (fetch|linux) +([^ ]+).*/\1:\2/p' "$tmp/output" | paste -sd ' '
}

says()
{
	grep -c -- "$1" "$tmp/output"
}

is_nothing()
{
	build
	grep -q 'Nothing to be done' "$tmp/output"
}

kernel()
{
	strings -n 4 out/linux/build/vmlinux | grep -oE -m 1 '6\.[0-9]+(\.[0-9]+)?'
}

image()
{
	sha256sum out/linux/vmlinux.stripped out/linux/build/vmlinux
}

release=(CONFIG_LINUX_RELEASE=y 'CONFIG_LINUX_RELEASE_VERSION="6.99"'
	"CONFIG_LINUX_RELEASE_SHA256=\"$sum\"" "CONFIG_LINUX_RELEASE_URL=\"file://$www\"")
git=(CONFIG_LINUX_GIT=y "CONFIG_LINUX_GIT_URL=\"file://$repo\"" 'CONFIG_LINUX_GIT_REF="new"')

make -s defconfig >"$tmp/output" 2>&1
build
is 'without a choice it is the package' "$(ran)-$(kernel)" 'linux:configure linux:build-6.12.1'
image >"$tmp/package"

with "${release[@]}"
is 'a release' "$(ran)-$(kernel)" 'fetch:linux-6.99 linux:configure linux:build-6.99'
ok 'then nothing' is_nothing
with "${git[@]}"
is 'a repository' "$(ran | sed 's/-[0-9a-f]\{8\} / /')-$(kernel)" 'fetch:linux-git-new linux:configure linux:build-6.98.1'
ok 'then nothing is to be done' is_nothing
with "${release[@]}"
is 'back to the release, which is there' "$(ran)-$(kernel)" 'linux:configure linux:build-6.99'
with CONFIG_LINUX_PACKAGE=y
is 'back to the package' "$(ran)-$(kernel)" 'linux:configure linux:build-6.12.1'
is 'it is what it was' "$(image)" "$(cat "$tmp/package")"
ok 'and nothing more is to be done' is_nothing
ok 'the programs of the menu are what they were' cmp "$LAB/host/kconfig/conf" out/host/kconfig/conf

# Newer ones
with "${git[@]}"
sed -i 's/^VERSION := .*/VERSION := 6.98.2/' "$repo/Makefile"
commit
ok 'a branch that moved stays as it was fetched' is_nothing
make linux-update >"$tmp/output" 2>&1
is 'an update fetches' "$(ran | sed 's/-[0-9a-f]\{8\}$//')" 'fetch:linux-git-new'
build
is 'and then it is built' "$(ran)-$(kernel)" 'linux:configure linux:build-6.98.2'
make linux-update >"$tmp/output" 2>&1
ok 'what is new is not built again' is_nothing
# Dates say nothing: what was fetched may be older than what was built of it.
sed -i 's/times--/--times/' "$repo/lib/greet.c"
commit
image >"$tmp/was"
make linux-update >"$tmp/output" 2>&1
find "$dl"/linux-git-new-* ! -name .fetched -exec touch -hd 2001-02-03 {} +
build
is 'old files that are new are built' "$(image | diff - "$tmp/was" | grep -c '>')" 2
make linux-update LINUX_DIR="$tree" >"$tmp/output" 2>&1
is 'a tree of the user is his to update' "$?-$(says 'update it yourself')" 2-1
build LINUX_DIR="$tree"
is 'LINUX_DIR has the say' "$?-$(kernel)" 0-6.12.1

# What cannot be
with "${release[@]}" 'CONFIG_LINUX_RELEASE_VERSION="6.97"' 'CONFIG_LINUX_RELEASE_SHA256=""'
is 'a release without a sum' "$?-$(says 'CONFIG_LINUX_RELEASE_SHA256 is empty, and recipes/linux/linux.hash has none')" 2-1
with "${release[@]}" "CONFIG_LINUX_RELEASE_SHA256=\"${sum//[0-4]/5}\""
is 'another sum than that of what is there' "$?-$(says 'is of a file with another one; remove')" 2-1
with "${release[@]}" 'CONFIG_LINUX_RELEASE_VERSION="v6.99"'
is 'a version is no tag' "$?-$(says 'RELEASE_VERSION=v6.99: a version begins with a digit')" 2-1
with "${release[@]}" 'CONFIG_LINUX_RELEASE_VERSION="7.1.3"'
is 'another sum than the known one' "$?-$(says 'linux.hash has another one for linux-7.1.3.tar.xz')" 2-1
rm -rf "$dl"/linux-6.99 "$dl"/archives/linux-6.99*
with "${release[@]}" "CONFIG_LINUX_RELEASE_SHA256=\"${sum//[0-4]/5}\""
is 'a wrong sum' "$?-$(says "has the SHA-256 $sum, not")-$(find "$dl" -name 'linux-6.99*')" 2-1-
touch=$tmp/touched
for text in "file://\$(shell touch $touch)" 'file://a b' 'file://"x"' "file://\`touch $touch\`" '' '-x'; do
	with "${git[@]}" "CONFIG_LINUX_GIT_URL=\"$text\""
	is "no repository: $text" "$?-$(says 'CONFIG_LINUX_GIT_URL')" 2-1
done
# shellcheck disable=SC2016 # make would expand it
odd='file://$(CURDIR)/no$X'"'"
with "${git[@]}" "CONFIG_LINUX_GIT_URL=\"$odd\""
is 'an address with a dollar is what it is' "$?-$(grep -cF "from $odd: see" "$tmp/output")" 2-1
for text in 'a b' '-x' '+x' 'x:y' ''; do
	with "${git[@]}" "CONFIG_LINUX_GIT_REF=\"$text\""
	is "no branch: $text" "$?-$(says 'CONFIG_LINUX_GIT_REF')" 2-1
done
for text in 'a b' 'x/y' ''; do
	with CONFIG_LINUX_PACKAGE=y "CONFIG_LINUX_PACKAGE_NAME=\"$text\""
	is "no package: $text" "$?-$(says 'CONFIG_LINUX_PACKAGE_NAME')" 2-1
done
with CONFIG_LINUX_PACKAGE=y "CONFIG_LINUX_PACKAGE_SUITE=\"\$x\""
is 'no suite' "$?-$(says 'CONFIG_LINUX_PACKAGE_SUITE')" 2-1
ok 'no text ran' test ! -e "$touch"

# Another version's menu is written in another language.
rm -rf "$dl/archives" "$dl"/linux-git*
echo '/* of another version */' >>"$repo/scripts/kconfig/symbol.c"
commit
echo CONFIG_GONE=y >asked
with "${git[@]}" 'CONFIG_LINUX_FRAGMENTS="asked"'
ok 'is read by programs of that version' test -x out/linux/check
is 'that do what they shall' "$(says '^asked:1: CONFIG_GONE is unknown')" 1
rm out/linux/check
with CONFIG_LINUX_PACKAGE=y 'CONFIG_LINUX_FRAGMENTS="asked"'
is 'what the lab has already serves its version' "$(says '^asked:1: CONFIG_GONE is unknown')-$(find out/linux -name check)" 1-
: >asked

# The same for busybox
cp -r "$BUSYBOX_DIR" "$tmp/busybox-1.2"
tar -C "$tmp" -cjf "$www/busybox-1.2.tar.bz2" busybox-1.2
bb=$(sha256sum <"$www/busybox-1.2.tar.bz2" | cut -d ' ' -f 1)
unset BUSYBOX_DIR
with CONFIG_LINUX_PACKAGE=y CONFIG_BUSYBOX_RELEASE=y 'CONFIG_BUSYBOX_RELEASE_VERSION="1.2"' \
	"CONFIG_BUSYBOX_RELEASE_SHA256=\"$bb\"" "CONFIG_BUSYBOX_RELEASE_URL=\"file://$www\""
ok 'busybox from a release' make busybox
is 'is that one' "$(cut -d '#' -f 1 "$dl/busybox-1.2/.fetched")" busybox-1.2.tar.bz2

finish
