# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # tap.sh sets tmp
#
# Other hosts, in a network of the test's own; comes before tap.sh:
#
#	. src/test/lib/sshd.sh
#	own_network "$@"
#	. src/test/lib/tap.sh
#	sshd a		# a host `a', whose folder is $tmp/a; its process is ${sshd[a]}
#
# Each has a daemon of its own, and `ssh a' reaches it.

# own_network ARGUMENT... - starts the script again with a network that leads nowhere, and mounts of its
# own.  Names are found only where there is another address than that of a loopback.
own_network()
{
	[ -z "${OWN_NETWORK-}" ] || return 0
	if ! unshare -nmu true 2>/dev/null || ! command -v ip >/dev/null; then
		echo '1..0 # SKIP a network of its own cannot be had here'
		exit 0
	fi
	OWN_NETWORK=1 exec unshare -nmu sh -c 'hostname localhost && ip link set lo up &&
		ip address add 10.0.0.1/24 dev lo && exec "$@"' sh "$0" "$@"
}

declare -A sshd=()

# may_ssh - can this user start one?
may_ssh()
{
	[ "$(id -u)" = 0 ] && [ -x /usr/sbin/sshd ] && command -v ssh >/dev/null
}

# sshd NAME [NAME=VALUE...] - starts it, with this environment
sshd()
{
	local name=$1 port=$((2200 + ${#sshd[@]})) dir=$tmp/sshd

	mkdir -p "$dir" /run/sshd "$tmp/$name"
	[ -e "$dir/key" ] || ssh-keygen -q -t ed25519 -N '' -f "$dir/key"
	[ -e "$dir/$name.host" ] || ssh-keygen -q -t ed25519 -N '' -f "$dir/$name.host"
	cat >"$dir/$name.conf" <<-EOF
		ListenAddress 127.0.0.1:$port
		HostKey $dir/$name.host
		AuthorizedKeysFile $dir/key.pub
		PidFile none
		UsePAM no
		StrictModes no
		PasswordAuthentication no
		PermitRootLogin prohibit-password
		SetEnv HOME=$tmp/$name $(printf '%s ' "${@:2}")
	EOF
	# The user's own files are left alone.
	cat >>"$dir/config" <<-EOF
		Host $name
		HostName 127.0.0.1
		Port $port
		IdentityFile $dir/key
		IdentitiesOnly yes
		UserKnownHostsFile $dir/known
		GlobalKnownHostsFile none
	EOF
	echo "[127.0.0.1]:$port $(cut -d ' ' -f 1,2 "$dir/$name.host.pub")" >>"$dir/known"
	mkdir -p "$tmp/bin"
	printf '#!/bin/sh\nexec %s -F %s "$@"\n' "$(PATH=${PATH#"$tmp/bin:"} command -v ssh)" "$dir/config" >"$tmp/bin/ssh"
	chmod +x "$tmp/bin/ssh"
	/usr/sbin/sshd -D -f "$dir/$name.conf" -E "$dir/$name.log" &
	sshd[$name]=$!
	until (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
		kill -0 "${sshd[$name]}" || return
	done
}

# to_host SIGNAL NAME - sends it to the daemon and to its sessions
to_host()
{
	local sessions monitors

	monitors=$(pgrep -P "${sshd[$2]}")
	sessions=$(for pid in $monitors; do pgrep -P "$pid" sshd; done)
	# shellcheck disable=SC2086 # one word each
	kill -"$1" "${sshd[$2]}" $monitors $sessions 2>/dev/null
}

# lose NAME - as if it had no power any more
lose()
{
	to_host KILL "$1"
	wait "${sshd[$1]}" 2>/dev/null
}
