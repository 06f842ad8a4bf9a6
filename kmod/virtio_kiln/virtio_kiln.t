#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# virtio_kiln gives to the device what is written, and answers to who reads, whatever
# the device and its bus do.  Runs in the guest.

ask=$PWD/kiln-ask
# shellcheck source=src/commands/test/tap.sh
. ./tap.sh
cd "$(mktemp -d)" || exit
dev=/dev/kiln0
class=/sys/class/kiln/kiln0

skip_all()
{
	echo "1..0 # SKIP $1"
	exit
}

# refused REASON COMMAND... - it fails for this reason
refused()
{
	reason=$1
	shift
	! "$@" >said 2>&1 && grep -q "$reason" said
}

# answered TEXT - the next line of the device is this
answered()
{
	read -r line <$dev && [ "$line" = "$1" ]
}

# await COMMAND... - until it succeeds, for minutes on a busy machine
await()
{
	i=0
	while [ $i -lt 2400 ]; do
		"$@" >ignored 2>&1 && return
		sleep 0.05
		i=$((i + 1))
	done
	return 1
}

# sleeps PID - in the kernel
sleeps()
{
	grep -q '^State:.S' "/proc/$1/status"
}

grep -lx 0x003f /sys/bus/virtio/devices/*/device >devices 2>ignored ||
	skip_all 'this machine has no virtio-kiln'
[ -x "$ask" ] || skip_all 'kiln-ask is not built here'
name=$(sed -n '1s,/device$,,; 1s,.*/,,p' devices)

# What was negotiated, so the driver comes first.
modprobe virtio_kiln
loaded=$?
case $loaded$(cat "/sys/bus/virtio/devices/$name/features") in
0[!1]* | 01[!1]*) skip_all 'this device has no events or no delays' ;;
esac

result $loaded 'it loads'
[ -c $dev ] && [ "$(cat $class/version)" = 1 ] && [ "$(cat $class/limit)" -gt 0 ]
result $? 'the device is there'
[ -c $dev ] || exit
limit=$(cat $class/limit)
before=$(cat $class/requests)
kicks=$(cat $class/kicks)

# Bytes
echo hello >$dev
[ "$(head -c 6 $dev)" = hello ]
result $? 'what is written comes back'
[ "$(cat $class/requests)" = $((before + 1)) ]
result $? '... by one request'
[ "$(cat $class/kicks)" = $((kicks + 1)) ]
result $? '... of which the device was notified'
"$ask" mode $dev upper && echo 'Hello, World 1!' >$dev && answered 'HELLO, WORLD 1!'
result $? 'in upper case, if so wished'
refused 'Bad address' "$ask" number $dev 0x40044b40
result $? 'a mode from nowhere is refused'
refused 'Inappropriate ioctl\|Not a tty' "$ask" number $dev 0x4b7f
result $? '... and an unknown ioctl'
"$ask" mode $dev echo

exec 3<>$dev
echo first >&3
echo second >$dev
exec 3<&-
answered first && answered second
result $? 'who reads need not have been there when it was written'

head -c 1048576 /dev/urandom >random
cat random >$dev
head -c 1048576 $dev | cmp - random
result $? '1 MiB comes back as it was'
cat random >$dev
{
	dd bs=1000 count=3 2>ignored
	head -c 1045576
} <$dev | cmp - random
result $? '... in pieces, too'
"$ask" copy $dev 16777216 $((limit * 2 + 1))
result $? '16 MiB by writes above the limit, read meanwhile'
"$ask" copy $dev 200000 100
result $? '2,000 writes of 100 bytes'
"$ask" copy $dev 3000 1
result $? '... and 3,000 of one byte'

# Each line is a write of its own.
for i in 1 2 3 4; do
	seq 250 | sed "s,^,$i.," >seq.$i
	while read -r line; do
		echo "$line"
	done <seq.$i >$dev &
done
head -c "$(cat seq.? | wc -c)" $dev >lines
for i in 1 2 3 4; do
	grep "^$i\." lines | cmp - seq.$i
done >differ 2>&1
[ "$(wc -l <lines)" = 1000 ] && [ ! -s differ ]
result $? 'lines of four writers come whole, and those of each in order'

# What is no byte
[ "$("$ask" checksum $dev 123456789)" = cbf43926 ]
result $? 'the checksum is the one of Ethernet'
[ "$("$ask" checksum $dev '') $("$ask" checksum-of $dev 1000)" = '00000000 060b1780' ]
result $? '... of nothing, and of zeros'
refused 'Message too long' "$ask" checksum-of $dev $((limit + 1))
result $? '... and not above the limit'
"$ask" stats $dev >counts
echo 12345 >$dev && answered 12345
read -r requests bytes kicks batches <counts
"$ask" stats $dev >counts
read -r requests2 bytes2 kicks2 batches2 <counts
[ $((requests2 - requests)) = 2 ] && [ $((bytes2 - bytes)) = 6 ] &&
	[ "$kicks2" -gt "$kicks" ] && [ "$batches2" -gt "$batches" ]
result $? 'the statistics count'
"$ask" delay $dev 20
result $? 'a delay ends'
refused 'Invalid argument' "$ask" delay $dev 60001
result $? '... and is refused when the device finds it too long'
"$ask" delay $dev 60000 &
await sleeps $!
kill $!
! wait $! 2>ignored && echo after >$dev && answered after
result $? 'who waits can be killed, and others go on'

# Waiting
[ "$("$ask" poll $dev)" = 'out ' ] && refused 'Resource temporarily unavailable' "$ask" read $dev
result $? 'nothing to read: poll says so, and who does not wait is told'
echo text >$dev
await [ "$("$ask" poll $dev)" = 'in out ' ]
[ "$("$ask" poll $dev)" = 'in out ' ] && [ "$("$ask" read $dev)" = text ]
result $? 'something to read: poll says so, and it is read'
mkfifo told
"$ask" wait $dev >told &
exec 3<told
read -r line <&3
echo something >$dev
[ "$line $(cat <&3)" = 'waiting something' ] && wait $!
result $? 'who polls wakes up'
exec 3<&-

# Sleep: pm_test turns back when all devices sleep.
slept='it sleeps and wakes up'
kept='... with what it was asked for before'
works='... and works'
if [ -e /sys/power/pm_test ]; then
	echo 0 >/sys/module/suspend/parameters/pm_test_delay
	echo devices >/sys/power/pm_test
	echo before >$dev
	"$ask" delay $dev 1000 &
	await sleeps $!
	dmesg -c >ignored
	echo freeze >/sys/power/state && dmesg | grep -q 'suspend debug: Waiting'
	result $? "$slept"
	wait $! && answered before
	result $? "$kept"
	echo after >$dev && answered after
	result $? "$works"
	echo none >/sys/power/pm_test
else
	for promise in "$slept" "$kept" "$works"; do
		n=$((n + 1))
		echo "ok $n - $promise # SKIP this kernel has no pm_test"
	done
fi

# Removal.  The driver, not the device, is there under this name.
driver=/sys/bus/virtio/drivers/virtio_kiln
(exec cat $dev >ignored 2>reader) &
reader=$!
(exec "$ask" delay $dev 60000 2>caller) &
caller=$!
exec 3<>$dev
head -c 100000 /dev/zero >&3
await sleeps $caller
await sleeps $reader
echo "$name" >$driver/unbind
! wait $reader && ! wait $caller && grep -q 'No such device' caller
result $? 'without its device, who waits wakes up'
[ ! -e $dev ] && [ ! -e $class ] && ! echo >&3 2>ignored
result $? '... and an open file is of no use'
echo "$name" >$driver/bind
[ -c $dev ] && echo again >$dev && answered again
result $? 'with it again, it works'
exec 3<&-
i=0
while [ $i -lt 20 ]; do
	echo lost >$dev
	echo "$name" >$driver/unbind
	echo "$name" >$driver/bind
	i=$((i + 1))
done
echo found >$dev && answered found
result $? '... twenty times'

exec 3<$dev
refused 'Resource temporarily unavailable' rmmod virtio_kiln
result $? 'it does not unload while a device is open'
exec 3<&-
rmmod virtio_kiln && [ ! -e /sys/class/kiln ] && ! grep -q kiln /proc/devices
result $? 'it unloads'
refused 'Invalid argument' modprobe virtio_kiln megabytes=0
result $? '... and does not load with no room'
modprobe virtio_kiln megabytes=1
! "$ask" fill $dev >size 2>said && grep -q 'Resource temporarily unavailable' said &&
	read -r filled <size && [ "$filled" -gt 500000 ] && [ "$filled" -le 1048576 ] &&
	[ "$("$ask" poll $dev)" = 'in ' ]
result $? 'its parameter sets the limit: who writes without waiting is told'
echo end >$dev &
await sleeps $!
head -c "$filled" $dev >ignored
wait $! && answered end
result $? '... and who waits goes on when it is read'
head -c 2000000 /dev/zero >$dev &
[ "$(head -c 2000000 $dev | wc -c)" = 2000000 ] && wait $!
result $? '... and a write above it is read while it goes on'
rmmod virtio_kiln
finish
