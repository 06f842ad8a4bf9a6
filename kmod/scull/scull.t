#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# scull keeps what is written, as a file would.  Runs in the guest.

ask=$PWD/scull-ask
# shellcheck source=src/commands/test/tap.sh
. ./tap.sh
cd "$(mktemp -d)" || exit
dev=/dev/scull0

# of FILE [NUMBER] - a figure of a device, in sysfs
of()
{
	cat "/sys/class/scull/scull${2-0}/$1"
}

# refused REASON COMMAND... - it fails for this reason.  Of what EBUSY is called, C
# libraries have several words in common.
refused()
{
	reason=$1
	shift
	! "$@" >said 2>&1 && grep -q "$reason" said
}

# size_and_memory NUMBER NUMBER - of the first device
size_and_memory()
{
	[ "$(of size) $(of memory)" = "$1 $2" ]
}

# at OFFSET LEN - that many bytes, as od prints them
at()
{
	dd if=$dev bs=1 skip="$1" count="$2" 2>/dev/null | od -An -c | tr -d ' \n'
}

modprobe scull
result $? 'it loads'
[ "$(cd /dev && echo scull?)" = 'scull0 scull1 scull2 scull3' ] && [ -c $dev ]
result $? 'it has four devices'

# As a file
[ -z "$(cat $dev)" ] && size_and_memory 0 0
result $? 'at first they are empty'
echo hello >$dev
[ "$(cat $dev)" = hello ] && size_and_memory 6 4096
result $? 'what is written can be read'
[ "$(cat /dev/scull1)" = '' ]
result $? '... from this device alone'
echo world >>$dev
[ "$(tr '\n' ' ' <$dev)" = 'hello world ' ]
result $? 'what is appended comes behind it'
printf J | dd of=$dev bs=1 conv=notrunc 2>/dev/null
[ "$(head -n 1 $dev)" = Jello ] && [ "$(of size)" = 12 ]
result $? 'bytes in the middle are overwritten'
echo bye >$dev
[ "$(cat $dev)" = bye ]
result $? 'what opens it to write anew forgets what was there'

# Holes
printf end | dd of=$dev bs=1 seek=1000000 conv=notrunc 2>/dev/null
size_and_memory 1000003 8192
result $? 'a hole takes no memory'
[ "$(at 4 3)$(at 999999 5)" = '\0\0\0\0end' ]
result $? '... and reads as zeros'
[ "$(tr -d '\000' <$dev)" = "$(printf 'bye\nend')" ] && [ "$(wc -c <$dev)" = 1000003 ]
result $? '... all of it'
[ -z "$(at 1000003 1)$(at 2000000 1)" ]
result $? 'behind the end there is nothing'
size_and_memory 1000003 8192
result $? '... and reading takes no memory'

# 3 MiB which are the same nowhere, in pieces that end on no page
seq 500000 | head -c 3145728 >much
dd if=much of=$dev bs=5000 2>/dev/null
cmp -s much $dev && size_and_memory 3145728 3145728
result $? 'many pages come back as they were'
dd if=$dev of=copy bs=4095 2>/dev/null
cmp -s much copy
result $? '... in other pieces, too'
refused 'No space left' dd if=/dev/zero of=/dev/scull1 bs=1M count=17
[ "$(of size 1)" = 16777216 ] && grep -q 'No space left' said
result $? 'it is full at its limit'
: >/dev/scull1
[ "$(of size 1) $(of memory 1)" = '0 0' ]
result $? 'one that is emptied takes no memory'

# Several at once.  Each writes a whole line of its own in one go.
exec 3<$dev 4<$dev
[ "$(head -c 100 <&3 | md5sum)" = "$(head -c 100 <&4 | md5sum)" ]
result $? 'two readers have a position each'
exec 3<&- 4<&-
: >$dev
for writer in 1 2 3 4 5 6 7 8; do
	(for i in 1 2 3 4 5 6 7 8 9 10; do echo "writer $writer line $i" >>$dev; done) &
	(for i in 1 2 3; do cat $dev >/dev/null; done) &
done
wait
[ "$(sort -u $dev | grep -c '^writer [1-8] line [0-9]*$')" = 80 ] &&
	[ "$(wc -l <$dev)" = 80 ]
result $? 'of eight writers nothing is lost'

exec 3</dev/scull3
refused 'esource busy' cat /dev/scull3
result $? 'the last device has one user'
(exec 4</dev/scull2 && cat /dev/scull2)
result $? '... the others have many'
exec 3<&-
cat /dev/scull3
result $? '... who is followed by the next one'

# What takes a program
tests='its figures are those of sysfs
a size is set
... and what is added reads as zeros
... and what is behind it is forgotten, to its byte
... up to the limit
... by who may write
an ioctl that it has not is refused
what is mapped is what was written
what is written there can be read
a hole that is written there takes memory
behind the end nothing is mapped
what was written behind the end is forgotten when it grows
from its own memory to its own memory
it does not get smaller while it is mapped
... and is not emptied
... but can be afterwards
who polls waits for more to read'

# promised STATUS - of the next one of these
promised()
{
	result "$1" "$(echo "$tests" | head -n 1)"
	tests=$(echo "$tests" | sed 1d)
}

ask_it()
{
	printf 'hello\n' >$dev
	[ "$("$ask" info $dev)" = "$(of size) $(of memory) 16777216" ]
	promised $?
	"$ask" resize $dev 10000
	size_and_memory 10000 4096
	promised $?
	[ "$(at 0 8)$(at 9998 5)" = 'hello\n\0\0\0\0' ]
	promised $?
	"$ask" resize $dev 2 && "$ask" resize $dev 6
	[ "$(at 0 9)" = 'he\0\0\0\0' ] && size_and_memory 6 4096
	promised $?
	refused 'File too large' "$ask" resize $dev 16777217
	promised $?
	refused 'Bad file descriptor' "$ask" trim $dev 1
	promised $?
	refused 'Inappropriate ioctl' "$ask" number $dev 0x1234
	promised $?

	printf 'a line' >$dev
	[ "$("$ask" peek $dev 2)" = line ]
	promised $?
	"$ask" poke $dev 2 word
	[ "$(cat $dev)" = 'a word' ]
	promised $?
	"$ask" resize $dev 20000
	"$ask" poke $dev 9000 far
	[ "$(at 8999 5)" = '\0far\0' ] && size_and_memory 20000 8192
	promised $?
	"$ask" peek $dev 20480 >said 2>&1
	[ $? = 135 ] && size_and_memory 20000 8192
	promised $?

	"$ask" resize $dev 4
	"$ask" poke $dev 4 secret
	"$ask" resize $dev 8
	[ "$(at 4 4)" = '\0\0\0\0' ]
	promised $?
	head -c 8192 much >$dev
	"$ask" echo $dev 300000
	[ "$(at 4096 20)" = "$(at 0 20)" ] && [ "$(at 300000 20)" = "$(at 0 20)" ] &&
		[ "$(of size)" = 304096 ]
	promised $?

	refused 'esource busy' "$ask" hold $dev "$ask" resize $dev 1 &&
		[ "$(of size)" = 304096 ]
	promised $?
	refused 'esource busy' "$ask" hold $dev tee $dev </dev/null
	promised $?
	"$ask" resize $dev 1 && size_and_memory 1 4096
	promised $?

	mkfifo grown
	"$ask" wait $dev >grown &
	exec 3<grown
	read -r waiting <&3
	echo more >>$dev
	[ "$waiting $(cat <&3)" = 'waiting more' ] && wait $!
	promised $?
	exec 3<&-
}

if [ -x "$ask" ]; then
	ask_it
else
	echo "$tests" >left
	while read -r promise; do
		n=$((n + 1))
		echo "ok $n - $promise # SKIP scull-ask is not built here"
	done <left
fi

# Removal
exec 3<$dev
refused 'Resource temporarily unavailable' rmmod scull && grep -q '^scull ' /proc/modules
result $? 'it does not unload while a device is open'
exec 3<&-
dmesg -c >log
rmmod scull
result $? 'it unloads'
[ ! -e $dev ] && [ ! -e /sys/class/scull ] && ! grep -q scull /proc/devices
result $? '... with its devices'
dmesg | grep -q 'scull: 0 bytes are left$'
result $? '... and its memory'

# More than the machine has, if any of it stayed
free=$(sed -n 's/MemFree: *\([0-9]*\) kB/\1/p' /proc/meminfo)
rounds=$((free / 65536 + 1))
i=0
while [ $i -lt $rounds ]; do
	modprobe scull || break
	for number in 0 1 2 3; do
		head -c 16777216 /dev/zero >/dev/scull$number || break 2
	done
	rmmod scull || break
	i=$((i + 1))
done
[ $i = $rounds ]
result $? "so $rounds times 64 MiB can be written, with $((free / 1024)) MiB free"

modprobe scull megabytes=1
head -c 2000000 /dev/zero >$dev 2>said
[ "$(of size)" = 1048576 ]
result $? 'its parameter sets the limit'
rmmod scull
refused 'Invalid argument' modprobe scull megabytes=0
result $? '... which is not nothing'
finish
