#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# vblk_lab keeps what a disk should, and can be pulled out.  Runs in the guest.

zero=$PWD/vblk-zero
# shellcheck source=src/commands/test/tap.sh
. ./tap.sh
cd "$(mktemp -d)" || exit
dev=/dev/vblk0
drive=/sys/devices/platform/vblk_lab.0
driver=/sys/bus/platform/drivers/vblk_lab

if [ ! -d /sys/class/block ]; then
	echo '1..0 # SKIP this kernel has no block layer (CONFIG_BLOCK)'
	exit
fi

# skip REASON PROMISE...
skip()
{
	reason=$1
	shift
	for promise; do
		n=$((n + 1))
		echo "ok $n - $promise # SKIP $reason"
	done
}

# of FILE [NUMBER] - a figure of a drive, in sysfs
of()
{
	cat "${drive%0}${2-0}/$1"
}

# refused REASON COMMAND... - it fails for this reason
refused()
{
	reason=$1
	shift
	! "$@" >said 2>&1 && grep -q "$reason" said
}

# await COMMAND... - until it succeeds, for minutes on a busy machine
await()
{
	i=0
	until "$@"; do
		i=$((i + 1))
		[ $i -lt 2400 ] || return
		usleep 50000 2>/dev/null || sleep 0.05
	done
}

# more_writes - than $before
more_writes()
{
	[ "$(of writes)" -gt "$before" ]
}

# flush - writes back what is dirty, and makes it durable in the drive
flush()
{
	dd if=/dev/null of=$dev conv=notrunc,fsync 2>/dev/null
}

pull()
{
	echo vblk_lab.0 >$driver/unbind
}

plug()
{
	echo vblk_lab.0 >$driver/bind
}

# put TEXT OFFSET
put()
{
	printf '%s' "$1" | dd of=$dev bs=1 seek="$2" conv=notrunc 2>/dev/null
}

# put_directly TEXT SECTOR - and NULs behind it: past the kernel's cache one writes sectors
put_directly()
{
	printf '%s' "$1" | dd of=$dev bs=512 seek="$2" conv=notrunc,sync oflag=direct 2>/dev/null
}

# at OFFSET LEN - as od prints the bytes
at()
{
	dd if=$dev bs=1 skip="$1" count="$2" 2>/dev/null | od -An -c | tr -d ' \n'
}

# sum_of DEVICE BYTES
sum_of()
{
	head -c "$2" "$1" | sha256sum
}

modprobe vblk_lab
result $? 'it loads'
[ -b /dev/vblk0 ] && [ -b /dev/vblk1 ] && [ ! -e /dev/vblk2 ]
result $? 'it has two disks'
[ "$(cat /sys/block/vblk0/size)" = 131072 ]
result $? '... of 64 MiB'
[ "$(of memory) $(of writes)" = '0 0' ] && [ "$(of reads)" -gt 0 ]
result $? '... which take no memory at first'

# As a file
[ "$(at 1000000 3)" = '\0\0\0' ] && [ "$(of memory)" = 0 ]
result $? 'what was never written reads as zeros and takes none'
put hello 4094
flush
[ "$(at 4093 7)" = '\0hello\0' ] && [ "$(of memory)" = 8192 ]
result $? 'what is written can be read, over the border of two pages'
[ "$(head -c 8192 /dev/vblk1 | tr -d '\000')" = '' ] && [ "$(of memory 1)" = 0 ]
result $? '... from this disk alone'
seq 200000 | head -c 1048576 >much
dd if=much of=$dev bs=5000 2>/dev/null
flush
[ "$(sum_of $dev 1048576)" = "$(sum_of much 1048576)" ] && [ "$(of memory)" = 1048576 ]
result $? 'many pages come back as they were'

# O_DIRECT reaches the drive at once, in the pieces that the program has
before=$(of writes)
dd if=much of=$dev bs=1536 count=40 seek=100 oflag=direct 2>/dev/null
[ $(($(of writes) - before)) = 40 ]
result $? 'O_DIRECT: each write is a request'
dd if=$dev of=copy bs=1536 count=40 skip=100 iflag=direct 2>/dev/null
[ "$(sum_of copy 61440)" = "$(sum_of much 61440)" ]
result $? '... and can be read so'

# Flush, discard, write-zeroes
put x 0
head -c 1048576 $dev >expected
before=$(of flushes)
[ "$(of unflushed)" -gt 0 ] && flush && [ "$(of flushes)" -gt "$before" ] &&
	[ "$(of unflushed)" = 0 ]
result $? 'fsync flushes the cache'
blkdiscard -o 4096 -l 8192 $dev
[ "$(of discards)" -gt 0 ] && [ "$(of memory)" = $((1048576 - 8192)) ]
result $? 'discard gives memory back'
dd if=/dev/zero of=expected bs=4096 seek=1 count=2 conv=notrunc 2>/dev/null
[ "$(sum_of $dev 1048576)" = "$(sum_of expected 1048576)" ]
result $? '... of these pages alone, which read as zeros'

zero_it()
{
	before=$(of zeroes)
	"$zero" free $dev 20992 99840 && flush && [ "$(of zeroes)" -gt "$before" ] &&
		[ "$(of memory)" -lt $((1048576 - 8192 - 90000)) ]
	result $? "$1"
	before=$(of memory)
	"$zero" keep $dev 200192 100352 && [ "$(of memory)" -ge "$before" ]
	result $? "$2"
	dd if=/dev/zero of=expected bs=512 seek=41 count=195 conv=notrunc 2>/dev/null
	dd if=/dev/zero of=expected bs=512 seek=391 count=196 conv=notrunc 2>/dev/null
	[ "$(sum_of $dev 1048576)" = "$(sum_of expected 1048576)" ]
	result $? "$3"
}

set -- 'write-zeroes gives memory back' '... or keeps it' '... and clears this range alone'
if [ -x "$zero" ]; then
	zero_it "$@"
else
	skip 'vblk-zero is not built here' "$@"
fi
blkdiscard $dev
[ "$(of memory)" = 0 ]
result $? 'a disk that is discarded takes no memory'

# Each processor has its queue
if [ "$(grep -c ^processor /proc/cpuinfo)" -gt 1 ]; then
	for processor in 1 2; do
		of queues >queues.$processor
		taskset $processor dd if=$dev of=/dev/null bs=4096 count=256 iflag=direct 2>/dev/null
	done
	of queues >queues.3
	# Which one is whose is for the kernel to say.
	cat queues.1 queues.2 queues.3 | awk '
		{ first[NR] = $1; second[NR] = $2 }
		END {
			one = first[2] - first[1] >= 256 && second[3] - second[2] >= 256
			other = second[2] - second[1] >= 256 && first[3] - first[2] >= 256
			exit !(one || other)
		}'
	result $? 'each processor has a queue of its own'
else
	skip 'there is one processor' 'each processor has a queue of its own'
fi

# Power
put durable 0
flush
put_directly lost 0
put_directly lost 16
[ "$(at 0 7)" = 'lost\0\0\0' ]
result $? 'the cache is read, too'
pull
[ ! -e $dev ] && [ ! -e /sys/block/vblk0 ] && [ "$(of memory) $(of unflushed)" = '4096 0' ]
result $? 'one that is pulled out is gone'
plug
[ -b $dev ] && [ "$(at 0 7)$(at 8192 2)" = 'durable\0\0' ]
result $? '... and comes back with what was flushed, and nothing else'

# Partitions
tables='a table of partitions is found
... and its partition lies where it says'
if grep -q msdos_partition /proc/kallsyms; then
	printf '\0\0\0\0\203\0\0\0\0\010\0\0\0\370\1\0' | dd of=$dev bs=1 seek=446 conv=notrunc 2>/dev/null
	printf '\125\252' | dd of=$dev bs=1 seek=510 conv=notrunc,fsync 2>/dev/null
	pull && plug
	[ "$(cat /sys/block/vblk0/vblk0p1/start) $(cat /sys/block/vblk0/vblk0p1/size)" = '2048 129024' ]
	result $? "$(echo "$tables" | head -n 1)"
	echo part | dd of=${dev}p1 conv=notrunc,fsync 2>/dev/null
	[ "$(at 1048576 5)" = 'part\n' ]
	result $? "$(echo "$tables" | tail -n 1)"
	disk=${dev}p1
else
	IFS='
'
	# shellcheck disable=SC2086 # one line is one promise
	skip 'this kernel knows no such tables' $tables
	unset IFS
	disk=$dev
fi

# A file system: ext4 with a journal where there is mkfs.ext4, without it by BusyBox
make_files()
{
	mkdir files/folder && cp much files/folder && seq 1000 >files/few &&
		(cd files && sha256sum folder/much few) >sums
}

same_files()
{
	(cd files && sha256sum -c ../sums >/dev/null 2>&1)
}

file_system()
{
	mkfs.ext4 -q -F $disk >said 2>&1 || mke2fs -F $disk >said 2>&1
	mount -t "$type" $disk files
	result $? "$1"
	make_files && umount files && mount -t "$type" $disk files && same_files
	result $? "$2"
	rm files/folder/much
	sync
	before=$(of memory)
	fstrim files && flush && [ $((before - $(of memory))) -gt 900000 ]
	result $? "$3"
	cp much files/folder && umount files && flush && pull && plug
	mount -t "$type" $disk files && same_files
	result $? "$4"

	# Pulled out below it.  Before 6.6 the file system is not told that the disk is gone;
	# it takes its writes for errors of its own, and reports them as damage.
	if grep -q fs_bdev_mark_dead /proc/kallsyms; then
		before=$(of writes)
		(while cp much files/busy && sync; do :; done) >/dev/null 2>&1 &
		await more_writes
		pull
		wait $!
		result $? "$5"
	else
		sync
		pull
		skip 'this kernel does not tell file systems of it' "$5"
	fi
	refused 'in use\|busy\|unavailable' rmmod vblk_lab
	result $? "$6"
	umount files && [ "$(of unflushed)" = 0 ]
	result $? "$7"
	plug
	mount -t "$type" $disk files && same_files
	result $? "$8"
	umount files
}

mkdir files
for type in ext4 ext2 ''; do
	! grep -qw "$type\$" /proc/filesystems || break
done
set -- 'a file system is made and mounted' '... and has its files when it is mounted again' \
	'... gives back the memory of what was removed' '... outlives that the drive is pulled out' \
	'pulled out while it is written to, the writers end' '... the module stays while it is mounted' \
	'... it can be unmounted' '... and has its files when the drive is back'
if [ -n "$type" ]; then
	file_system "$@"
else
	skip 'this kernel has no ext4 and no ext2' "$@"
fi

# Pulled out under load: readers and writers, by the page cache and without, the writers
# apart.  They have a partition: the disk itself is empty when it is dead, so readers see
# its end instead of an error, and the kernel complains of who had looked at the size
# before.
load()
{
	dd if=$disk of=/dev/null bs=512 skip=60000 2>>said &
	load=$!
	dd if=$disk of=/dev/null bs=512 iflag=direct 2>>said &
	load="$load $!"
	dd if=/dev/zero of=$disk bs=512 count=50000 2>>said &
	load="$load $!"
	dd if=/dev/zero of=$disk bs=512 seek=70000 count=50000 oflag=direct 2>>said &
	load="$load $!"
}

started()
{
	[ $(($(of writes) + $(of reads) - before)) -gt 500 ]
}

# pulled - stops all who use the disk, and tells who was not
pulled()
{
	: >said
	before=$(($(of writes) + $(of reads)))
	load
	await started || echo 'nobody started'
	pull
	for pid in $load; do
		! wait "$pid" || echo 'one got no error'
	done
	[ ! -e $dev ] || echo 'it is still there'
	grep -q 'I/O error\|nput/output error\|No such device\|No space' said || cat said
	plug
}

loaded()
{
	(pulled && pulled && pulled) >wrong
	[ ! -s wrong ] || sed 's/^/# /' wrong
	[ ! -s wrong ]
	result $? "$1"
	exec 3<$disk
	pull
	refused 'I/O error\|nput/output error' dd bs=512 count=1 <&3
	result $? "$2"
	refused 'in use\|busy\|unavailable' rmmod vblk_lab
	result $? "$3"
	plug
	dd if=$disk bs=512 count=1 2>/dev/null >copy
	[ -s copy ]
	result $? "$4"
	exec 3<&-
}

set -- 'pulled out under load, all who use it get errors' 'a file that is open gets errors' \
	'... and keeps the module' '... while the drive is back as another disk'
if [ $disk = ${dev}p1 ]; then
	loaded "$@"
else
	skip 'this kernel knows no such tables' "$@"
fi

await rmmod vblk_lab 2>/dev/null
result $? 'it unloads'
[ ! -e $dev ] && [ ! -e $drive ] && [ ! -e $driver ]
result $? '... with its devices'
dmesg | tail -n 5 | grep -q 'vblk_lab: 0 bytes are left$'
result $? '... and its memory'

# Parameters
modprobe vblk_lab devices=3 megabytes=32 limit=1 queues=1 cache=0
[ -b /dev/vblk2 ] && [ ! -e /dev/vblk3 ] && [ "$(cat /sys/block/vblk2/size)" = 65536 ]
result $? 'parameters set the number and the size'
[ "$(of queues | wc -w)" = 1 ]
result $? '... the queues'
refused 'No space left' dd if=/dev/zero of=$dev bs=1M count=2 oflag=direct
[ "$(of memory)" = 1048576 ] && [ "$(of errors)" -gt 0 ] && grep -q 'No space left' said
result $? '... and the memory, beyond which there is no space'
blkdiscard $dev
put_directly kept 0
pull
plug
flush
[ "$(at 0 4)" = kept ] && [ "$(of flushes)" = 0 ]
result $? 'without a cache nothing is lost, and nothing to be flushed'
rmmod vblk_lab
refused 'Invalid argument' modprobe vblk_lab devices=17 &&
	refused 'Invalid argument' modprobe vblk_lab megabytes=0
result $? 'parameters that make no sense are refused'
finish
