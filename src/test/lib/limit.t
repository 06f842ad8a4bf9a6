#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What runs a test: one that hangs, or leaves something behind, fails and is ended.

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

# limited SECONDS <SCRIPT - prints how it ended, when prove would go on
limited()
{
	{ echo '#!/bin/bash'; cat; } >"$tmp/test"
	chmod +x "$tmp/test"
	timeout 60 "$LAB/check/limit" "$1" "$tmp/test" 2>"$tmp/said" | cat >"$tmp/output"
	echo "${PIPESTATUS[0]}"
}

is 'a test ends as it ends' "$(limited 20 <<<'exit 3')" 3
is '... by a signal, too' "$(limited 20 <<<'kill -KILL $$')" 137
is '... an interrupt, too' "$(limited 20 <<<'kill -INT $$')" 130
is '... which who starts us may ignore' "$(trap '' INT; "$LAB/check/limit" 20 "$tmp/test"; echo $?)" 130
is '... as nohup does a hangup' "$(printf '#!/bin/sh\nkill -HUP $$\nexit 1\n' >"$tmp/test"; trap '' HUP; "$LAB/check/limit" 20 "$tmp/test"; echo $?)" 129
is '... and what it started ends by itself' "$(limited 20 <<<'sleep 0.3 & setsid sleep 0.3 &')" 0
is 'nothing is said of it' "$(cat "$tmp/said")" ''

is 'a test that hangs fails' "$(limited 1 <<<'(setsid sleep 1234; :) & trap "echo cleaned up" EXIT; sleep 1234')" 1
ok '... with a sentence' grep -q "test still runs after 1 s, in these processes:" "$tmp/said"
ok '... and what hangs' grep -q 'process [0-9]*: sleep 1234 $' "$tmp/said"
is '... but may clean up' "$(cat "$tmp/output")" 'cleaned up'
is 'nothing of it is left' "$(pgrep -fx 'sleep 1234')" ''

is 'a test that forgets something fails' "$(limited 20 <<<'setsid bash -c "trap : TERM; while sleep 1235; do :; done" &')" 1
ok '... which is named' grep -q 'process [0-9]*: sleep 1235 $' "$tmp/said"
is 'nothing of it is left, either' "$(pgrep -f 'sleep 1235')" ''

mkfifo "$tmp/begun"
printf '#!/bin/bash\necho >%q\nsleep 1236\n' "$tmp/begun" >"$tmp/test"
{ bash -c '"$1"/check/limit 20 "$2" & echo $!; read <"$3"; kill -KILL $$' - "$LAB" "$tmp/test" "$tmp/begun" >"$tmp/pid"; } 2>"$tmp/ignored"
pid=$(cat "$tmp/pid")
timeout 30 tail --pid="$pid" -f /dev/null
is 'nor of a test whose prove was killed' "$(pgrep -fx 'sleep 1236')" ''

is 'a test that cannot be started is told' \
	"$("$LAB/check/limit" 20 "$tmp/none" 2>&1)-$?" "limit: cannot start $tmp/none: No such file or directory-1"
ok 'how it is used, too' test "$("$LAB/check/limit" 0 x 2>&1)" = 'usage: limit SECONDS TEST'

finish
