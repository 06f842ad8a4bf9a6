#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# ancestry tells a process's parents, whatever becomes of them.  Runs in the guest.

# shellcheck source=src/commands/test/tap.sh
. ./tap.sh
cd "$(mktemp -d)" || exit

# column NUMBER - of the processes; the name is the fifth
column()
{
	awk -v column="$1" 'NR > 1 { print $column }'
}

# field NUMBER PID - of /proc/PID/stat; the name, which is the second, may have blanks
# and two lines
field()
{
	sed -n '$s/.*) //p' "/proc/$2/stat" | cut -d ' ' -f $(($1 - 2))
}

# parents PID - with PID itself, by /proc/PID/stat
parents()
{
	pid=$1
	while [ "${pid:-0}" != 0 ]; do
		echo "$pid"
		pid=$(field 4 "$pid")
	done
}

# chain PID - by a file that is open for reading and writing
chain()
{
	(echo "$1" >&3 && cat <&3) 3<>/proc/ancestry
}

modprobe ancestry
result $? 'it loads'

cat /proc/ancestry >own
[ "$(column 5 <own | head -n 1)" = cat ]
result $? 'the reader is the first of its chain'
parents $$ >expected
[ "$(column 1 <own | sed 1d)" = "$(cat expected)" ]
result $? '... then come its parents'
[ "$(tail -n 1 expected)" = 1 ]
result $? '... up to process 1'
[ "$(column 2 <own)" = "$(column 1 <own)" ]
result $? '... which have no other pid in their own namespace'
[ "$(column 4 <own | sed 1d | tr -d .)" = "$(while read -r pid; do
	printf '%03d\n' "$(field 22 "$pid")"
done <expected)" ]
result $? '... with the time when each began'
[ "$(column 5 <own | tail -n 1)" = "$(cat /proc/1/comm)" ]
result $? '... and its name'
dd if=/proc/ancestry of=pieces bs=7 2>/dev/null
[ "$(column 1 <pieces | sed 1d)" = "$(cat expected)" ]
result $? 'it is the same when it is read in small pieces'

# Names and users.  What a script is called is its name.
name=$(printf 'a b\nc\134')
printf '#!/bin/sh\nread -r line\n' >"$name"
chmod +x "$name"
mkfifo hold
"./$name" <hold &
exec 4>hold
until grep -q '^a b' "/proc/$!/comm"; do :; done
chain $! >named
sed -n 2p named | grep -qF ' a b\012c\134' && [ "$(column 1 <named)" = "$(parents $!)" ]
result $? 'a name of two lines is one line'
exec 4>&-
wait

chmod a+rx . && su -s /bin/sh nobody -c 'cat /proc/ancestry' >user
[ "$(column 3 <user | sort -u | tr '\n' ' ')" = '0 65534 ' ]
result $? 'users are shown'
! su -s /bin/sh nobody -c 'echo 1 >/proc/ancestry' 2>/dev/null
result $? '... but ask for no process but their own'

# Others' chains
[ "$(chain 1 | column 1)" = 1 ]
result $? 'the chain of process 1 is itself'
[ "$(chain 2 | column '5')" = kthreadd ]
result $? 'that of the first kernel thread is not longer'
exec 3<>/proc/ancestry
echo 1 >&3
cat <&3 >one
echo 0 >&3
[ "$(cat <&3 | column 1 | tail -n +2)" != '' ] && [ "$(column 1 <one)" = 1 ]
result $? '0 selects the reader again, for the same open file'
exec 3>&-

# refused TEXT REASON
refused()
{
	(echo "$1" >&3) 3<>/proc/ancestry 2>&1 | grep -q "$2"
}
refused 4194305 'No such process'
result $? 'a pid that nobody has is refused'
refused -1 'Invalid argument'
result $? '... and a negative one'
refused init 'Invalid argument'
result $? '... and what is no number'

sleep 1000 &
exec 3<>/proc/ancestry
echo $! >&3
kill $!
wait $! 2>/dev/null
cat <&3 2>&1 >gone | grep -q 'No such process' && [ ! -s gone ]
result $? 'a process that ended is no such process'
exec 3>&-

# Each reader's parents end while it reads.  The pipe is closed by the last reader.
storm()
{
	i=0
	while [ $i -lt 100 ]; do
		( (cat /proc/ancestry &) & (cat /proc/ancestry & cat /proc/ancestry &) )
		i=$((i + 1))
	done
}
[ "$(storm | awk '$1 == 1' | wc -l)" = 300 ]
result $? 'parents that end leave chains up to process 1'

# Selected processes end while their chains are read.
i=0
odd=0
while [ $i -lt 100 ]; do
	(: & true) &
	chain $! >short 2>error
	[ "$(column 1 <short | tail -n 1)" = 1 ] || grep -q 'No such process' error ||
		odd=$((odd + 1))
	i=$((i + 1))
done
wait
[ $odd = 0 ]
result $? 'a process that ends meanwhile has its chain, or there is no such process'

if [ -e /proc/self/ns/pid ]; then
	unshare -p -f cat /proc/ancestry >inside
	[ "$(column 1 <inside) $(column 5 <inside)" = '1 cat' ]
	result $? 'a chain ends where its pid namespace does'
	mkfifo ready
	unshare -p -f sh -c 'echo >ready; read -r line' <hold &
	exec 4>hold
	cat ready
	inner=$(pgrep -P $!)
	chain "$inner" >outside
	[ "$(column 1 <outside)" = "$(parents "$inner")" ] &&
		[ "$(column 2 <outside | head -n 1)" = 1 ]
	result $? '... and from outside is shown with the pids of both'
	exec 4>&-
	wait
else
	skip 'this kernel has no pid namespaces'
	skip 'this kernel has no pid namespaces'
fi
if [ -e /proc/self/ns/user ]; then
	unshare -U cat /proc/ancestry >unmapped
	[ "$(column 3 <unmapped | sort -u)" = 65534 ]
	result $? 'users are those of the user namespace'
else
	skip 'this kernel has no user namespaces'
fi

# An open file does not keep it.
exec 3<>/proc/ancestry
rmmod ancestry
result $? 'it unloads while its file is open'
! cat <&3 >own 2>&1 && [ ! -e /proc/ancestry ]
result $? '... which can be read no more'
finish
