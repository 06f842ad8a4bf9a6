#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Reports with and without their places in the source.  The kernel is a small
# program and its module an object file, for the kernel's script asks no more.
#
# Needs: lab

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

lab=$tmp/lab
src=$tmp/src

# compile FILE OUTPUT OPTION...
compile()
{
	gcc -g -O1 -fdebug-prefix-map="$src=/kiln" "${@:3}" -o "$2" "$1"
}

make_lab()
{
	mkdir -p "$lab/linux/build" "$lab/modules/crash" "$src/linux/init" "$src/kmod/crash"
	ln -s "$LINUX" "$lab/linux/build/source"
	cat >"$src/linux/init/main.c" <<-'EOT'
		int kernel_init(void)
		{
			return 1;
		}

		int main(void)
		{
			return kernel_init();
		}
	EOT
	cat >"$src/kmod/crash/crash.c" <<-'EOT'
		int crash_null(int *nowhere)
		{
			return *nowhere = 1;
		}
	EOT
	compile "$src/linux/init/main.c" "$lab/linux/build/vmlinux"
	compile "$src/kmod/crash/crash.c" "$lab/modules/crash/crash.ko" -c
}

# decoded LINE - without the blank that some versions put at its end
decoded()
{
	printf '%s\n' "$1" | recipes/vm/decode "$lab" | sed 's, $,,'
}

make_lab
is 'a function of the kernel gets its file and line' \
	"$(decoded ' main+0x0/0x10')" 'main (init/main.c:9)'
is 'one of a module gets those of kmod/' \
	"$(decoded 'RIP: 0010:crash_null+0x0/0x10 [crash]')" \
	'RIP: 0010:crash_null (kmod/crash/crash.c:3) crash'
is 'an unknown one stays' "$(decoded ' ? nobody+0x1/0x2')" '? nobody+0x1/0x2'
is 'text stays' "$(decoded 'BUG: KASAN: x in y')" 'BUG: KASAN: x in y'

name="\"||system(\"touch\${IFS}$tmp/owned\")||\""
decoded " $name+0x1/0x2" >/dev/null 2>&1
decoded " main+0x0/0x10 a[\$(touch $tmp/owned)]+0x1/0x2" >/dev/null 2>&1
decoded " main+a[\`touch\${IFS}$tmp/owned\`]+0x1/0x2" >/dev/null 2>&1
ok 'a report is no program' test ! -e "$tmp/owned"

strip "$lab/linux/build/vmlinux"
is 'without debugging information a report stays as it is' \
	"$(decoded '  main+0x0/0x10')" '  main+0x0/0x10'

if [[ $(readelf -WS "$LAB/linux/build/vmlinux") == *' .debug_info '* ]]; then
	lab=$LAB
	ok "the lab's kernel is decoded" grep -q '^panic (kernel/panic.c:' <(decoded ' panic+0x0/0x1')
	ok 'and its modules are' grep -q 'crash_null (kmod/crash/crash.c:' \
		<(decoded ' crash_null+0x1/0x2 [crash]')
fi

finish
