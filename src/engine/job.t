#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What one command starts runs side by side, is told in its order, and ends with it.
#
# shellcheck disable=SC2016,SC2317 # what others expand; ok calls functions

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

mkdir -p "$tmp/include/config"
export TMP=$tmp

# A script that starts $1 at a time, each by the words of $tmp/jobs
cat >"$tmp/job" <<'EOF'
#!/bin/bash
set -euo pipefail
. src/engine/lib.sh
. src/engine/job.sh
out=$TMP
dir=$TMP/dir
mapfile -t lines <"$TMP/jobs"
choose() { command=(bash -c "${lines[$1]}"); }
jobs=$(how_many "$1")
take_folder
side_by_side "$jobs" ${#lines[@]} choose || die 'no machine'
echo "all ended: ${job_statuses[*]}"
EOF
chmod +x "$tmp/job"

# job JOBS LINE... - sets $status; what it printed is in $tmp/said
job()
{
	printf '%s\n' "${@:2}" >"$tmp/jobs"
	timeout 60 "$tmp/job" "$1" >"$tmp/said" 2>&1
	status=$?
}

# The first ends when the second has, and that when the third has begun.
mkfifo "$tmp/first" "$tmp/second"
job 3 'read -r <"$TMP/first"; echo 1' 'read -r <"$TMP/second"; echo 2; echo >"$TMP/first"' \
	'echo 3; echo >"$TMP/second"; exit 3' 'echo 4'
is 'jobs run side by side and are told in their order' "$status $(paste -sd ' ' "$tmp/said" | sed 's/:.*//')" '0 1 2 3 4 all ended'
is '... and each has its status' "$(sed -n 's/.*: //p' "$tmp/said" | xargs -n 1 | sort -n | paste -sd ' ')" '0 0 0 3'
ok '... and what they said is in no other place' test ! -e "$tmp/dir/said"

one='mkdir "$TMP/alone" && rmdir "$TMP/alone" || echo beside'
job 1 "$one" "$one" "$one" "$one"
is 'one at a time is one at a time' "$(grep -c beside "$tmp/said")" 0

job 1 'echo 1' 'exit 125' 'echo 3'
is 'where no machine can be had no other is tried' "$status $(sed 's/^[^:]*: //' "$tmp/said" | paste -sd ' ')" '1 1 no machine'

# What a job has started holds a lock as long as it lives.
mkfifo "$tmp/began"
exec 3<>"$tmp/began"
holds='exec 9>"$TMP/alive"; flock -s 9; sleep 1000 & (trap "" INT; echo >"$TMP/began"; wait; sleep 1000); echo no'
printf '%s\n' "$holds" "$holds" >"$tmp/jobs"
for signal in TERM INT HUP; do
	env --default-signal=INT "$tmp/job" 2 >"$tmp/said" 2>&1 &
	script=$!
	read -r -u 3
	read -r -u 3
	kill -$signal $script
	wait $script
	is "who ends it by $signal ends all" "$? $(cat "$tmp/said") $(flock -w 20 "$tmp/alive" echo gone)" '130  gone'
done
ok '... and may begin again' flock -n "$tmp/dir" true

"$tmp/job" 2 >"$tmp/said" 2>&1 &
script=$!
read -r -u 3
"$tmp/job" 2 >"$tmp/other" 2>&1
is 'two at once in one folder are not possible' "$? $(grep -c 'another make uses' "$tmp/other")" '1 1'
kill $script
wait $script

# how_many WORD - of machines of so many MiB
how_many()
{
	echo "CONFIG_VM_MEMORY=$2" >"$tmp/include/config/auto.conf"
	bash -euc '. src/engine/lib.sh; . src/engine/job.sh; out=$TMP; how_many "$1"' - "$1" 2>&1
}
is 'without a word there are as many as processors' "$(how_many auto 1)" "$(nproc)"
is '... or fewer, as memory has it' "$(how_many auto 100000000)" 1
is '... which is not asked where a number was given' "$(how_many 7 100000000)" 7
is 'a number that is none is a sentence' "$(how_many many 1 | sed 's/^[^:]*: //')" 'JOBS=many: must be a number from 1 to 9999'
finish
