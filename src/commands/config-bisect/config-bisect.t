#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The option that breaks a kernel is found, and the smallest kernel that works, on a fake
# kernel and with a machine that only looks at its configuration.

# shellcheck disable=SC2317 # ok calls functions
set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/lab.sh
. src/test/lib/lab.sh
# shellcheck source=src/test/lib/commits.sh
. src/test/lib/commits.sh

commit good "$(state good)"

# Options of the kernel's, some of which others depend on
cat >>"$tree/Kconfig" <<'EOF'

config FAKE_BUS
	bool "A bus"

config FAKE_CARD
	bool "A card on it"
	depends on FAKE_BUS

config FAKE_BLUE
	bool "Blue"

config FAKE_RED
	bool "Red"

config FAKE_SIZE
	int "Size"
	default 4
EOF
# It fails with the card; without the bus it does not come up if it is to be blue.
cat >"$tmp/machine" <<'EOF'
#!/bin/bash
config=$2/linux/build/.config
on() { grep -q "CONFIG_FAKE_$1=y" "$config"; }
outcome=passed status=0
if on CARD || { on NEEDS && ! on RED; }; then
	outcome=failed status=3
elif on BLUE && ! on BUS; then
	outcome=not-up status=125
fi
mkdir -p "$2/vm/last"
printf '{\n  "outcome": "%s",\n  "status": %d,\n  "boot_seconds": 1\n}\n' $outcome $status >"$2/vm/last/result.json"
exit $status
EOF
printf '# CONFIG_FAKE_%s is not set\n' BUS BLUE RED >"$tmp/good"
printf 'CONFIG_FAKE_%s\n' SIZE=4 LOUD=y >>"$tmp/good"
printf 'CONFIG_FAKE_%s\n' BUS=y CARD=y BLUE=y RED=y SIZE=8 >"$tmp/bad"

# command_of GOAL WORD... - sets status
command_of()
{
	timeout 1500 make "$@" >"$tmp/said" 2>&1
	status=$?
	[ "$status" = 0 ] || tail -n 15 out/*/run.log >>"$tmp/said" 2>&1
}

said()
{
	grep -q -e "$1" "$tmp/said" || { tail -n 40 "$tmp/said"; return 1; }
}

timeout 1500 make config-bisect CMD=true GOOD="$tmp/good" BAD="$tmp/bad" JSON=1 >"$tmp/lines" 2>"$tmp/said"
status=$?
is 'config-bisect finds the option' "$status" 0
[ "$status" = 0 ] || sed 's/^/# /' "$tmp/said"
is '... it alone, where what it depends on is not to blame' \
	"$(sed '1,/^The command fails by this/d' "$tmp/said")" 'CONFIG_FAKE_CARD: n -> y'
"$LAB/host/results" check out/results/config-bisect.jsonl && verdicts=$(jq -r .verdict out/results/config-bisect.jsonl | sort -u | paste -sd ' ')
is '... and each run is kept' "${verdicts-none}" 'fails passed'
is '... and told as JSON alone, if that is asked for' "$(jq -rs '"\(map(select(.verdict)) | length > 2) \(.[-1] | [.goal, .why] | join(" "))"' "$tmp/lines")" \
	'true config-bisect CONFIG_FAKE_CARD: n -> y'
ok 'the lab is as it was' test ! -e out/linux/vmlinux.stripped

for what in "CMD=true GOOD=$tmp/good|BAD= is missing" "CMD=true GOOD=$tmp/none BAD=$tmp/bad|no configuration of a kernel" \
	"GOOD=$tmp/good BAD=$tmp/bad|CMD=.* is missing" "CMD=true GOOD=$tmp/bad BAD=$tmp/good|does not fail" \
	"CMD=true GOOD=$tmp/bad BAD=$tmp/bad|result in the same" \
	"CMD=true GOOD=$tmp/good BAD=$tmp/bad RUN_ON=ssh:a/0|is no host"; do
	read -ra words <<<"${what%|*}"
	command_of config-bisect "${words[@]}"
	ok "a sentence: ${what#*|}" said "^config-bisect: .*${what#*|}"
done

command_of min-config CMD=true
ok 'min-config: a kernel that is not configured is told' said '^min-config: no kernel is configured here'
printf 'CONFIG_FAKE_%s=y\n' BUS BLUE RED LOUD >out/linux.config
printf 'config FAKE_NEEDS\n\tdef_bool y\n' >>"$tree/Kconfig"
make configure >"$tmp/output" 2>&1 || cat "$tmp/output"
# What is asked for in linux.config stays, so that it has to be asked for in another way.
mv out/linux/build/.config "$tmp/all"
rm out/linux.config
make configure >"$tmp/output" 2>&1
cp "$tmp/all" out/linux/build/.config
command_of min-config CMD=true
is 'min-config ends well' "$status" 0
[ "$status" = 0 ] || sed 's/^/# /' "$tmp/said"
is '... what the command needs stays, and all else goes' \
	"$(grep -oE '^CONFIG_FAKE_(BUS|BLUE|RED|LOUD)=y' out/min-config/linux.config)" CONFIG_FAKE_RED=y
is '... as kept' "$(jq -r .goal out/results/min-config.jsonl | sort -u)" min-config
finish
