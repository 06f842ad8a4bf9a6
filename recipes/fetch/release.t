#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A release is unpacked when it is whole and has the right sum, or not at all,
# however the web server behaves.  It is one on loopback.

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

for program in curl python3; do
	command -v "$program" >/dev/null || skip_all "no $program"
done

fetch=$PWD/recipes/fetch/fetch
www=$tmp/www
dl=$tmp/dl
export HOME=$tmp no_proxy='*'

# tarball NAME TEXT - with noise, so that it has some size; sets $sum
tarball()
{
	mkdir -p "$tmp/$1" "$www"
	echo "$2" >"$tmp/$1/Makefile"
	head -c 300000 /dev/urandom >"$tmp/$1/noise"
	tar -C "$tmp" -cJf "$www/$1.tar.xz" "$1"
	sum=$(sha256sum <"$www/$1.tar.xz" | cut -d ' ' -f 1)
}

# says COMMAND... - the last line of what it says, its exit status
says()
{
	local status=0 output

	output=$("$@" 2>&1) || status=$?
	tail -n 1 <<<"$output" | sed "s,$url,URL,; s,$dl,DL,g"
	echo "status $status"
}

# await COMMAND... - until it succeeds
await()
{
	local i

	for ((i = 0; i < 2000; i++)); do
		! "$@" || return 0
		sleep 0.02
	done
	return 1
}

# get HOW NAME [SUM] - with nothing but what an earlier one may have left
get()
{
	"$fetch" release "$url/$1/$2.tar.xz#${3-$sum}" "$dl/$2"
}

# The requests since the last call.
asked()
{
	cat "$www/log" 2>/dev/null
	rm -f "$www/log"
}

half_there()
{
	[ "$(stat -c %s "$dl/archives/toy-7.tar.xz.part" 2>/dev/null || echo 0)" -gt 100000 ]
}

nothing()
{
	[ ! -e "$dl/$1" ] && [ ! -e "$dl/$1.new" ] && [ ! -e "$dl/archives/$1.tar.xz" ]
}

tarball toy-1 'first'
first=$sum
src/test/lib/webserver "$www" "$tmp/port" &
server=$!
trap 'kill $server; wait $server 2>/dev/null; rm -rf "$tmp"' EXIT
await test -e "$tmp/port" || exit 1
url=http://127.0.0.1:$(<"$tmp/port")

# Good, and what is then there
ok 'a release is fetched' get good toy-1
is 'it is unpacked' "$(cat "$dl/toy-1/Makefile")" first
is 'it knows what it is' "$(cat "$dl/toy-1/.fetched")" "toy-1.tar.xz#$first $url/good/toy-1.tar.xz"
is 'its files cannot be edited by mistake' "$(find "$dl/toy-1" -type f -perm /222 ! -name .fetched)" ''
asked >/dev/null
ok 'what is there needs no server' get good toy-1
rm -rf "$dl/toy-1"
ok 'nor does what was downloaded' get good toy-1
is 'nobody asked it' "$(asked)" ''
is 'another sum is another file' "$(says get good toy-1 "${first//[0-4]/5}")" \
"fetch: DL/toy-1 holds toy-1.tar.xz#$first, not toy-1.tar.xz#${first//[0-4]/5}: remove it first
status 1"
is 'nothing is newer than a release' "$(says "$fetch" -u release "$url/good/toy-1.tar.xz#$first" "$dl/toy-1")" \
"fetch: there is nothing newer than toy-1.tar.xz#$first URL/good/toy-1.tar.xz
status 0"
printf x | dd of="$dl/archives/toy-1.tar.xz" bs=1 seek=99 conv=notrunc status=none
rm -rf "$dl/toy-1"
ok 'a download that was damaged later' get good toy-1
is 'is fetched again' "$(asked)-$(cat "$dl/toy-1/Makefile")" 'good toy-1.tar.xz -first'

# Wrong
tarball toy-2 'second'
is 'a wrong sum is refused' "$(says get good toy-2 "$first")" \
"fetch: URL/good/toy-2.tar.xz has the SHA-256 $sum, not $first: it is not what was released, or the sum is that of another file
status 1"
ok 'and nothing is there' nothing toy-2
ok 'not even a part' test ! -e "$dl/archives/toy-2.tar.xz.part"
ok 'then the right one' get good toy-2
is 'a sum is one' "$(says get good toy-3 abc)" "fetch: toy-3.tar.xz#abc: not URL#SHA256
status 1"
is '404' "$(says get good nowhere)" \
"fetch: cannot download URL/good/nowhere.tar.xz, which the server refuses: see curl's messages above, and check version and address in the menu
status 1"
ok 'leaves nothing' nothing nowhere
is 'no server' "$(says "$fetch" release "http://127.0.0.1:1/x.tar.xz#$sum" "$dl/x" | sed 's,: see.*,,')" \
'fetch: cannot download http://127.0.0.1:1/x.tar.xz
status 1'
echo '<html>log in</html>' >"$www/html.tar.xz"
is 'what is no tarball, by its sum' \
	"$(says get good html "$(sha256sum <"$www/html.tar.xz" | cut -d ' ' -f 1)" | sed 's,: see.*,,')" \
"fetch: cannot unpack DL/archives/html.tar.xz into DL/html.new
status 1"
ok 'is not there' test ! -e "$dl/html" -a ! -e "$dl/html.new"

# Servers that are not good
tarball toy-4 'fourth'
ok 'a redirect is followed' get redirect toy-4
tarball toy-5 'fifth'
ok 'a slow server is waited for' get slow toy-5
tarball toy-6 'sixth'
asked >/dev/null
ok 'a server that ends early is asked for the rest' get cut toy-6
is 'not from the start' "$(asked | grep -c 'bytes=0-')-$(cat "$dl/toy-6/Makefile")" 0-sixth
tarball toy-7 'seventh'
"$fetch" release "$url/cut/toy-7.tar.xz#$sum" "$dl/toy-7" >/dev/null 2>&1
rm -rf "$dl/toy-7"
mv "$dl/archives/toy-7.tar.xz" "$dl/archives/toy-7.tar.xz.part"
asked >/dev/null
ok 'a download that was complete' get good toy-7
is 'is not asked for again' "$(asked)" ''
rm -rf "$dl"/toy-7 "$dl"/archives/toy-7*
mkdir -p "$dl/archives"
head -c 1000 "$www/toy-7.tar.xz" >"$dl/archives/toy-7.tar.xz.part"
ok 'a server that knows no ranges' get whole toy-7
rm -rf "$dl"/toy-7 "$dl"/archives/toy-7*
head -c 1000 /dev/zero >"$dl/archives/toy-7.tar.xz.part"
ok 'what had come before was something else' get good toy-7
rm -rf "$dl"/toy-7 "$dl"/archives/toy-7*
head -c 999999 /dev/zero >"$dl/archives/toy-7.tar.xz.part"
ok 'and longer' get good toy-7

# Interrupted, by each signal: half of it has come, the rest is fetched.
for signal in INT TERM KILL; do
	rm -rf "$dl"/toy-7 "$dl"/archives/toy-7*
	(set -m; get stalled toy-7 >/dev/null 2>&1 & echo $! >"$tmp/pid")
	await half_there
	kill "-$signal" -- "-$(cat "$tmp/pid")"
	ok "SIG$signal: nothing is there" nothing toy-7
	asked >/dev/null
	ok "SIG$signal: the next fetch is good" get good toy-7
	is "SIG$signal: it gets what was missing" "$(asked | grep -c 'bytes=[1-9]')" 1
done

# A server that says nothing for long, which is a minute; here it is a second.
mkdir "$tmp/bin"
cat >"$tmp/bin/curl" <<-END
	#!/bin/bash
	exec $(command -v curl) "\${@/#60/1}"
END
chmod +x "$tmp/bin/curl"
rm -rf "$dl"/toy-7 "$dl"/archives/toy-7*
PATH=$tmp/bin:$PATH timeout 60 "$fetch" release "$url/stalled/toy-7.tar.xz#$sum" "$dl/toy-7" >"$tmp/output" 2>&1
is 'one that says nothing any more is left' "$?-$(tail -n 1 "$tmp/output" | sed "s,$url,URL,; s,: see.*,,")" \
'1-fetch: cannot download URL/stalled/toy-7.tar.xz'
ok 'and what came is kept' test -s "$dl/archives/toy-7.tar.xz.part"

# Two at once
rm -rf "$dl"/toy-7 "$dl"/archives/toy-7*
asked >/dev/null
get slow toy-7 >"$tmp/one" 2>&1 &
one=$!
get slow toy-7 >"$tmp/two" 2>&1
two=$?
wait $one
is 'two at the same time: one fetches, one waits' "$? $two $(asked | wc -l)" '0 0 1'

finish
