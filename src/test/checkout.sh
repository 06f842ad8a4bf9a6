# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# A copy of this checkout, for tests that edit it, and an output directory that
# shows the lab in $LAB, for tests that run machines of their own.

# copy_checkout DIR
copy_checkout()
{
	local file

	git ls-files --cached --others --exclude-standard | while read -r file; do
		[ ! -e "$file" ] || printf '%s\n' "$file"
	done | tar -cf - -T - | (mkdir -p "$1" && tar -xf - -C "$1")
}

# show_lab DIR - makes it an output directory with the programs, the kernel and the
# root of $LAB; modules and machines are its own
show_lab()
{
	mkdir -p "$1/modules" "$1/vm"
	cp -a "$LAB/.config" "$LAB/include" "$1/"
	cp -a "$LAB"/modules/{kbuild,.install} "$1/modules/"
	cp -a "$LAB"/vm/{splats,allowed} "$1/vm/"
	cp -a "$LAB/vm/accel" "$1/vm/" 2>/dev/null
	ln -s "$LAB"/{host,linux,rootfs} "$1/"
}
