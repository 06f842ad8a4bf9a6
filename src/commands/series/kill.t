#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Whatever ends a series, the next one goes on and tells what an undisturbed one does: KILLS times
# (3, with FULL 40) a random process of it gets a random signal at a random moment.  SEED gives the
# same choices again, though not the same moments.

# shellcheck disable=SC2317 # ok calls them
set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/lab.sh
kmod=none
. src/test/lib/lab.sh
# shellcheck source=src/test/lib/commits.sh
. src/test/lib/commits.sh
# shellcheck source=src/test/lib/kills.sh
. src/test/lib/kills.sh

kills=3
[ -z "${FULL-}" ] || kills=40
warn='static int never_used(void) { return 1; }'
results=out/results/series.jsonl

commit base "$(state 'good 1')" "$warn"
commit no-build 'this is no C'
commit good "$(state 'good 2')" "$warn" 'static int nor_this(void) { return 1; }'

# series - one that is refused, for what was killed is not gone yet, is begun again
series()
{
	until timeout 1500 make series BASE=base CMD=it >"$tmp/said" 2>"$tmp/error" || ! grep -q 'another make uses' "$tmp/error"; do
		flock out/series true
	done
}

# same - does it tell what the undisturbed one did, and nothing was judged twice?
same()
{
	series
	diff "$tmp/undisturbed" "$tmp/said" || { cat "$tmp/killed" "$tmp/error"; return 1; }
	[ -z "$(sed -n 's/.*"key":"\([0-9a-f]*\)".*}$/\1/p' "$results" | sort | uniq -d)" ] || { cat "$results"; return 1; }
}

# As the first time, or with what is built
afresh()
{
	rm -f $results
	[ $((RANDOM % 3)) != 0 ] || rm -rf out/series
}

series
rm -f $results
start=${EPOCHREALTIME/[.,]/}
series
longest=$(((${EPOCHREALTIME/[.,]/} - start) / 1000))
cp "$tmp/said" "$tmp/undisturbed"
is 'undisturbed' "$(sed -n '$p' "$tmp/said")" '2 commits: 1 no build, 1 warns'

echo "# SEED=$SEED, $kills kills within $longest ms"
for ((round = 1; round <= kills; round++)); do
	afresh
	disturb make series BASE=base CMD=it || result 1 "all processes end after $event"
	ok "$round: $event" same
done
echo "# $hits processes were hit"
finish
