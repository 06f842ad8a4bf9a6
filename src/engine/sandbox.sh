# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# A sandbox for untrusted programs.  Comes after lib.sh; a step that runs a script
# with it has $(sandbox) in its foo_STEP_in.

# Sets $room to the command of a sandbox in which the system's programs and FOLDER... can be
# read, and nothing can be written; without network, with an empty home, its own environment, and
# none of the caller's file descriptors but the first three.  The caller may append more options of
# bwrap, such as the current folder.
set_room()
{
	local file

	# A descriptor of a folder would lead to all that is around it.
	# shellcheck disable=SC2016 # that shell's
	room=(bash -c 'for fd in /proc/self/fd/*; do [ "${fd##*/}" -lt 3 ] || eval "exec ${fd##*/}>&-"; done; exec "$@"' bash
		bwrap --unshare-all --unshare-user --cap-drop ALL
		--die-with-parent --new-session --clearenv
		--ro-bind /usr /usr --proc /proc --dev /dev --tmpfs /tmp --dir /home/builder --dir /var/tmp)
	for file in /bin /sbin /lib /lib32 /lib64; do
		if [ -L "$file" ]; then
			room+=(--symlink "$(readlink "$file")" "$file")
		else
			room+=(--ro-bind-try "$file" "$file")
		fi
	done
	for file in /etc/alternatives /etc/ld.so.cache /etc/dkms; do
		room+=(--ro-bind-try "$file" "$file")
	done
	for file; do
		room+=(--ro-bind "$file" "$file")
	done
	room+=(--setenv PATH /usr/sbin:/usr/bin:/sbin:/bin --setenv HOME /home/builder --setenv LC_ALL C)
}

# no_room WHAT - prints why WHAT cannot run in a sandbox here; nothing if it can
no_room()
{
	local why

	command -v bwrap >/dev/null || { echo 'there is no bwrap: make deps installs it (package bubblewrap)'; return; }
	set_room
	why=$("${room[@]}" true 2>&1) || echo "$1, and the room where it could do no harm cannot be had here\
 (${why:-bwrap fails}): let this user make namespaces"
}
