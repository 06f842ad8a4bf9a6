#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# deps and doctor on machines that have apt, git and make and nothing else: roots
# of Debian 12 and 13, made for this, in which root and others work.  With FULL=y,
# as in `make check-full`, they also install all that is missing.
#
# Needs: full
#
# shellcheck disable=SC2016 # what other shells expand

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/checkout.sh
. src/test/lib/checkout.sh

unset MAKEFLAGS MAKELEVEL MFLAGS KILN_LOCK
PATH=$PATH:/usr/sbin:/sbin
here=$LAB/check/bare
case $LINUX in
*/linux-source-*) cache=${ROOTS_DL:-${LINUX%/*}}/debian ;;
*) cache=$here/cache ;;
esac

as_root()
{
	recipes/debian/as-root unshare --mount -- "$@"
}
as_root true 2>/dev/null || skip_all 'this user can make no namespace with the ids of /etc/subuid'
site=$(recipes/fetch/mirror)
[ -n "$site" ] || skip_all "this machine's apt names no mirror of Debian"
/usr/lib/apt/apt-helper download-file "${site%/}/dists/trixie/Release" "$tmp/Release" >/dev/null 2>&1 ||
	skip_all "$site does not answer"

mkdir -p "$here"
copy_checkout "$tmp/kiln"
trap 'as_root rm -rf "$here"/{bookworm,trixie} "$tmp"' EXIT

# make_root RELEASE - makes the folder $root, where sudo is out of the way in /root;
# what it is unpacked from is kept
make_root()
{
	local tar=$here/$1.tar

	if ! [ "$tar" -nt recipes/debian/fetch ]; then
		printf 'CONFIG_DEBIAN_%s\n' "RELEASE=$1" VARIANT=apt 'PACKAGES=git make sudo' >"$tmp/auto.conf"
		recipes/debian/fetch "$tmp/auto.conf" "$tar" "$cache" >"$tmp/log" 2>&1 || {
			tail -n 20 "$tmp/log"
			return 1
		}
	fi
	as_root sh -ec '
		rm -rf "$1"
		mkdir "$1"
		tar -xf "$2" -C "$1" --numeric-owner --exclude "./dev/*"
		cp -a "$3" "$1/kiln"
		chown -R 1000:1000 "$1/kiln"
		chmod -R a+rX "$1/kiln"
		echo "user:x:1000:1000::/tmp:/bin/sh" >>"$1/etc/passwd"
		echo "user:*:20000::::::" >>"$1/etc/shadow"
		echo "user:x:1000:" >>"$1/etc/group"
		echo "user ALL=(ALL) NOPASSWD: ALL" >"$1/etc/sudoers.d/user"
		echo "127.0.0.1 localhost $(uname -n)" >"$1/etc/hosts"
		mv "$1/usr/bin/sudo" "$1/root"
		mkdir -p "$4"' - "$root" "$tar" "$tmp/kiln" "$cache"
}

# in_root USER COMMAND... - runs it there, in the checkout; apt's downloads are kept
in_root()
{
	as_root sh -ec '
		root=$1 user=$2 cache=$3
		shift 3
		for dir in dev proc; do
			mount --rbind /$dir "$root/$dir"
		done
		mount --bind "$cache" "$root/var/cache/apt/archives"
		exec chroot --userspec="$user" --groups= "$root" env -i PATH=/usr/bin:/bin LC_ALL=C.UTF-8 \
			sh -c "cd /kiln && exec \"\$@\"" - "$@"' - "$root" "$1" "$cache" "${@:2}" </dev/null
}

# says USER COMMAND... - all that it says, and its status
says()
{
	local status=0

	in_root "$@" 2>&1 || status=$?
	echo "status $status"
}

# The command that mends all, in what doctor said.
line()
{
	sed -n "s/^make deps installs it: $1apt-get install -y --no-install-recommends //p" "$tmp/$2"
}

for release in bookworm trixie; do
	root=$here/$release
	make_root $release || {
		result 1 "$release: a root with apt, git and make can be made"
		continue
	}

	says 0 make doctor >"$tmp/root"
	says 1000 make doctor >"$tmp/user"
	as_root mv "$root/root/sudo" "$root/usr/bin/sudo"
	says 1000 make doctor >"$tmp/sudo"
	as_root mv "$root/usr/bin/sudo" "$root/root/sudo"
	packages=$(line '' root)
	is "$release: doctor fails" "$(grep -h '^status' "$tmp"/{root,user,sudo} | uniq)" 'status 2'
	is "$release: the line that mends all is root's, or sudo's" "$(line 'as root: ' user; line 'sudo ' sudo)" \
		"$packages"$'\n'"$packages"
	is "$release: what is missing is in it, what is there is not" \
		"$(tr ' ' '\n' <<<"$packages" | grep -xE 'bison|gcc|git|libncurses-dev|make|qemu-system-x86' | tr '\n' ' ')" \
		'bison gcc libncurses-dev qemu-system-x86 '
	ok "$release: the archive answers" grep -q "^found *archive *${site%/}.* answers" "$tmp/root"
	in_root 1000 make -s doctor ARGS=--json >"$tmp/json" 2>/dev/null
	# shellcheck disable=SC2016 # perl's
	is "$release: JSON says the same" "$(perl -MJSON::PP -e '
		my $all = decode_json(join "", <STDIN>);
		print $all->{ok} ? "ok" : "not ok", "\n", $all->{fix}, "\n";' <"$tmp/json")" \
		"not ok"$'\n'"as root: apt-get install -y --no-install-recommends $packages"

	says 1000 make >"$tmp/said"
	is "$release: a build stops first" \
		"$(grep -c '^this machine lacks cc (everything), .*; make deps installs it: as root: apt-get install' "$tmp/said")-$(tail -n 1 "$tmp/said")" \
		'1-status 2'
	is "$release: and has made nothing" "$(in_root 0 find out -type f ! -name .lock 2>/dev/null)" ''
	is "$release: deps without sudo says what root shall do" "$(says 1000 make deps | grep -v '^make')" \
		"deps: as root: apt-get install -y --no-install-recommends $packages"$'\nstatus 2'

	in_root 0 apt-get -q update >"$tmp/log" 2>&1
	# shellcheck disable=SC2086 # names
	ok "$release: apt has all of it" in_root 0 apt-get install -s --no-install-recommends $packages

	[ -n "${FULL-}" ] || continue
	user=1000
	as_root mv "$root/root/sudo" "$root/usr/bin/sudo"
	[ $release = bookworm ] || user=0
	says $user make deps >"$tmp/said"
	is "$release: deps installs it" "$(tail -n 1 "$tmp/said")" 'status 0'
	[ "$(tail -n 1 "$tmp/said")" = 'status 0' ] || tail -n 20 "$tmp/said"
	is "$release: then all is well" "$(says 1000 make doctor | grep -vE '^(found|note) ')" 'status 0'
	is "$release: and deps has nothing to do" "$(says 1000 make deps)" 'status 0'
	ok "$release: a tool can be removed" in_root 0 env PATH=/usr/sbin:/usr/bin:/sbin:/bin dpkg --remove --force-depends bison
	is "$release: without a tool a build stops with the same sentence" "$(says 1000 make | grep -v '^make: ')" \
		'this machine lacks bison (the menu, the kernel); make deps installs it: sudo apt-get install -y --no-install-recommends bison
status 2'
	is "$release: deps brings it back" "$(says $user make deps | tail -n 1)-$(says 1000 bison --version | tail -n 1)" \
		'status 0-status 0'
done

finish
