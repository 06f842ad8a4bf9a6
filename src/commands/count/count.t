#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# How often a command passes, told by runs: the program vm here has its verdicts from a
# list, and the shares that are told are compared with what is known of such.
#
# Needs: lab
#
# shellcheck disable=SC2016 # awk's

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
unset MAKEFLAGS MAKELEVEL MFLAGS KILN_LOCK

# lab NAME STATUS... - a lab whose machines end so, one after the other
lab()
{
	mkdir -p "$tmp/$1/host"
	printf '%s\n' "${@:2}" >"$tmp/$1/list"
	cat >"$tmp/$1/host/vm" <<-EOF
		#!/bin/bash
		exec {lock}<>"$tmp/$1/lock"
		flock "\$lock"
		status=\$(sed q "$tmp/$1/list")
		sed -i 1d "$tmp/$1/list"
		echo "\${@: -1} says \$status"
		exit "\$status"
	EOF
	cp "$tmp/$1/host/vm" "$tmp/$1/run"
	chmod +x "$tmp/$1/host/vm" "$tmp/$1/run"
}

# counted LAB JOBS NAME=VALUE... - what is told of it
counted()
{
	env KILN_CMD=it "${@:3}" src/commands/count/count "$tmp/$1" "$2" run it >"$tmp/said" 2>&1
}

# often N WORD... - prints the words so often
often() { local i; for ((i = 0; i < $1; i++)); do echo "${@:2}"; done; }

mapfile -t good < <(often 97 0)
lab some "${good[@]:0:40}" 3 "${good[@]:40}" 3 255
counted some 2 KILN_COUNT=100
is 'how many passed, and between which shares that is' "$? $(tail -n 1 "$tmp/said")" \
	"1 $tmp/some: 97 of 100 passed: 97.0 %, by 95 % between 91.5 % and 99.0 %"
is '... of the others the statuses' "$(sed q "$tmp/said")" 'failed: 2 with status 3, 1 with status 255'
is '... and what the first has printed' "$(sed -n 's/^    //p' "$tmp/said")" 'it says 3'
is 'logs of runs that passed are not kept' "$(find "$tmp/some/count" -name '*.log' | wc -l)" 3

lab all 0 0 0
counted all 1 KILN_COUNT=3
is 'all' "$? $(cat "$tmp/said")" "0 $tmp/all: 3 of 3 passed: 100.0 %, by 95 % between 43.9 % and 100.0 %"

lab until 0 0 7 0 0
counted until 1 KILN_COUNT=5 KILN_UNTIL=fail
is 'until one fails, with no share, for it ends by its result' \
	"$? $(grep -c . "$tmp/until/list") $(sed -n '1p; /passed/p' "$tmp/said")" '1 2 failed: 1 with status 7'
lab until 0 0
counted until 1 KILN_COUNT=2 KILN_UNTIL=fail
is '... or none does' "$? $(cat "$tmp/said")" '0 all 2 passed'

lab broken 0 125 0 0
counted broken 1 KILN_COUNT=4
is 'a machine that could not be had is no run that failed' \
	"$? $(grep -c '^count: run 2 had no machine' "$tmp/said") $(grep -c passed "$tmp/said")" '1 1 0'

mapfile -t bad < <(often 30 1)
mapfile -t fine < <(often 30 0)
lab here "${bad[@]:0:20}" "${fine[@]:0:10}"
lab there "${fine[@]}"
counted here 2 KILN_COUNT=30 KILN_AGAINST="$tmp/there"
is 'worse than another lab' "$? $(tail -n 1 "$tmp/said")" "1 worse than $tmp/there (p = 1.4e-08)"
lab here "${fine[@]}"
lab there "${bad[@]:0:20}" "${fine[@]:0:10}"
counted here 2 KILN_COUNT=30 KILN_AGAINST="$tmp/there"
is '... better' "$? $(tail -n 1 "$tmp/said")" "0 better than $tmp/there (p = 1.4e-08)"
lab here 1 "${fine[@]:0:29}"
lab there "${fine[@]}"
counted here 2 KILN_COUNT=30 KILN_AGAINST="$tmp/there"
is '... or nobody can tell, and how many runs could' "$? $(tail -n 1 "$tmp/said")" \
	'0 no difference seen (p = 1); were these the true shares, 228 runs of each would tell'

for words in 'COUNT=none' 'COUNT=0' 'COUNT=3 KILN_CMD=' 'COUNT=3 KILN_UNTIL=pass' \
	"COUNT=3 KILN_AGAINST=$tmp/nowhere" "COUNT=3 KILN_UNTIL=fail KILN_AGAINST=$tmp/there"; do
	read -ra given <<<"KILN_$words"
	command=it
	[[ $words != *KILN_CMD=* ]] || command=
	env "${given[@]}" src/commands/count/count "$tmp/all" 1 run "$command" >"$tmp/said" 2>&1
	is "a sentence for $words" "$?-$(grep -c '^count: ' "$tmp/said")-$(wc -l <"$tmp/said")" 1-1-1
done

# The shares: of 10,000 times 100 runs, the true one is in the interval.  Another method, adding
# up the binomial distribution, says how often that is.
covered()
{
	awk -f src/commands/count/statistics -f <(echo 'BEGIN {
		srand(4711)
		for (trial = 0; trial < 10000; trial++) {
			passed = 0
			for (i = 0; i < 100; i++)
				passed += rand() < p
			covered += wilson(passed, 100, -1) <= p && p <= wilson(passed, 100, 1)
		}
		for (k = 0; k <= 100; k++)
			if (wilson(k, 100, -1) <= p && p <= wilson(k, 100, 1))
				exact += exp(log_choose(100, k) + k * log(p) + (100 - k) * log(1 - p))
		print (covered >= 9300 && exact >= 0.93 && covered / 10000 - exact < 0.01 && exact - covered / 10000 < 0.01)
	}') -v p="$1" </dev/null
}
is 'the interval is right 93 times of 100 and more, for one in twenty' "$(covered 0.05)" 1
is '... and for one in two' "$(covered 0.5)" 1
is 'the test of a lady with eight cups' "$(awk -f src/commands/count/statistics -f <(echo 'BEGIN {
	printf "%.4f %.4f", fisher(3, 4, 1, 4), fisher(4, 4, 0, 4) }'))" '0.4857 0.0286'

# In machines
mkdir "$tmp/o"
# shellcheck source=src/test/lib/checkout.sh
. src/test/lib/checkout.sh
view_lab "$tmp/o"
export KILN_CMD='test -d /proc/1'
KILN_COUNT=3 src/commands/count/count "$tmp/o" 2 run "$KILN_CMD" >"$tmp/said" 2>&1
is 'three machines' "$? $(cut -d : -f 2 "$tmp/said")" '0  3 of 3 passed'
is '... each of which is kept' "$(jq -r '.goal + " " + .verdict' "$tmp/o/results/run.jsonl" | sort | uniq -c | xargs)" '3 run passed'
export KILN_CMD='exit 3'
KILN_JSON=1 KILN_COUNT=2 src/commands/count/count "$tmp/o" 2 run "$KILN_CMD" >"$tmp/lines" 2>"$tmp/said"
is '... and printed alone with JSON=1, as one job' "$(jq -rs '[length, (map(.job) | unique | length), .[0].status] | join(" ")' "$tmp/lines")" '2 1 3'

# A module that fails as a list says: the machine's own program is told of the next line.
[ -e "$LAB/modules/crash/crash.ko" ] || finish
rm "$tmp/o/host"
mkdir "$tmp/o/host"
ln -s "$LAB"/host/* "$tmp/o/host/"
rm "$tmp/o/host/vm"
cat >"$tmp/o/host/vm" <<EOF
#!/bin/bash
exec {lock}<"$tmp/list"
flock "\$lock"
how=\$(sed q "$tmp/list")
sed 1d "$tmp/list" >"$tmp/list.new"
cat "$tmp/list.new" >"$tmp/list"
exec {lock}<&-
exec "$LAB/host/vm" "\${@//HOW/\$how}"
EOF
chmod +x "$tmp/o/host/vm"
printf '%s\n' hello hello 'crash how=warn' hello hello hello 'crash how=warn' hello >"$tmp/list"
export KILN_CMD='modprobe HOW'
KILN_COUNT=8 src/commands/count/count "$tmp/o" 2 run "$KILN_CMD" >"$tmp/said" 2>&1
is 'a module that fails now and then does so as often as told' \
	"$? $(sed -n 's/^failed: //p; s/^.*: \(. of . passed\).*/\1/p' "$tmp/said" | paste -sd ' ')" '1 2 with status 254 6 of 8 passed'
finish
