#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# ccache is a help: where it cannot work, all is built without it, and that is said once.
# The one here fails as ccache does.

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/lab.sh
. src/test/lib/lab.sh
unset CCACHE_DISABLE

cat >"$tmp/bin/ccache" <<EOF2
#!/bin/sh
[ "\${HOME-}" ] || { echo 'ccache: error: Could not determine home directory' >&2; exit 1; }
if [ -z "\${CCACHE_DISABLE-}" ]; then
	mkdir -p "\$CCACHE_DIR/tmp" || exit 1
	touch "\$CCACHE_DIR/used"
fi
exec "\$@"
EOF2
chmod +x "$tmp/bin/ccache"
touch "$tmp/file"
rm -rf "$tmp/none"

# A limit stands for a disk that is full.
is 'a folder that can be written lacks nothing' "$(src/engine/cache-lacks "$tmp/none/cache")" ''
is '... and is left empty' "$(ls -A "$tmp/none/cache")" ''
is 'one that cannot be made does' "$(src/engine/cache-lacks "$tmp/file/cache")" \
	"CCACHE_DIR=$tmp/file/cache cannot be written (Not a directory)"
is 'so does one without room' "$(trap '' XFSZ; ulimit -f 1; src/engine/cache-lacks "$tmp/none/cache")" \
	"CCACHE_DIR=$tmp/none/cache cannot be written (File too large)"

is 'one that shall only be read need not be' "$(CCACHE_READONLY=1 src/engine/cache-lacks "$tmp/file/cache")" ''

echo CONFIG_HOST_CCACHE=y >"$tmp/ccache.config"
make -s defconfig FRAGMENTS="$tmp/ccache.config" >/dev/null
CCACHE_DIR=$tmp/file/cache make linux >"$tmp/output" 2>&1
is 'all is built without it' $? 0
is '... and it is said' "$(grep -c "^kiln: CCACHE_DIR=$tmp/file/cache cannot be written" "$tmp/output")" 1
CCACHE_DIR=$tmp/file/cache make linux >"$tmp/output" 2>&1
is '... once' "$?-$(grep -c "cannot be written" "$tmp/output")" 0-0
CCACHE_DIR=$tmp/file/cache make doctor >"$tmp/output" 2>&1
ok '... and doctor sees it' grep -q '^note *cache *CCACHE_DIR=.* cannot be written' "$tmp/output"

CCACHE_DIR=$tmp/cache make linux >"$tmp/output" 2>&1
is 'with another folder nothing is built again' "$?-$(grep -c '  linux ' "$tmp/output")" 0-0
echo '/* another */' >>"$LINUX_DIR/kernel/core.c"
env -u HOME CCACHE_DIR="$tmp/cache" make linux >"$tmp/output" 2>&1
is '... and without a home it works' "$?-$(cd "$tmp/cache" && echo *)" '0-tmp used'

finish
