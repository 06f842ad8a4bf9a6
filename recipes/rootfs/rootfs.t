#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What is packed into the root: of this lab, and of configurations that are
# hostile to shells and make.
#
# Needs: lab

set -uo pipefail
umask 022
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

[ -e "$LAB/rootfs/initramfs.cpio" ] || skip_all 'there is no root in this lab'

packer=$LAB/rootfs/gen_init_cpio
init=$(awk '$2 == "/init" { print $3 }' "$LAB/rootfs/list")
busybox=$(awk '$2 == "/bin/busybox" { print $3 }' "$LAB/rootfs/list")
links=${busybox%/*}/busybox.links
# The lab's own may be a program of another processor.
lister=$busybox
"$lister" true 2>/dev/null || lister=busybox

# entry CPIO PATH - type, mode and owner as ls -l shows them, link's target
entry()
{
	"$lister" cpio -itv <"$1" 2>/dev/null |
		path=$2 awk '{ link = $(NF - 1) == "->"; name = $(link ? NF - 2 : NF) }
			name == ENVIRON["path"] { print $1, $2, link ? $NF : "" }' | sed 's/ *$//'
}

# content CPIO PATH
content()
{
	rm -rf "$tmp/out"
	mkdir "$tmp/out"
	cpio -i --quiet --to-stdout "$2" <"$1"
}

# root LINE... - packs $tmp/cpio for a configuration with these lines, which
# replace those of the default one
root()
{
	printf '%s\n' CONFIG_ROOTFS_AUTOLOGIN=y CONFIG_ROOTFS_HOSTNAME=kiln \
		CONFIG_LINUX_ARCH=x86_64 CONFIG_ROOTFS_OVERLAY= CONFIG_LINUX_TEXT='not quoted' "$@" >"$tmp/auto.conf"
	mkdir -p "$tmp/rootfs"
	recipes/rootfs/list "$tmp/auto.conf" "$tmp/rootfs" "$init" "$busybox" "$links" &&
		"$packer" -t 0 "$tmp/rootfs/list" >"$tmp/cpio"
}

# The lab as it is.
cpio=$LAB/rootfs/initramfs.cpio
while read -r path expected; do
	is "$path is $expected" "$(entry "$cpio" "$path")" "$expected"
done <<-'END'
	.		drwxr-xr-x 0/0
	init		-rwxr-xr-x 0/0
	bin/sh		lrwxrwxrwx 0/0 /bin/busybox
	sbin/init	lrwxrwxrwx 0/0 /bin/busybox
	bin/busybox	-rwxr-xr-x 0/0
	dev/console	crw------- 0/0
	etc/init.d/rcS	-rwxr-xr-x 0/0
	etc/init.d/rcK	-rwxr-xr-x 0/0
	etc/shadow	-rw------- 0/0
	etc/passwd	-rw-r--r-- 0/0
	root		drwx------ 0/0
	tmp		drwxrwxrwt 0/0
END
for path in dev usr bin sbin lib etc proc tmp sys var root mnt \
	etc/inittab etc/fstab etc/passwd etc/group etc/shadow etc/profile etc/hostname; do
	ok "/$path is there" test -n "$(entry "$cpio" "$path")"
done
ok 'busybox is static' sh -c "! readelf -lW '$busybox' | grep -q INTERP"
is 'nothing is listed twice' "$(awk '{ print $2 }' "$LAB/rootfs/list" | sort | uniq -d)" ''
"$packer" -t 0 "$LAB/rootfs/list" >"$tmp/again"
ok 'packing it again gives the same bits' cmp "$cpio" "$tmp/again"

# The start and the end.
root
inittab=$(content "$tmp/cpio" etc/inittab)
for when in sysinit respawn restart ctrlaltdel shutdown; do
	ok "inittab knows $when" grep -q "^[^#]*:$when:" <<<"$inittab"
done
is 'a shell at once has no password' "$(content "$tmp/cpio" etc/shadow | cut -d : -f 1-2)" \
	"$(printf 'root:\nnobody:*')"
is 'the last thing at the end restarts, for QEMU to end' \
	"$(content "$tmp/cpio" etc/init.d/rcK | tail -n 1)" 'reboot -f'

# The same whenever it is packed.
root
cp "$tmp/cpio" "$tmp/first"
second=$(date +%s)
until [ "$(date +%s)" -gt "$second" ]; do
	sleep 0.05
done
root
ok 'packed another time it has the same bits' cmp "$tmp/first" "$tmp/cpio"

# Passwords.
# shellcheck disable=SC2016
for text in simply 'two  blanks' "it's \$HOME \${HOME} \$(id) #1 \"quoted\" back\\slash \`id\`" \
	'-salt' '"$6$' 'ünïcode' ' leading and trailing '; do
	root CONFIG_ROOTFS_AUTOLOGIN=n CONFIG_ROOTFS_PASSWORD=y "CONFIG_ROOTFS_PASSWORD_TEXT=$text"
	hash=$(content "$tmp/cpio" etc/shadow | sed -n 's/^root:\([^:]*\):.*/\1/p')
	salt=${hash#\$6\$}
	is "the password <$text> is hashed as it is" "$hash" \
		"$(printf '%s\n' "$text" | openssl passwd -6 -salt "${salt%%\$*}" -stdin)"
	is '... and nowhere in the root' "$(grep -caF -e "$text" "$tmp/cpio")" 0
done
cp "$tmp/cpio" "$tmp/first"
root CONFIG_ROOTFS_PASSWORD=y 'CONFIG_ROOTFS_PASSWORD_TEXT= leading and trailing '
ok 'the same password gives the same bits' cmp "$tmp/first" "$tmp/cpio"
ok 'the console asks for it' grep -q '^ttyS0::respawn:-/bin/login$' "$tmp/rootfs/etc/inittab"
is 'an empty one is refused' "$(root CONFIG_ROOTFS_PASSWORD=y CONFIG_ROOTFS_PASSWORD_TEXT= 2>&1)" \
	'rootfs: CONFIG_ROOTFS_PASSWORD_TEXT is empty: set one, or choose ROOTFS_AUTOLOGIN'

# Host names.
root CONFIG_ROOTFS_HOSTNAME=lab-7.example
is 'the host name is taken' "$(content "$tmp/cpio" etc/hostname)" lab-7.example
for name in '' 'a b' "\$(id)" "it's" -x "$(printf '%065d' 0)"; do
	ok "no host name: <$name>" sh -c '! "$@"' - recipes/rootfs/list \
		<(printf '%s\n' CONFIG_TEXT='not quoted' "CONFIG_ROOTFS_HOSTNAME=$name") "$tmp/no" "$init" "$busybox" "$links"
done

# The user's folder.
user="$tmp/my \$overlay's \"top\""
mkdir -p "$user/etc/init.d" "$user/opt/empty" "$user/tmp" "$user/usr/bin"
echo mine >"$user/etc/profile"
printf '#!/bin/sh\n' >"$user/etc/init.d/S10mine"
chmod 750 "$user/etc/init.d/S10mine"
echo real >"$user/usr/bin/awk"
chmod 700 "$user/opt/empty" "$user/tmp"
ln -s ../opt/empty "$user/etc/link"
echo odd >"$user/opt/it's\$HOME#\"\\"
mkfifo -m 600 "$user/opt/fifo"
chown -R 12345:12345 "$user" 2>/dev/null
chmod 4755 "$user/usr/bin/awk"

ok 'a folder with any name is put on top' root "CONFIG_ROOTFS_OVERLAY=$user"
is 'its files replace those of the root' "$(content "$tmp/cpio" etc/profile)" mine
is 'also where the root has a link' "$(entry "$tmp/cpio" usr/bin/awk)" '-rwsr-xr-x 0/0'
is 'modes are kept, the owner is root' "$(entry "$tmp/cpio" etc/init.d/S10mine)" '-rwxr-x--- 0/0'
is 'folders too' "$(entry "$tmp/cpio" opt/empty)" 'drwx------ 0/0'
is 'but not of those that the root has' "$(entry "$tmp/cpio" tmp)" 'drwxrwxrwt 0/0'
is 'links are kept' "$(entry "$tmp/cpio" etc/link)" 'lrwxrwxrwx 0/0 ../opt/empty'
is 'fifos are kept' "$(entry "$tmp/cpio" opt/fifo)" 'prw------- 0/0'
is 'any name without blanks will do' "$(entry "$tmp/cpio" "opt/it's\$HOME#\"\\")" '-rw-r--r-- 0/0'

sum=$(recipes/rootfs/overlay "$tmp/auto.conf")
is 'a folder that stays has the same sum' "$(recipes/rootfs/overlay "$tmp/auto.conf")" "$sum"
for change in 'touch opt/new' 'rm opt/new' 'echo 2 >etc/profile' 'chmod 755 tmp' 'ln -sfn /x etc/link'; do
	(cd "$user" && eval "$change")
	was=$sum
	sum=$(recipes/rootfs/overlay "$tmp/auto.conf")
	ok "make notices: $change" test "$sum" != "$was"
done

# refused PATTERN - the folder cannot be packed, and the user learns why
refused()
{
	local words

	words=$(root "CONFIG_ROOTFS_OVERLAY=$user" 2>&1)
	ok "refused: $1" grep -q "$1" <<<"$words"
}
touch "$user/opt/two words"
refused 'two words: names with blanks'
rm "$user/opt/two words"
ln -s 'two words' "$user/opt/link"
refused 'opt/link: names with blanks'
rm "$user/opt/link"
touch "$user/opt/\${HOME}"
refused "names with blanks or \\\${"
rm "$user/opt/\${HOME}"
rmdir "$user/tmp"
ln -s /var "$user/tmp"
refused '/tmp is a folder in the root'
rm -rf "$user"
refused 'which is no directory'

finish
