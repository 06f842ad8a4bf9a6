#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Other hosts compile: the same bits come of it, a host that is gone or dies is done without,
# and one with another compiler is refused.  The hosts are two distccd in a network of
# the test's own.

# shellcheck disable=SC2317 # ok calls functions
set -uo pipefail

# In a network namespace with nothing but loopback, where we are no root, which distccd is
# not to be.
if [ -z "${distcc_inside-}" ]; then
	# shellcheck disable=SC2016 # the shell inside expands
	inside='ip link set lo up && exec unshare -U --map-user=1000 --map-group=1000 -- "$0"'
	if command -v distccd >/dev/null && command -v ccache >/dev/null && unshare -Urn true 2>/dev/null; then
		distcc_inside=y exec unshare -Urn bash -c "$inside" "$0"
	fi
	echo '1..0 # SKIP distcc, ccache or namespaces are not to be had'
	exit
fi

# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/lab.sh
. src/test/lib/lab.sh
# shellcheck source=src/test/lib/servers.sh
. src/test/lib/servers.sh

# start_host ADDRESS [TEXT] - one whose compiler does TEXT before it compiles
start_host()
{
	local dir=$tmp/$1 real

	mkdir "$dir"
	: >"$dir/log"
	real=$(readlink -f "$gcc")
	cp "$real" "$dir/real"
	printf '#!/bin/sh\n%s\nexec %s -B%s "$@"\n' \
		"${2-}" "$dir/real" "$(dirname "$("$gcc" -print-prog-name=cc1)")" >"$dir/gcc"
	chmod +x "$dir/gcc"
	# shellcheck disable=SC2016 # the shell inside expands
	TMPDIR=$dir unshare -Urm sh -c 'mount --bind "$1" "$2" && shift 2 &&
		exec unshare -U --map-user=1000 --map-group=1000 -- "$@"' - "$dir/gcc" "$real" \
		distccd --no-detach --daemon --listen "$1" --allow 127.0.0.0/8 --jobs 2 \
		--log-file "$dir/log" 2>"$dir/errors" &
	servers+=($!)
	for ((i = 0; i < 400; i++)); do
		! (: <"/dev/tcp/$1/3632") 2>/dev/null || break
		sleep 0.05
	done
}

# compiled ADDRESS - how many files there
compiled()
{
	grep -c COMPILE_OK "$tmp/$1/log"
}

# configure HOSTS
configure()
{
	printf '%s\n' CONFIG_HOST_CCACHE=y "CONFIG_HOST_DISTCC=\"$1\"" >"$tmp/fragment"
	make -s defconfig FRAGMENTS="$tmp/fragment" >"$tmp/output"
}

# builds - the kernel from nothing, with an empty cache; sets $status
builds()
{
	rm -rf out/linux "$tmp/cache"
	CCACHE_DIR=$tmp/cache make linux >"$tmp/output" 2>&1
	status=$?
}

said()
{
	grep -hE '(HOST_DISTCC|^distcc): ' out/linux/build.log
}

configure ''
builds
is 'without hosts' "$status $(said)" '0 '
cp out/linux/build/vmlinux "$tmp/vmlinux"

configure 'host;reboot'
builds
is 'what is no host is refused, before the kernel is built' "$((status > 0)) $(said)" \
	'1 host: HOST_DISTCC: host;reboot is none of localhost/JOBS, HOST:PORT/JOBS and USER@HOST/JOBS'

start_host 127.0.0.1
start_host 127.0.0.2
configure '127.0.0.1/2 127.0.0.2/1,lzo'
builds
is 'two hosts compile, in silence' \
	"$status $(said)$(($(compiled 127.0.0.1) > 1)) $(($(compiled 127.0.0.2) > 1))" '0 1 1'
ok '... the same bits' cmp "$tmp/vmlinux" out/linux/build/vmlinux
rm -rf out/linux
before=$(compiled 127.0.0.1)
CCACHE_DIR=$tmp/cache make linux >"$tmp/output" 2>&1
is '... and what the cache has is asked of nobody' "$(($(compiled 127.0.0.1) - before))" 1

configure '127.0.0.1/2 127.0.0.9/2'
builds
is 'a host that is not there is done without' "$status $(said)" \
	'0 distcc: 127.0.0.9/2 does not compile and is done without: nonblocking connect to 127.0.0.9:3632 failed: Connection refused'
ok '... the same bits' cmp "$tmp/vmlinux" out/linux/build/vmlinux

# From its second file on this one dies of what it is asked.
start_host 127.0.0.3 "[ -e '$tmp/first' ] && kill -9 \$PPID && echo died >>'$tmp/died'; touch '$tmp/first'"
configure 127.0.0.3/2
builds
is 'one that dies while it compiles is done without' \
	"$status $(sort -u "$tmp/died")$(grep -c 'distcc\[' "$tmp/output")" '0 died0'
ok '... the same bits' cmp "$tmp/vmlinux" out/linux/build/vmlinux

start_host 127.0.0.4 'set -- "$@" -fno-ident'
configure '127.0.0.1/2 127.0.0.4/2'
builds
is 'a host with another compiler is refused' "$((status > 0)) $(said)" \
	"1 host: HOST_DISTCC: $gcc on 127.0.0.4/2 is not this machine's: it makes other code, so the kernel would be another one"
is '... before anything is compiled' "$(find out/linux -name '*.o' | wc -l)" 0
finish
