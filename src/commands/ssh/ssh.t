#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# make ssh, up to the machine: which keys are used, and what is said where it cannot
# work.  In the machine it is tested by recipes/rootfs/roots.t.

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

unset KILN_CMD
lab=$tmp/lab
mkdir -p "$lab/include/config" "$tmp/dqib"
says()
{
	src/commands/ssh/ssh "$lab" 2>&1 </dev/null
}

is 'a lab that is not built' "$(says)" "ssh: nothing is built in $lab yet; run make first"

# In place of the guest, a shell of ours.
mkdir -p "$lab/host"
cat >"$lab/host/vm" <<'END'
#!/bin/bash
shift 6
PATH=/nowhere exec /bin/sh -c "${1//:*sbin/}" "${@:2}"
END
chmod +x "$lab/host/vm"
echo 'CONFIG_ROOTFS_DEBIAN=y' >"$lab/include/config/auto.conf"
is 'a root without sshd' "$(says)" \
	'ssh: this root has no sshd: DEBIAN_SSH in the menu adds it to a Debian root; make exec needs none'
is 'the key is the lab'\''s' "$(sed -n 's/^IdentityFile //p' "$lab/ssh/config")" "$lab/ssh/key"
is 'nobody else can read it' "$(stat -c %a "$lab/ssh/key")" 600
key=$(cat "$lab/ssh/key")
says >"$tmp/ignored"
is 'it stays the same' "$(cat "$lab/ssh/key")" "$key"
ok 'ssh takes the configuration' ssh -F "$lab/ssh/config" -G kiln
is 'and opens no port' "$(ssh -F "$lab/ssh/config" -G kiln | sed -n 's/^proxycommand //p')" \
	"$PWD/src/commands/ssh/proxy $lab"

echo "CONFIG_ROOTFS_DQIB_DIR=$tmp/dqib" >"$lab/include/config/auto.conf"
echo secret >"$tmp/dqib/ssh_user_ed25519_key"
echo public >"$tmp/dqib/ssh_user_ed25519_key.pub"
chmod 644 "$tmp/dqib/ssh_user_ed25519_key"
says >"$tmp/ignored"
is "DQIB's keys are taken" "$(sed -n 's/^IdentityFile //p' "$lab/ssh/config")" "$lab/ssh/ssh_user_ed25519_key"
is 'in a copy that ssh accepts' "$(stat -c %a "$lab/ssh/ssh_user_ed25519_key")" 600

finish
