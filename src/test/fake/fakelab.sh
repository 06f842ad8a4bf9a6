# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154,SC2016,SC2034 # tap.sh sets tmp; programs that are written expand; tests read status
#
# A lab whose program vm is a script that runs the command on this machine, for tests of what
# starts many machines, here and elsewhere.  Comes after tap.sh; the program results is $LAB's.

export FAKE=$tmp/fake
mkdir -p "$FAKE"

# make_lab DIR
make_lab()
{
	mkdir -p "$1"/{host,vm,rootfs,linux/build/include/config,include/config,modules}
	cp "$LAB/host/results" "$1/host/"
	cp recipes/processor/x86_64/values.mk "$1/vm/processor"
	: >"$1/vm/splats"
	: >"$1/modules/.install"
	echo kernel >"$1/linux/vmlinux.stripped"
	echo root >"$1/rootfs/initramfs.cpio"
	echo 6.12.0 >"$1/linux/build/include/config/kernel.release"
	printf '%s\n' CONFIG_ROOTFS_INITRAMFS=y CONFIG_VM_CPUS=1 CONFIG_VM_MEMORY=16 >"$1/include/config/auto.conf"
	# The host has the QEMU; $FAKE_QEMU is its version.  A file $FAKE/says is what all commands say.
	# A command that ends with 97 stands for a kernel that does not come up, as does a file $FAKE/down.
	cat >"$1/host/vm" <<-'EOS'
		#!/bin/bash
		work=$2/vm
		while [ "$1" != run ]; do
			[ "$1" != -w ] || work=$2
			shift 2
		done
		shift
		if [ "$1" = --print ]; then
			echo "$FAKE/qemu -nodefaults"
			exit
		fi
		shift
		folder=$work/runs/now-$$
		mkdir -p "$folder"
		ln -sfn "runs/now-$$" "$work/last"
		if [ -e "$FAKE/says" ]; then
			cat >/dev/null
			cat "$FAKE/says"
		else
			"$@"
		fi
		status=$?
		[ ! -e "$FAKE/down" ] || status=97
		[ $status != 125 ] || { rm -r "$folder"; echo 'no machine here' >&2; exit 125; }
		outcome=failed
		[ $status != 0 ] || outcome=passed
		[ $status != 97 ] || { outcome=not-up; status=125; }
		printf '{\n  "outcome": "%s",\n  "status": %d,\n  "guest_status": %d,\n  "reason": "it %s",\n  "seconds": 0.1,\n  "splats": [],
		  "tests": { "passed": 1, "failed": 0, "failures": [] }\n}\n' $outcome $status $status $outcome >"$folder/result.json"
		exit $status
	EOS
	printf '#!/bin/sh\necho "QEMU ${FAKE_QEMU:-1.0}"\n' >"$FAKE/qemu"
	printf '#!/bin/sh\nexec "${0%%/*}/host/vm" -O "${0%%/*}" run "$@"\n' >"$1/run"
	chmod +x "$FAKE/qemu" "$1/host/vm" "$1/run"
}

# counted WHERE TIMES COMMAND [NAME=VALUE...] - has the lab $out run it so often there; sets
# $status, what is said is in $tmp/said, and $results has the new results alone
counted()
{
	rm -f "$results"
	env "KILN_RUN_ON=$1" "KILN_COUNT=$2" "KILN_CMD=$3" "${@:4}" \
		timeout 120 src/commands/count/count "$out" "${JOBS:-auto}" run "$3" >"$tmp/said" 2>&1
	status=$?
}

# How many of them it says have passed
passed() { sed -n 's/.*: \([0-9]* of [0-9]* passed\).*/\1/p' "$tmp/said"; }
