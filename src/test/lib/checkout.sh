# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# A copy of this checkout, for tests that edit it, and output directories that show
# the lab in $LAB, for tests that run machines of their own: tests run side by side,
# and one machine at a time runs in an output directory.

# copy_checkout DIR - with the files' dates, to the nanosecond, for steps compare them
copy_checkout()
{
	local file

	git ls-files --cached --others --exclude-standard | while read -r file; do
		[ ! -e "$file" ] || printf '%s\n' "$file"
	done | tar --format=posix -cf - -T - | (mkdir -p "$1" && tar -xf - -C "$1")
}

# source_word - the word by which make builds the kernel of $LINUX
source_word()
{
	if [ -e "$LINUX/.fetched" ]; then
		echo "DL=${LINUX%/*}"
	else
		echo "LINUX_DIR=$LINUX"
	fi
}

# show_lab DIR - makes it an output directory with the programs, the kernel and the
# root of $LAB; modules and machines are its own
show_lab()
{
	mkdir -p "$1/modules" "$1/vm"
	cp -a "$LAB/.config" "$LAB/include" "$1/"
	cp -a "$LAB"/modules/{kbuild,.install} "$1/modules/"
	cp -a "$LAB"/vm/{splats,allowed,devices,processor} "$1/vm/"
	cp -a "$LAB/vm/accel" "$1/vm/" 2>/dev/null
	ln -s "$LAB"/{host,linux,rootfs} "$1/"
}

# view_lab DIR - makes it an output directory with all that $LAB has; its machines
# are its own
view_lab()
{
	mkdir -p "$1/vm"
	cp -a "$LAB"/{.config,include,run} "$1/"
	find "$LAB/vm" -maxdepth 1 -type f ! -name lock -exec cp -a -t "$1/vm" {} +
	ln -s "$LAB"/{host,linux,modules,rootfs} "$1/"
	[ ! -e "$LAB/qemu" ] || ln -s "$LAB/qemu" "$1/"
}

# processor KEY - prints what the lab's processor has for it
processor()
{
	sed -n "s/^processor_$1 := *//p" "$LAB/vm/processor"
}
