#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# doctor says whether the archive and the servers of the menu answer, whatever they
# do.  They are ports of loopback.

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

for program in apt-get curl git python3; do
	command -v "$program" >/dev/null || skip_all "no $program"
done

www=$tmp/www
export HOME=$tmp GIT_CONFIG_NOSYSTEM=1 no_proxy='*' LC_ALL=C
unset http_proxy https_proxy all_proxy HTTPS_PROXY ALL_PROXY

# await FILE - until it is there
await()
{
	local i

	for ((i = 0; i < 2000; i++)); do
		[ ! -e "$1" ] || return 0
		sleep 0.02
	done
	return 1
}

# doctor ADDRESS GIT [APT] - what it says of an archive and a release below ADDRESS,
# and of a repository GIT; APT is a line of apt's configuration
doctor()
{
	cat >"$tmp/out/.config" <<-EOF
		CONFIG_LINUX_GIT=y
		CONFIG_LINUX_GIT_URL="$2"
		CONFIG_BUSYBOX_RELEASE=y
		CONFIG_BUSYBOX_RELEASE_URL="$1"
		CONFIG_BUSYBOX_RELEASE_VERSION="1.38.0"
	EOF
	echo "deb $1 stable main" >"$tmp/sources.list"
	cat >"$tmp/apt.conf" <<-EOF
		Dir::Etc::sourcelist "$tmp/sources.list";
		Dir::Etc::sourceparts "/dev/null";
		Acquire::http::Proxy "DIRECT";
		${3-}
	EOF
	APT_CONFIG=$tmp/apt.conf recipes/host/deps doctor "$tmp/out" "$tmp/dl" >"$tmp/said" 2>&1
	echo $? >"$tmp/status"
	sed -nE "s,$1,URL,g; s,$tmp,,g; s/^([a-z]+ +)(archive|linux's git|busybox's release) +/\1\2: /p" "$tmp/said" |
		sed 's/  */ /g; s/: fix.*\(menu\|apt\)//'
}

mkdir -p "$tmp"/{out,bin,dl} "$www/dists/stable"
: >"$www/dists/stable/InRelease"
: >"$www/busybox-1.38.0.tar.bz2"
git init -q -b main "$tmp/repo"
git -C "$tmp/repo" -c user.name=x -c user.email=x@localhost commit -q --allow-empty -m one

src/test/lib/webserver "$www" "$tmp/port" &
server=$!
# One that takes connections and says nothing, and a port where nobody is.
python3 - "$tmp" <<-'EOF' &
	import os, socket, sys
	silent, closed = socket.socket(), socket.socket()
	silent.bind(('127.0.0.1', 0))
	silent.listen(64)
	closed.bind(('127.0.0.1', 0))
	for name, sock in ('silent', silent), ('closed', closed):
	    with open(sys.argv[1] + '/new', 'w') as file:
	        print(sock.getsockname()[1], file=file)
	    os.rename(sys.argv[1] + '/new', sys.argv[1] + '/' + name)
	sys.stdin.close()
	import signal
	signal.pause()
EOF
others=$!
trap 'kill $server $others; wait 2>/dev/null; rm -rf "$tmp"' EXIT
await "$tmp/port" && await "$tmp/silent" && await "$tmp/closed" || exit 1
good=http://127.0.0.1:$(cat "$tmp/port")
closed=127.0.0.1:$(cat "$tmp/closed")
silent=127.0.0.1:$(cat "$tmp/silent")

is 'servers that answer' "$(doctor "$good/good" "file://$tmp/repo")" \
"found archive: URL answers
found linux's git: file:///repo answers
found busybox's release: URL/busybox-1.38.0.tar.bz2 answers"

: >"$www/log"
is 'that do not have it' "$(doctor "$good/good/none" "file://$tmp/none")" \
"missing archive: URL does not answer
missing linux's git: file:///none does not answer
missing busybox's release: URL/busybox-1.38.0.tar.bz2 does not answer"
is 'with what to do, and status 1' "$(cat "$tmp/status")-$(grep -c "does not answer: fix the network, or choose another in the menu" "$tmp/said")" 1-2

is 'that refuse' "$(doctor "http://$closed" "http://$closed/repo")" \
"missing archive: URL does not answer
missing linux's git: URL/repo does not answer
missing busybox's release: URL/busybox-1.38.0.tar.bz2 does not answer"

is 'a proxy that refuses is named' "$(no_proxy='' http_proxy=http://$closed doctor "$good/good" "file://$tmp/repo" \
	"Acquire::http::Proxy \"http://$closed\";" | grep -v git; grep -c "or the proxy http://$closed" "$tmp/said")" \
"missing archive: URL does not answer through http://$closed
missing busybox's release: URL/busybox-1.38.0.tar.bz2 does not answer
1"

# Nobody waits for one longer than timeout(1) says, here a second.
printf '#!/bin/sh\nshift\nexec %s 1 "$@"\n' "$(command -v timeout)" >"$tmp/bin/timeout"
chmod +x "$tmp/bin/timeout"
is 'that hang' "$(PATH=$tmp/bin:$PATH doctor "http://$silent" "git://$silent/repo")" \
"missing archive: URL does not answer
missing linux's git: git://$silent/repo does not answer
missing busybox's release: URL/busybox-1.38.0.tar.bz2 does not answer"

mkdir -p "$tmp"/dl/{linux-git-x,busybox-1.38.0}
: >"$tmp/dl/linux-git-x/.fetched"
: >"$tmp/dl/busybox-1.38.0/.fetched"
is 'nobody is missed of whom all is there' "$(doctor "http://$closed" "http://$closed/repo" | grep -v archive)" \
"note linux's git: URL/repo does not answer; what is needed of it is there
note busybox's release: URL/busybox-1.38.0.tar.bz2 does not answer; what is needed of it is there"

finish
