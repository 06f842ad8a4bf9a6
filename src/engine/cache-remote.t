#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A cache that a team shares: what one lab has compiled another one takes from the server,
# only who has the login writes there, and a server that is gone, silent, or becomes so
# while things are built costs little.  The server is nginx, on loopback.

# shellcheck disable=SC2317 # ok calls functions
set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/lab.sh
. src/test/lib/lab.sh
# shellcheck source=src/test/lib/servers.sh
. src/test/lib/servers.sh
PATH=$PATH:/usr/sbin

# configure OUT LINE... - the lab in OUT has these besides
configure()
{
	printf '%s\n' CONFIG_HOST_CCACHE=y "${@:2}" >"$tmp/fragment"
	# They need not be compiled again.
	[ -d "$1" ] || { mkdir -p "$1" && cp -a "$LAB/host" "$1/" && touch "$1"/host/kconfig/*; }
	make -s O="$1" defconfig FRAGMENTS="$tmp/fragment" >/dev/null
}

# remote ADDRESS [LOGIN] - what is said of them
remote()
{
	mkdir -p "$tmp/asked/"{host,include/config}
	printf 'CONFIG_HOST_CCACHE_REMOTE=%s\nCONFIG_HOST_CCACHE_LOGIN=%s\n' "$1" "${2-}" \
		>"$tmp/asked/include/config/auto.conf"
	said=$(src/engine/cache-remote ask "$tmp/asked" "${3-}")
}

test_sentences()
{
	local address

	for address in ftp://x 'http://x y' http:// 'http://x|read-only' 'http://x:port/'; do
		remote "$address"
		is "$address is refused" "$? $said" \
			"1 HOST_CCACHE_REMOTE is $address, which is no address as http://HOST:PORT/PATH"
	done
	remote https://cache.lan/
	is '... and so is https' "$? ${said%%;*}" '1 HOST_CCACHE_REMOTE is https://cache.lan/: ccache speaks no https'
	remote http://me:secret@cache.lan/
	is '... and a login in the address, which is not repeated' "$? ${said%%;*}" \
		'1 HOST_CCACHE_REMOTE has a login in its address'
	fake_ccache 4.6.1
	remote http://127.0.0.1:9/
	is 'an old ccache is refused' "$? $said" \
		'1 HOST_CCACHE_REMOTE takes ccache 4.7 or newer, and this one is 4.6.1'
	remote http://127.0.0.1:9/ '' y
	is '... but not before a root has one of its own' $? 0
	fake_ccache 4.10.2
	remote http://127.0.0.1:9/
	is 'a newer one is not' $? 0
	rm "$tmp/bin/ccache"
	echo 'me:secret' >"$tmp/login"
	chmod 644 "$tmp/login"
	remote http://127.0.0.1:9/ "$tmp/login" y
	is 'a login that others can read is refused' "$? $said" \
		"1 HOST_CCACHE_LOGIN: others may read $tmp/login; chmod 600 mends that"
	remote http://127.0.0.1:9/ "$tmp/none" y
	is '... and one that is not there' "$? $said" "1 HOST_CCACHE_LOGIN: $tmp/none cannot be read"
	is 'folders have their nearest one' "$(src/engine/cache-remote base /a/b/c /a/bd/e; src/engine/cache-remote base /a/b /a/b/c
		src/engine/cache-remote base /a /b)" $'/a\n/a/b\n/'
}

fake_ccache()
{
	printf '#!/bin/sh\necho ccache version %s\n' "$1" >"$tmp/bin/ccache"
	chmod +x "$tmp/bin/ccache"
}

# free_port - one that nobody listens at
free_port()
{
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

start_nginx()
{
	port=$(free_port)
	mkdir -p "$tmp/www"
	openssl passwd -apr1 'pass word:/|' | sed 's/^/writer:/' >"$tmp/users"
	cat >"$tmp/nginx.conf" <<-EOF
		daemon off;
		$( ((EUID)) || echo 'user root;')
		pid $tmp/nginx.pid;
		error_log $tmp/nginx.log;
		events { }
		http {
			access_log $tmp/access.log;
			client_body_temp_path $tmp/body;
			proxy_temp_path $tmp/proxy;
			fastcgi_temp_path $tmp/fastcgi;
			uwsgi_temp_path $tmp/uwsgi;
			scgi_temp_path $tmp/scgi;
			server {
				listen 127.0.0.1:$port;
				root $tmp/www;
				location / {
					dav_methods PUT;
					create_full_put_path on;
					client_max_body_size 0;
					limit_except GET HEAD {
						auth_basic cache;
						auth_basic_user_file $tmp/users;
					}
				}
			}
		}
	EOF
	nginx -c "$tmp/nginx.conf" -e "$tmp/nginx.log" 2>/dev/null &
	servers+=($!)
	for ((i = 0; i < 200; i++)); do
		! curl -s -o /dev/null -m 1 "http://127.0.0.1:$port/" || break
		sleep 0.05
	done
}

# stored - how many objects the server has
stored()
{
	find "$tmp/www" -type f | wc -l
}

# builds OUT - by a cache of its own, which is empty; sets $status, $hits and $misses
builds()
{
	rm -rf "$1.cache"
	CCACHE_DIR=$1.cache make O="$1" linux >"$tmp/output" 2>&1
	status=$?
	hits=$(CCACHE_DIR=$1.cache ccache --print-stats | awk '/^(direct|preprocessed)_cache_hit/ { n += $2 } END { print n + 0 }')
	misses=$(CCACHE_DIR=$1.cache ccache --print-stats | awk '$1 == "cache_miss" { print $2 }')
}

test_shared()
{
	start_nginx
	address=http://127.0.0.1:$port/objects/
	printf 'writer:pass word:/|\n' >"$tmp/login"
	chmod 600 "$tmp/login"

	configure "$tmp/reader" "CONFIG_HOST_CCACHE_REMOTE=\"$address\""
	builds "$tmp/reader"
	is 'who has no login builds' "$status $((misses > 0))" '0 1'
	is '... and writes nothing' "$(stored)" 0
	is '... nor asks to' "$(grep -c PUT "$tmp/access.log")" 0

	configure "$tmp/writer" "CONFIG_HOST_CCACHE_REMOTE=\"$address\"" "CONFIG_HOST_CCACHE_LOGIN=\"$tmp/login\""
	builds "$tmp/writer"
	is 'who has it builds' "$status" 0
	ok '... and writes what was compiled' [ "$(stored)" -ge "$misses" ]
	is '... while the password is in a file for him alone' \
		"$(stat -c %a "$tmp/writer/host/ccache.conf") $(grep -rlF 'pass%20word' "$tmp/writer")" \
		"600 $tmp/writer/host/ccache.conf"

	cp -a "$tmp/writer/linux/build/vmlinux" "$tmp/vmlinux"
	rm -r "$tmp/reader/linux"
	builds "$tmp/reader"
	is 'another lab takes all of it from there' "$status $((hits > 0)) $misses" '0 1 0'
	ok '... the same bits' cmp "$tmp/vmlinux" "$tmp/reader/linux/build/vmlinux"

	kill "${servers[@]}"
	wait "${servers[@]}" 2>/dev/null
	servers=()
	rm -r "$tmp/reader/linux"
	builds "$tmp/reader"
	is 'the server is gone: all is built' "$status $((misses > 0))" '0 1'
	is '... which is one line' "$(grep '^kiln:' "$tmp/output")" \
		"kiln: the cache at $address does not answer: this make goes on without it"
	ok '... the same bits' cmp "$tmp/vmlinux" "$tmp/reader/linux/build/vmlinux"
}

# A server that answers ANSWERS requests, then accepts and stays silent.
start_silent()
{
	python3 - "$1" "$tmp/port" <<-'EOF' &
		import os, socket, sys
		answers = int(sys.argv[1])
		server = socket.create_server(('127.0.0.1', 0))
		with open(sys.argv[2] + '.new', 'w') as file:
		    print(server.getsockname()[1], file=file)
		os.rename(sys.argv[2] + '.new', sys.argv[2])
		kept = []
		while True:
		    client, _ = server.accept()
		    if answers > 0 and client.recv(65536):
		        client.sendall(b'HTTP/1.1 404 none\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
		        client.close()
		        answers -= 1
		    else:
		        kept.append(client)
	EOF
	servers+=($!)
	while [ ! -e "$tmp/port" ]; do
		sleep 0.02
	done
	port=$(<"$tmp/port")
	rm "$tmp/port"
}

test_silent()
{
	start_silent 0
	configure "$tmp/silent" "CONFIG_HOST_CCACHE_REMOTE=\"http://127.0.0.1:$port/\""
	builds "$tmp/silent"
	is 'a server that is silent from the start: all is built, with one line' \
		"$status $(grep -c '^kiln: the cache at .* does not answer' "$tmp/output")" '0 1'
	start_silent 2
	configure "$tmp/silent" "CONFIG_HOST_CCACHE_REMOTE=\"http://127.0.0.1:$port/\""
	rm -rf "$tmp/silent/linux"
	builds "$tmp/silent"
	is 'one that is silent after that: all is built, too' "$status $((misses > 0))" '0 1'
}

test_sentences
command -v nginx >/dev/null && command -v ccache >/dev/null || skip_rest=y
if [ "${skip_rest-}" ] || ! src/engine/cache-remote check_ccache >/dev/null; then
	result 0 'a server # SKIP nginx or ccache 4.7 is not installed'
else
	test_shared
	test_silent
fi
finish
