#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What is piped into the machine is typed at its console when a program reads there,
# none of it is lost, and the machine ends when its reader has.
#
# Needs: lab
#
# shellcheck disable=SC2016 # the guest expands

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/devices.sh
. src/test/lib/devices.sh

# piped - runs the machine with this standard input; sets $out, without what the kernel says
piped()
{
	vm -t 140 run >"$tmp/out" 2>"$tmp/said"
	status=$?
	out=$(tr -d '\r' <"$tmp/out" | sed 's/\x1b\[[0-9;]*[A-Za-z]//g' | grep -v '^\[')
}

of_result()
{
	sed -n "s/^  \"$1\": \"\\?\\([^\",]*\\).*/\\1/p" "$lab/vm/last/result.json"
}

# Lines for a program that reads them as a terminal edits them, which is 4,095 bytes of
# one at most; then some for the shell, which takes its time for them.
seq 400 >"$tmp/lines"
printf '%010000d\nthe last of them\n' 7 >>"$tmp/lines"
sum=$(md5sum <"$tmp/lines")
machine
piped < <(
	echo "head -c $(stat -c %s "$tmp/lines") >/tmp/lines"
	cat "$tmp/lines"
	printf '%s\n' 'md5sum </tmp/lines' "sed 's/^/second: /'" 'it ends at Ctrl-D'
)
is 'piped input ends the machine: 0' "$status $(of_result outcome) $(of_result reason)" \
	'0 ended standard input ended'
is '... and nothing is said' "$(<"$tmp/said")" ''
ok '... the first program gets its lines, long ones, too' grep -qx "$sum" <<<"$out"
ok '... the second one those behind them, and their end' grep -qx 'second: it ends at Ctrl-D' <<<"$out"

piped <<<'sleep 3; echo done; exec sh -c "echo typed; read -r line; echo \$line \$((20 + 3)); tty"
the answer'
is 'a command that sleeps is waited for' "$(grep -x "done" <<<"$out")" "done"
is '... one that reads when it likes gets its line' "$(grep -x -A1 'the answer 23' <<<"$out")" \
	$'the answer 23\n'"/dev/$(processor console)"
is '... and the machine ends with the shell' "$status $(of_result outcome)" '0 ended'

piped </dev/null
is 'nothing as input: the machine ends at its prompt' "$status $(of_result outcome) $(grep -c '# *$' <<<"$out")" \
	'0 ended 1'

piped <<<$'uname -r\npoweroff'
ok 'what is typed before poweroff is done' grep -qx '[0-9.]*' <<<"$out"
is '... and the machine ends' "$status $(of_result outcome)" '0 ended'
# Then init ends all processes that it can.
piped <<<'poweroff; exec sleep 100'
is '... by itself, if nobody reads meanwhile' "$status $(of_result outcome) $(of_result reason)" \
	'0 ended the guest shut down'

# A name and a password are what a login reads first; it comes back when the shell ends.
echo 'CONFIG_ROOTFS_PASSWORD_TEXT="a secret"' >"$tmp/conf"
echo "root:$(recipes/rootfs/password "$tmp/conf"):10000:0:99999:7:::" >"$tmp/shadow"
sed "s,-/bin/sh,-/bin/login,; s,^CONSOLE:,$(processor console):," recipes/rootfs/files/etc/inittab >"$tmp/inittab"
own_root "file /etc/inittab $tmp/inittab 644 0 0" "file /etc/shadow $tmp/shadow 600 0 0"
piped <<<$'root\na secret\necho $((20 + 3)) of $USER'
is 'a login gets its lines, and the shell the others' "$status $(of_result outcome) $(grep -x '23 of.*' <<<"$out")" \
	'0 ended 23 of root'
ok '... and a password is not shown' [ "${out/secret/}" = "$out" ]

# A first process that reads the console itself must not end.
cat >"$tmp/own" <<'EOF'
#!/bin/sh
read -r line
echo "the first process reads: $line"
cat
echo 'and what it started has ended'
read -r line
EOF
chmod +x "$tmp/own"
own_root "file /sbin/own $tmp/own 755 0 0"
machine VM_APPEND=KILN_INIT=/sbin/own
piped <<<$'a line\nanother'
is 'a first process that reads is not ended' "$status $(of_result outcome) $(of_result reason)" \
	'0 ended standard input ended'
ok '... and gets its line' grep -qx 'the first process reads: a line' <<<"$out"
ok '... as what it starts does, and its end' grep -qx 'and what it started has ended' <<<"$out"

finish
