#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# One step on a terminal and without one.  The texts of these steps wait until
# the test has seen what it looks for.

# shellcheck disable=SC2016 # the texts are for another shell

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

cp "$LAB/host/step" "$tmp/program" || exit 1
cd "$tmp" || exit 1
mkfifo go ready

# ./step OPTION... RECIPE STEP STAMP TEXT - passes the text in a file, as make does
cat >step <<'EOF'
#!/bin/bash
stamp=${*: -2:1}
mkdir -p "${stamp%/*}"
printf '%s\n' "${*: -1}" >"$stamp.next"
exec ./program "${@:1:$#-1}"
EOF
chmod +x step

unset MAKEFLAGS NO_COLOR
export TERM=xterm
limit=120 # seconds, for whatever is waited for

# run RECIPE STEP TEXT - without a terminal; says its status
run()
{
	timeout "$limit" ./step "$1" "$2" "out/$1/.$2" "$3" >output 2>error
	echo $?
}

# start COLUMNS COMMAND - on a terminal of its own
start()
{
	: >seen
	exec {pty}< <(exec timeout "$limit" script -qfec "stty cols $1; $2" /dev/null </dev/null)
}

# await PATTERN - until the terminal is sent a line like this
await()
{
	local line

	while IFS= read -r -t "$limit" -d $'\r' -u "$pty" line; do
		printf '%s\r' "$line" >>seen
		# shellcheck disable=SC2053 # a pattern
		[[ $line != $1 ]] || return 0
	done
	return 1
}

# let_go [FIFO] - the text that reads it goes on
let_go()
{
	timeout "$limit" tee "${1:-go}" <<<"" >/dev/null
}

# end - the rest of what the terminal is sent
end()
{
	cat <&"$pty" >>seen
	exec {pty}<&-
}

# screen - what the terminal shows in the end, and on the last line how many of
# its columns were ever used
screen()
{
	perl -0777 -ne '
		my ($row, $col, $widest, @screen) = (0, 0, 0, "");
		while (/\G(\033\[K|.)/gs) {
			if ($1 eq "\r") {
				$col = 0;
			} elsif ($1 eq "\n") {
				$screen[++$row] //= "";
			} elsif ($1 eq "\033[K") {
				substr($screen[$row], $col) = "" if $col < length $screen[$row];
			} else {
				$screen[$row] .= " " x ($col - length $screen[$row]);
				substr($screen[$row], $col++, 1) = $1;
				$widest = $col if $col > $widest;
			}
		}
		print "$_\n" for @screen, $widest;' seen
}

# shown - the same without times, which a slow machine adds, and empty lines
shown()
{
	screen | sed -E '$d; s/ +[0-9]+:[0-9]+$//; /^$/d'
}

hold='read -r _ <go'
files='for i in {1..8}; do echo "  CC      kernel/f$i.o"; done'

# The line
start 80 "./step toy first out/toy/.first '$files; $hold'"
ok 'a line shows the step, the work done, the time and the file' \
	await '  toy        first     8  0:0?  CC kernel/f8.o'$'\e[K'
let_go
end
is 'it is erased at the end, and one plain line stays' "$(shown)" '  toy        first'

rm out/toy/.first
# As after su: the terminal is not to be opened.  Root opens any file, but without
# these powers.
powerless=
[ "$(id -u)" != 0 ] || powerless='setpriv --bounding-set -dac_override,-dac_read_search'
start 80 "chmod 0 \$(tty); $powerless ./step foreign first out/foreign/.first '$files; $hold'"
ok "a terminal of another user's has its line, too" await '  foreign    first *CC kernel/f8.o'$'\e[K'
let_go
end

start 80 "./step toy first out/toy/.first 'echo \"  AR      a.a\"; $hold; $files'"
ok 'a later run knows how much it was' await '*  1/8  0:0?  AR a.a'$'\e[K'
let_go
end
start 80 "./step toy first out/toy/.first 'echo \"  AR      a.a\"; $hold'"
ok 'but a rerun is not measured by the whole' \
	await '*first     1*  0:0?  AR a.a'$'\e[K'
let_go
end

start 80 "./step linux build out/linux/.build '$files; $hold'"
ok 'for the first run of all there is an estimate' await '*  8/1280  0:0?  2:2? left*'
let_go
end

start 80 "./step toy long out/toy/.long 'sleep 1.1'"
end
ok 'more than a second is told' grep -qE '^  toy        long      [0-9]:[0-9][0-9]$' <(screen)

# Narrow terminals
for columns in 80 40 20; do
	start "$columns" "./step linux build out/narrow/.build '$files; $hold'"
	await '  linux *build*'$'\e[K'
	await '  linux *build*'$'\e[K'
	let_go
	end
	ok "$columns columns are not exceeded" test "$(screen | tail -1)" -lt "$columns"
done
start 10 "./step linux build out/narrow/.build '$files; $hold'"
await $'\e[K'
let_go
end
is 'nothing is drawn where the name has no room' "$(tr '\r' '\n' <seen | grep -c '^ .*K')" 0

start 80 "tty >tty; ./step linux build out/linux/.build '$files; $hold'"
await '*CC kernel/f8.o*'
stty -F "$(cat tty)" cols 30
: >seen
ok 'another width is seen at once' await '  linux      build'*$'\e[K'
await '  linux      build*'
ok 'and kept to' test "$(screen | tail -1)" -lt 30
let_go
end

# Only \r and \e[K, whether NO_COLOR is set or not
for colour in '' NO_COLOR=1; do
	start 80 "$colour ./step toy first out/toy/.first '$files; $hold'"
	await '*CC kernel/f8.o*'
	let_go
	end
	is "no colours and no cursor games${colour:+ with $colour}" \
		"$(sed 's/\x1b\[K//g' seen | grep -c $'\e')" 0
done

# Where there is none; half a second is enough for one to appear
run toy first 'echo "  CC      a.o"; sleep 0.5' >status
is 'in a pipe: the plain line' "$(cat output error)" '  toy        first'
start 80 "TERM=dumb ./step toy first out/toy/.first 'sleep 0.5'"
end
is 'on a terminal without an eraser too' "$(tr -d '\r' <seen)" '  toy        first'
start 80 "./step -s toy first out/toy/.first 'sleep 0.5'"
end
is '-s: nothing' "$(cat seen)" ''
start 80 "./step -v toy first out/toy/.first 'echo hello; sleep 0.5'"
end
is '-v: what it prints, and no line' "$(shown)" $'  toy        first\n+ echo hello\nhello\n+ sleep 0.5'
start 80 "bash -mc './step toy job out/toy/.job \"sleep 0.5\" & wait'"
end
is "a shell's background job does not draw" "$(sed q seen | tr -d '\r')" $'\e[K  toy        job'

# Several steps on one terminal: one draws, whichever it is
mkfifo go-a go-b go-c
start 80 "for s in a b c; do ./step toy \$s out/toy/.\$s \"read -r _ <go-\$s\" & done; wait"
await '  toy        ?     *'
for i in 1 2 3; do
	await '  toy        ?     *'
done
holder=$(grep -ao 'toy  *[abc]' seen | sort -u)
is 'of steps at once, one draws' "$(wc -l <<<"$holder")" 1
holder=${holder: -1}
others=abc
others=${others/$holder}
let_go "go-${others:0:1}"
ok 'another one that ends prints its line' await $'\e[K'"  toy        ${others:0:1}*"
ok 'and the first goes on' await "  toy        $holder  *"
let_go "go-$holder"
ok 'at its end the next has the line' await "  toy        ${others:1:1}  *"
let_go "go-${others:1:1}"
end
is 'nothing of it is mixed' "$(shown)" \
	"$(printf '  toy        %s\n' "${others:0:1}" "$holder" "${others:1:1}")"

# The log
{
	head -c 3000000 /dev/zero | tr '\0' x
	head -c 300000 /dev/urandom
	printf 'a\0b\n\n\r\n\e[K'
	seq 1000
	printf 'the end'
} >blob
run toy log 'cat blob; for i in 1 2 3; do echo out; echo err >&2; done; printf end' >status
printf 'out\nerr\nout\nerr\nout\nerr\nend' | cat blob - >expected
ok 'the log has every byte, in order' cmp out/toy/log.log expected
timeout "$limit" ./step -v toy log out/toy/.log 'cat blob' 2>&1 | cat >output
ok 'as has the output of -v' cmp <(sed 1,2d output) blob

is 'a flood passes' "$(run toy flood 'yes | head -c 100000000 || true')" 0
is 'to its last byte' "$(stat -c %s out/toy/flood.log)" 100000000

# Failure
start 80 "./step toy fail out/toy/.fail 'echo \"  CC      a.o\"; read -r _ <go; seq 100; printf end; exit 3'"
await '*CC a.o*'
let_go
end
is 'the tail of a failed step stands below its erased line' "$(shown)" \
	"$(echo '  toy        fail'; seq 82 100; echo end
	   echo 'toy: fail failed with status 3; its output is in out/toy/fail.log')"
is 'the line of one that ends by a signal' "$(run toy fail 'kill $$')" 1
is 'says so' "$(cat error)" \
	'toy: fail was ended by signal 15 (Terminated); its output is in out/toy/fail.log'

ln -sf /dev/full out/toy/full.log
is 'a log that cannot be written ends the step' "$(run toy full 'echo x; sleep 1000')" 1
is 'with a sentence, once' "$(cat error)" \
	'toy: full was ended: cannot write out/toy/full.log: No space left on device'
ok 'and the step runs again' test ! -e out/toy/.full
run toy full 'exit 0' >status
mkdir out/toy/folder.log
is 'nor one that cannot be opened' "$(run toy folder true)" 1
is 'is passed over' "$(cat error)" 'step: cannot write out/toy/folder.log: Is a directory'

# Interrupted
start 80 "echo \$\$ >pid; exec ./step toy int out/toy/.int '$files; $hold'"
await '*CC kernel/f8.o*'
kill -INT "$(cat pid)"
end
is 'an interrupted step leaves its plain line' "$(shown)" '  toy        int'
is 'what it did is not lost' "$(run toy int 'echo "  CC      b.o"')" 0
ok 'the next run is added to it' grep -qE '^whole +9 units' out/toy/.int.cost
is 'a reader that ends ends the step' \
	"$(timeout "$limit" ./step -v toy pipe out/toy/.pipe 'yes' 2>&1 | head -1
	   echo "${PIPESTATUS[0]}")" $'  toy        pipe\n141'

# Stopped for two seconds
./step toy stop out/toy/.stop 'echo >ready; read -r _ <go' >output &
timeout "$limit" cat ready >/dev/null
kill -TSTP $!
for ((i = 0; i < limit * 20; i++)); do
	[[ $(<"/proc/$!/stat") != *') T '* ]] || break
	sleep 0.05
done
is 'a step can be stopped' "$(ps -o state= -p $!)" T
sleep 2
kill -CONT $!
let_go
wait $!
is 'and goes on' $? 0
is 'the time between does not count' "$(awk '$4 > 1' out/toy/.stop.cost 2>/dev/null)" ''

# Who outlives the step
daemon='setsid sh -c "echo \$\$ >daemon; echo >ready; exec $0" & read -r _ <ready'
is 'a daemon that keeps the pipe does not keep the step' \
	"$(run toy daemon "${daemon/\$0/sleep 1000}")" 0
kill "$(cat daemon)"
is 'nor does one that never stops to print' "$(run toy daemon "${daemon/\$0/yes}")" 0
ok 'nor one that is left in the group' test "$(run toy daemon 'sleep 1000 & true')" = 0

cd - >/dev/null || exit 1
finish
