#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The packages of this lab, in $LAB/deb: reproducible, and of use in a minimal
# Debian, which is made once and kept in $LAB/check.
#
# Needs: lab packages roots

# shellcheck disable=SC2016,SC2317 # other programs expand the texts; ok calls functions
set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

unset MAKEFLAGS MAKELEVEL MFLAGS
debs=$LAB/deb
obj=$LAB/linux/build
release=$(<"$obj/include/config/kernel.release")
if [ ! -e "$debs/manifest" ]; then
	echo 'Bail out!  there are no packages; make bindeb-pkg targz-pkg makes them'
	exit 1
fi

is_on()
{
	grep -qx "CONFIG_$1=y" "$LAB/include/config/auto.conf"
}

value()
{
	src/engine/config-value "$LAB/include/config/auto.conf" "$1"
}

# What is behind the names of the compiler and its tools
suffix=-$(value LINUX_LLVM_VERSION)$(value LINUX_GNU_VERSION)
suffix=${suffix#-0}

# The manifest
is 'the manifest lists what there should be' "$(cut -d ' ' -f 1 "$debs/manifest" | sort)" \
	"$(is_on MODULES && echo "linux-headers-$release"
	echo "linux-image-$release"
	is_on DEB_DBG && echo "linux-image-$release-dbg"
	echo linux-libc-dev)"
while read -r name version size sum; do
	file=$debs/${name}_${version}_$(dpkg --print-architecture).deb
	is "$name is what the manifest says" "$(stat -c %s "$file") $(sha256sum <"$file")" "$size $sum  -"
done <"$debs/manifest"
is 'and there is nothing else' "$(find "$debs" -maxdepth 1 -name '*.deb' | wc -l)" "$(wc -l <"$debs/manifest")"

# again GOAL - packs once more, elsewhere, as somebody else on another day
again()
{
	local command

	command=$(grep "^[[:blank:]]*recipes/deb/pack $1" "$debs/.$1")
	(
		umask 077
		export TZ=Asia/Tokyo LC_ALL=C.UTF-8 DEBEMAIL=other@localhost USER=other
		eval "${command/ $LAB\/deb / $tmp/again }" >"$tmp/log" 2>&1
	) || tail -n 20 "$tmp/log" | sed 's/^/# /'
}
built=$(stat -c '%i %Y' "$obj/vmlinux")
again bindeb-pkg
ok 'packed again they are the same' diff "$debs/manifest" "$tmp/again/manifest"
again targz-pkg
ok 'the tarball, too' diff "$debs/targz/manifest" "$tmp/again/targz/manifest"
is 'and the kernel is not linked again' "$(stat -c '%i %Y' "$obj/vmlinux")" "$built"
is 'nor anything compiled but what loads it' \
	"$(grep -hE '^  (CC|AS|AR|LD|RUSTC) ' "$debs"/*-pkg.log "$tmp/log" | grep -v ' arch/x86/boot/')" ''
is 'nor is the kernel configured again' "$(grep -hE 'olddefconfig|No change to .config' "$debs/bindeb-pkg.log")" ''

# The kernel in the image package
dpkg-deb -x "$debs"/linux-image-"$release"_*.deb "$tmp/image"
vmlinuz=$tmp/image/boot/vmlinuz-$release
"$LINUX/scripts/extract-vmlinux" "$vmlinuz" >"$tmp/unpacked"
"$(is_on LINUX_LLVM && echo "llvm-objcopy$suffix" || echo objcopy)" -S -R .comment "$obj/vmlinux" "$tmp/built"
ok 'vmlinuz is the kernel that was built' cmp -n "$(stat -c %s "$tmp/built")" "$tmp/built" "$tmp/unpacked"

# The package of debugging information
if is_on DEB_DBG; then
	dpkg-deb -x "$debs"/linux-image-"$release"-dbg_*.deb "$tmp/dbg"
	debug=$tmp/dbg/usr/lib/debug
	ok 'the -dbg package has the vmlinux that was built' cmp "$obj/vmlinux" "$debug/lib/modules/$release/vmlinux"
	is 'where perf, systemtap and kdump-tools look for it' \
		"$(stat -Lc %i "$debug"/{boot/,}"vmlinux-$release" | uniq)" \
		"$(stat -c %i "$debug/lib/modules/$release/vmlinux")"
	is 'and what belongs to each module' \
		"$(cd "$debug/lib/modules/$release" && find . -name '*.ko' | sort)" \
		"$(cd "$tmp/image/lib/modules/$release" && find . -name '*.ko' | sort)"
fi

if ! is_on MODULES; then
	result 0 'the headers # SKIP no modules'
	finish
fi

# In namespaces an ordinary user may mount, and be root of a Debian.
enter=(unshare --mount)
if [ "$(id -u)" != 0 ]; then
	enter+=(--map-root-user --map-auto)
fi
if ! "${enter[@]}" mount -t tmpfs none "$tmp"; then
	result 0 'in a minimal Debian # SKIP this user may not mount anything'
	finish
fi

# The root: of the release that the tools come from, with a compiler, make, and what
# the package of the headers depends on.
codename=$(value TOOLCHAIN_RELEASE)
codename=${codename:-$(. /etc/os-release && echo "$VERSION_CODENAME")}
root=$LAB/check/$codename.tar
if is_on LINUX_LLVM; then
	compiler=clang$suffix,lld$suffix,llvm$suffix
	flags=LLVM=${suffix:-1}
else
	compiler=gcc$suffix
	flags=${suffix:+CC=$compiler}
fi
wanted=$compiler,make,dkms,$(dpkg-deb -f "$debs"/linux-headers-*.deb Depends | sed 's/ ([^)]*)//g; s/ //g')
make_root()
{
	local site

	site=$(recipes/fetch/mirror)
	timeout 1800 recipes/fetch/mmdebstrap --format=tar --mode=unshare --variant=minbase --include="$wanted" \
		--aptopt='Acquire::Languages "none"' --dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
		"$codename" "$root.new" ${site:+"deb $site $codename main"} >"$tmp/log" 2>&1 ||
		{ tail -n 20 "$tmp/log"; return 1; }
	mv "$root.new" "$root"
	echo "$wanted" >"$root.list"
}
mkdir -p "$LAB/check"
if [ "$(cat "$root.list" 2>/dev/null)" != "$wanted" ] || [ ! -e "$root" ]; then
	ok 'a minimal Debian can be made' make_root
fi

# The root is in memory, and goes with its namespace.
in_debian()
{
	mkdir "$tmp/root"
	mount -t tmpfs -o mode=755 none "$tmp/root"
	tar -xf "$root" -C "$tmp/root" --numeric-owner --exclude='./dev/*'
	# dkms reads lists by /dev/fd, which leads to /proc: without that it fails.
	mount --rbind /dev "$tmp/root/dev"
	mount --rbind /proc "$tmp/root/proc"
	cp -r kmod/hello "$debs"/linux-{image,headers}-*.deb "$debs"/modules/kiln-modules-dkms_*.deb "$tmp/root/root"
	for script in preinst postinst prerm postrm; do
		mkdir -p "$tmp/root/etc/kernel/$script.d"
		printf '%s\n' '#!/bin/sh' "echo $script \"\$@\" >>/root/hooks" >"$tmp/root/etc/kernel/$script.d/note"
		chmod +x "$tmp/root/etc/kernel/$script.d/note"
	done
	env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C release="$release" flags="$flags" \
		chroot "$tmp/root" bash -euxc '
			cd /root
			dpkg -i linux-headers-*.deb
			make -C "/lib/modules/$release/build" M="$PWD/hello" $flags
			dpkg -i kiln-modules-dkms_*.deb
			cp -r "/lib/modules/$release/updates/dkms" dkms
			dpkg --purge kiln-modules-dkms
			find "/lib/modules/$release" /usr/src /var/lib/dkms -name "*.ko" -o -name "kiln-modules*" >left
			dpkg -i "linux-image-${release}_"*.deb
			cp "/boot/vmlinuz-$release" vmlinuz
			dpkg --remove "linux-image-$release"'
	mkdir "$tmp/result"
	cp "$tmp"/root/root/{vmlinuz,hooks,left,hello/hello.ko} "$tmp/result"
	cp -r "$tmp/root/root/dkms" "$tmp/result"
}
export -f in_debian
export tmp root debs release flags
timeout 1800 "${enter[@]}" bash -euc in_debian >"$tmp/log" 2>&1 || sed 's/^/# /' "$tmp/log"
ok 'the headers build a module in a minimal Debian' test -e "$tmp/result/hello.ko"
is 'without a warning' "$(sed '/dpkg -i kiln-modules-dkms/,/dpkg --purge/d' "$tmp/log" | grep -i warning)" ''
is 'the sources of the modules install there, and dkms builds all that are in C' \
	"$(cd "$tmp/result/dkms" && echo *.ko)" "$(cd "$LAB/modules/root/lib/modules/$release/updates" && find . -name '*.ko' ! -name 'rust_*' -printf '%f\n' | LC_ALL=C sort | paste -sd ' ')"
is '... and leave nothing when they go' "$(<"$tmp/result/left")" ''
ok 'the image installs there' cmp "$vmlinuz" "$tmp/result/vmlinuz"
is 'and its hooks run' "$(cat "$tmp/result/hooks")" \
	"$(for script in preinst postinst prerm postrm; do
		echo "$script $release /boot/vmlinuz-$release"
	done)"

# The module in the machine that runs the packaged kernel
cat >"$tmp/boot.exp" <<'EOF'
	set timeout 60
	match_max -d 1000000
	set prompt {# (\x1b\[6n)?$}
	spawn sh -c $env(MACHINE)
	expect -re $prompt {} default { exit 3 }
	send "uname -rv; insmod /root/hello.ko who=packaged; dmesg | grep hello:\r"
	expect -re {dmesg.*\n.*\r} {} default { exit 4 }
	expect -re $prompt {} default { exit 5 }
	send "poweroff\r"
	expect eof {} default { exit 6 }
EOF
(cd "$tmp/result" && mkdir root && mv hello.ko root && find root | cpio -o -H newc -R 0:0 --quiet) |
	cat "$LAB/rootfs/initramfs.cpio" - >"$tmp/initramfs"
MACHINE="exec $("$LAB/host/vm" -O "$LAB" run --print) -kernel $tmp/result/vmlinuz -initrd $tmp/initramfs"
export MACHINE
boot()
{
	timeout 120 expect -f "$tmp/boot.exp" >"$tmp/console" 2>&1 || { cat "$tmp/console"; return 1; }
}
ok 'the machine boots the packaged kernel' boot
ok 'it is the release and revision' grep -q "^$release #$(sed -n 's/^CONFIG_DEB_REVISION=//p' "$LAB/include/config/auto.conf") " "$tmp/console"
ok 'and the module greets there' grep -q 'hello: Hello, packaged!' "$tmp/console"

finish
