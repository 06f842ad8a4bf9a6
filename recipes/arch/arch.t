#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# An Arch root, with stand-ins for pacstrap and pacman-conf, which need a mirror.
#
# shellcheck disable=SC2016,SC2317 # for the stand-ins; ok calls functions

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

recipes/debian/as-root true 2>/dev/null || skip_all 'this user has no ids in /etc/subuid'
mkdir "$tmp/bin" "$tmp/none"
for tool in bash grep; do
	ln -s "$(command -v $tool)" "$tmp/none"
done
is 'the menu says that pacstrap is missing' "$(PATH=$tmp/none recipes/arch/lacks)" \
	'pacstrap is missing here (package arch-install-scripts)'

PATH=$tmp/bin:$PATH
cat >"$tmp/bin/pacstrap" <<'END'
#!/bin/bash
[ "$1" != -N ] || shift
[ "$1" = -C ] && grep -q '^CacheDir = ' "$2" || exit 1
root=$3
echo "${@:4}" >"$OUT/packages"
[[ $* != *nothing* ]] || exit 1
mkdir -p "$root"/{etc/systemd/system,root,usr/lib,dev}
printf '%s\n' 'root:*:1::::::' >"$root/etc/shadow"
END
printf '%s\n' '#!/bin/sh' 'exit 1' >"$tmp/bin/pacman-conf"
chmod +x "$tmp/bin"/*
is '... or that there is no mirror' "$(recipes/arch/lacks)" 'pacman has no mirror (/etc/pacman.conf)'
printf '%s\n' '#!/bin/sh' 'echo core' >"$tmp/bin/pacman-conf"
is 'with both it says nothing' "$(recipes/arch/lacks)" ''

export OUT=$tmp PACMAN_CONF=$tmp/pacman.conf
echo '[options]' >"$PACMAN_CONF"
config()
{
	printf '%s\n' CONFIG_ROOTFS_ARCH=y "CONFIG_ARCH_PACKAGES=$1" CONFIG_ROOTFS_HOSTNAME=here \
		CONFIG_ROOTFS_AUTOLOGIN=y 'CONFIG_TEXT=not quoted' >"$tmp/auto.conf"
}
config 'kmod vim'
ok 'the root is made' recipes/arch/fetch "$tmp/auto.conf" "$tmp/root.tar" "$tmp/cache"
is 'of base and the packages of the menu' "$(cat "$tmp/packages")" 'base kmod vim'
ok 'and unpacked' recipes/debian/unpack "$tmp/auto.conf" "$tmp/root.tar" "$tmp/root"
is 'with its name' "$(cat "$tmp/root/etc/hostname")" here
ok 'and its login' test -e "$tmp/root/etc/systemd/system/console-getty.service.d/autologin.conf"
config 'nothing'
is 'a list that pacstrap does not take is told' "$(recipes/arch/fetch "$tmp/auto.conf" "$tmp/no.tar" "$tmp/cache" 2>&1)" \
	"arch: pacstrap has failed: see the messages above, fix pacman's mirrors, or change the list in the menu (ARCH_PACKAGES)"
config '$(x)'
is 'a list that is none, too' "$(recipes/arch/fetch "$tmp/auto.conf" "$tmp/no.tar" "$tmp/cache" 2>&1)" \
	'arch: CONFIG_ARCH_PACKAGES is "$(x)", which cannot be'

finish
