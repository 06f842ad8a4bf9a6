# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154,SC2034 # who sources this sets out, dl, tree, dir
#
# Builds and runs kernels that differ only in their configuration, for config-bisect and min-config:
# $dir/lab is a lab with the configuration of $out, whose kernel starts from the file $dir/asked.
# Comes after lib.sh, job.sh and bisect's tree.sh.

lab=$dir/lab
unset MAKEFLAGS MFLAGS MAKELEVEL KILN_LOCK
export KILN_TEMPORARY=y

# make_lab - with the programs that $out has
make_lab()
{
	check_elsewhere "$out"
	take_folder
	mkdir -p "$lab"
	copy_lab "$out" "$lab"
	{
		grep -vE 'CONFIG_LINUX_(TINY|DEFCONFIG|FILE|FILE_NAME)[ =]' "$out/.config"
		printf '%s\n' CONFIG_LINUX_FILE=y "CONFIG_LINUX_FILE_NAME=\"$dir/asked\""
	} >"$lab/.config"
	make -s O="$lab" DL="$dl" olddefconfig >"$dir/log"
}

# configure FILE TO - configures the kernel by FILE, and writes the resulting options to TO
configure()
{
	sed 's/^\(.*\) n$/# \1 is not set/; t; s/ /=/' "$1" >"$dir/asked"
	make O="$lab" DL="$dl" ${tree:+LINUX_DIR="$tree"} configure >"$dir/log" 2>&1 || {
		tail -n 20 "$dir/log" >&2
		die 'this configuration is not possible, see above'
	}
	settings "$lab/linux/build/.config" >"$2"
}

# settings FILE - the options of a .config with their values, one a line, sorted
settings()
{
	sed -nE 's/^(CONFIG_[^=]+)=/\1 /p; s/^# (CONFIG_.*) is not set/\1 n/p' "$1" | LC_ALL=C sort
}

# run - builds the configured kernel and runs the command with it; the status is that of
# src/commands/bisect/try
run()
{
	runs=$((runs + 1))
	src/commands/bisect/try "$PWD" "$lab" "$dl" "$tree" >"$dir/run.log" 2>&1
}

# cannot_go_on - ends the search after a run without a verdict
cannot_go_on()
{
	tail -n 20 "$dir/run.log" >&2
	die 'this run gave no verdict, see above'
}
