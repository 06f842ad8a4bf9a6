# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # tap.sh sets tmp
#
# A cluster of three nodes with two processors each, n1 to n3, all of them on this host; comes
# after own_network of sshd.sh and tap.sh, for a scheduler is not let into other networks:
#
#	slurm_begin	# $SLURM_CONF is set, ${slurmd[n1]} is the process of a node
#	slurm_end

declare -A slurmd=()

# may_slurm - can this user start one?
may_slurm()
{
	local name

	[ "$(id -u)" = 0 ] || return
	for name in sbin/slurmctld sbin/slurmd bin/srun bin/salloc bin/sinfo; do
		[ -x "/usr/$name" ] || return
	done
}

# Fails if it does not come up.
slurm_begin()
{
	local dir=$tmp/slurm node i

	mkdir -p "$dir"/{state,n1,n2,n3}
	export SLURM_CONF=$dir/slurm.conf
	cat >"$SLURM_CONF" <<-EOF
		ClusterName=kiln
		SlurmctldHost=$(hostname)(127.0.0.1)
		SlurmctldPort=16817
		SlurmUser=root
		AuthType=auth/none
		CredType=cred/none
		MpiDefault=none
		ProctrackType=proctrack/linuxproc
		TaskPlugin=task/none
		JobAcctGatherType=jobacct_gather/none
		AccountingStorageType=accounting_storage/none
		SelectType=select/cons_tres
		SelectTypeParameters=CR_CPU_Memory
		SchedulerParameters=sched_min_interval=1000
		SlurmdParameters=config_overrides
		ReturnToService=2
		SlurmdTimeout=10
		KillWait=5
		StateSaveLocation=$dir/state
		SlurmctldPidFile=$dir/ctld.pid
		SlurmctldLogFile=$dir/ctld.log
		SlurmdPidFile=$dir/%n/pid
		SlurmdSpoolDir=$dir/%n
		SlurmdLogFile=$dir/%n.log
		NodeName=n1 NodeHostname=$(hostname) NodeAddr=127.0.0.1 Port=17001 CPUs=2 RealMemory=1000
		NodeName=n2 NodeHostname=$(hostname) NodeAddr=127.0.0.1 Port=17002 CPUs=2 RealMemory=1000
		NodeName=n3 NodeHostname=$(hostname) NodeAddr=127.0.0.1 Port=17003 CPUs=2 RealMemory=1000
		PartitionName=all Nodes=n1,n2,n3 Default=YES State=UP
		PartitionName=two Nodes=n1,n2 State=UP
	EOF
	/usr/sbin/slurmctld -D >"$dir/ctld.said" 2>&1 &
	slurmctld=$!
	for node in n1 n2 n3; do
		/usr/sbin/slurmd -D -N $node >"$dir/$node.said" 2>&1 &
		slurmd[$node]=$!
	done
	for ((i = 0; i < 600; i++)); do
		[ "$(sinfo -h -p all -o %C 2>/dev/null)" != 0/6/0/6 ] || return 0
		kill -0 "$slurmctld" "${slurmd[@]}" 2>/dev/null || return
		sleep 0.1
	done
	return 1
}

# lose_node NODE - as if it had no power any more
lose_node()
{
	local pid child pids

	kill -KILL "${slurmd[$1]}"
	wait "${slurmd[$1]}" 2>/dev/null
	for pid in $(pgrep slurmstepd); do
		for child in $(pgrep -P "$pid"); do
			! grep -qzx "SLURMD_NODENAME=$1" "/proc/$child/environ" 2>/dev/null || kill -KILL "$pid" "$child"
		done
	done
	# What these have started is gone with the node, too.
	while mapfile -t pids < <(grep -lzx "SLURMD_NODENAME=$1" /proc/[0-9]*/environ 2>/dev/null | cut -d / -f 3) &&
		[ ${#pids[@]} != 0 ]; do
		kill -KILL "${pids[@]}" 2>/dev/null
		sleep 0.05
	done
}

slurm_end()
{
	kill "${slurmd[@]}" "$slurmctld" 2>/dev/null
	wait "${slurmd[@]}" "$slurmctld" 2>/dev/null
}
