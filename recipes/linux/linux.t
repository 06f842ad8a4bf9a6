#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What goes into the kernel is what the menu says; on fake sources, as fetched.

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/lab.sh
. src/test/lib/lab.sh

source=$tmp/dl/linux-source-6.12
mkdir -p "$tmp/dl"
mv "$LINUX_DIR" "$source"
echo 'linux-source-6.12 1' >"$source/.fetched"
unset LINUX_DIR
export MAKEFLAGS="DL=$tmp/dl"

# with LINE... - configures a lab that asks for them; all that make says
with()
{
	rm -rf out/linux out/.config
	printf '%s\n' "$@" >asked
	make -s defconfig FRAGMENTS=asked >"$tmp/output" 2>&1 &&
		make linux >>"$tmp/output" 2>&1
}

says()
{
	grep -c -- "$1" "$tmp/output"
}

has()
{
	grep -cx -- "$1" out/linux/build/.config
}

# The tools
with CONFIG_LINUX_LLVM=y
ok 'LLVM=1' grep -q 'LLVM=1 CC=.*clang' out/linux/.configure
mkdir -p "$tmp/bin"
for tool in clang ld.lld llvm-strip; do
	ln -s "$(command -v $tool)" "$tmp/bin/$tool-19"
done
PATH=$tmp/bin:$PATH with CONFIG_LINUX_LLVM=y CONFIG_LINUX_LLVM_VERSION=19
ok 'LLVM=-19' grep -q 'LLVM=-19 CC=.*clang-19 ' out/linux/.configure

# clang_is VERSION - that is what it says
clang_is()
{
	cat >"$tmp/bin/clang" <<-EOF
		#!/bin/sh
		[ "\$*" != --version ] || { echo 'clang version $1'; exit; }
		exec $clang "\$@"
	EOF
	chmod +x "$tmp/bin/clang"
}
clang=$(command -v clang)
clang_is 14.0.6
with CONFIG_LINUX_LLVM=y CONFIG_LINUX_KCFI=y
is 'kCFI with a clang that has none stops first' "$?-$(says 'clang.* kCFI')$(says 'linux  *configure')" 2-10
clang_is 19.1.7
with CONFIG_LINUX_LLVM=y CONFIG_LINUX_LTO_THIN=y CONFIG_LINUX_KCFI=y
is 'ThinLTO and kCFI' "$(has CONFIG_LTO_CLANG_THIN=y)$(has CONFIG_CFI_CLANG=y)" 11
cp "$source/Kconfig.asked" "$tmp/asked"
sed -i 's/^config CFI_CLANG/config CFI/' "$source/Kconfig.asked"
echo config CFI >"$source/arch/Kconfig"
with CONFIG_LINUX_LLVM=y CONFIG_LINUX_KCFI=y
is 'kCFI by the name that it has since 6.18' "$?-$(has CONFIG_CFI=y)" 0-1
make linux >"$tmp/output" 2>&1
is '... then nothing is to be done' "$(says 'Nothing to be done')" 1
mv "$tmp/asked" "$source/Kconfig.asked"
with CONFIG_LINUX_LTO_THIN=y
is 'ThinLTO without LLVM is refused' "$?-$(says 'CONFIG_LINUX_LTO_THIN needs CONFIG_LINUX_LLVM')" 2-1

# Rust: a compiler that has nothing to compile leaves no trace.
printf '#!/bin/sh\necho rustc 1.95\n' >"$tmp/bin/rustc"
chmod +x "$tmp/bin/rustc"
PATH=$tmp/bin:$PATH with
is 'who has no use for rustc has the same kernel with it' "$(has 'CONFIG_RUSTC_VERSION_TEXT=""')" 1
echo CONFIG_RUST=y >out/linux.config
make linux >"$tmp/output" 2>&1
is 'and who asks for Rust is told where' "$?-$(says '^out/linux.config:CONFIG_RUST=y')-$(says 'Rust is off in the menu (CONFIG_LINUX_RUST)')" 2-1-1
rm out/linux.config

# The kernel's samples in Rust
mkdir -p "$tmp/kernel/samples/rust"
cat >"$tmp/kernel/samples/rust/Kconfig" <<'EOF'
menuconfig SAMPLES_RUST
	bool "Rust samples"
	depends on RUST

config SAMPLE_RUST_DRIVER_USB
	tristate "USB Driver"
	depends on USB = y
	help
	  depends on nothing that is written
	  depends on ALL

config SAMPLE_RUST_HOSTPROGS
	bool "Host programs"
	depends on !FAKE_LOUD
EOF
is 'all samples are asked for, and what they depend on' \
	"$(recipes/linux/rust-samples "$tmp/kernel" | tr '\n' ' ')" \
	'CONFIG_SAMPLE_RUST_DRIVER_USB=m CONFIG_USB_SUPPORT=y CONFIG_USB=y CONFIG_SAMPLE_RUST_HOSTPROGS=y '

# Fragments, base
echo CONFIG_FAKE_GREETING='"one"' >one.config
printf 'CONFIG_FAKE_GREETING="two"\nCONFIG_FAKE_LOUD=y' >two.config
with 'CONFIG_LINUX_FRAGMENTS="one.config two.config"'
is 'fragments are merged, the later one has the say' \
	"$(has 'CONFIG_FAKE_GREETING="two"')$(has CONFIG_FAKE_LOUD=y)$(has CONFIG_SMP=y)" 111
echo CONFIG_FAKE_GREETING='"three"' >two.config
make linux >"$tmp/output" 2>&1
is 'an edited fragment counts at once' "$(has 'CONFIG_FAKE_GREETING="three"')" 1
echo CONFIG_FAKE_GREETING=three >two.config
make linux >"$tmp/output" 2>&1
is 'what it loses is named' "$?-$(says '^two.config:1: CONFIG_FAKE_GREETING=three: it must be a text')" 2-1
for name in nowhere "a'b" 'a#b'; do
	with "CONFIG_LINUX_FRAGMENTS=\"$name\""
	is "a fragment $name is refused" "$?-$(says "^Makefile.*CONFIG_LINUX_FRAGMENTS=\|CONFIG_LINUX_FRAGMENTS=")" 2-1
done

printf 'CONFIG_FAKE_GREETING="mine"\nCONFIG_GONE=y\nCONFIG_SYSTEM_TRUSTED_KEYS="keys.pem"\n' >base.config
with CONFIG_LINUX_FILE=y 'CONFIG_LINUX_FILE_NAME="base.config"'
is 'a file is the base' "$?-$(has 'CONFIG_FAKE_GREETING="mine"')-$(has 'CONFIG_SYSTEM_TRUSTED_KEYS=""')" 0-1-1
is 'what of it does not hold is in the log' "$(grep -c '^base.config:2: CONFIG_GONE is unknown' out/linux/configure.log)" 1
for suffix in gz xz zst bz2; do
	case $suffix in
	gz) packed=$(command -v gzip) ;;
	zst) packed=$(command -v zstd) ;;
	bz2) packed=$(command -v bzip2) ;;
	*) packed=$(command -v $suffix) ;;
	esac
	echo "CONFIG_FAKE_GREETING=\"$suffix\"" | "$packed" -c >base.config.$suffix
	with CONFIG_LINUX_FILE=y "CONFIG_LINUX_FILE_NAME=\"base.config.$suffix\""
	is "so is a packed one, $suffix" "$?-$(has "CONFIG_FAKE_GREETING=\"$suffix\"")" 0-1
done
for name in base.config.broken.gz LICENSE; do
	echo half >base.config.broken.gz
	with CONFIG_LINUX_FILE=y "CONFIG_LINUX_FILE_NAME=\"$name\""
	is "what is no configuration stops: $name" "$?-$(says "^linux: CONFIG_LINUX_FILE_NAME=$name .*: name ")" 2-1
done

# An option that needs a tool: whoever asks for it is told before the kernel would do without.
mkdir "$tmp/nopahole"
find /usr/local/bin /usr/bin /usr/sbin "$tmp/bin" -mindepth 1 -maxdepth 1 ! -name pahole \
	-exec ln -sf -t "$tmp/nopahole" {} +
echo CONFIG_DEBUG_INFO_BTF=y >btf.config
for how in LINUX_FILE_NAME LINUX_FRAGMENTS; do
	symbols=("CONFIG_$how=\"btf.config\"")
	[ $how = LINUX_FRAGMENTS ] || symbols+=(CONFIG_LINUX_FILE=y)
	PATH=$tmp/nopahole with "${symbols[@]}"
	is "BTF without pahole stops: $how" \
		"$?-$(says "^this machine lacks pahole (the kernel's BTF (DEBUG_INFO_BTF)); make deps .* pahole$")" 2-1
done
with 'CONFIG_LINUX_FRAGMENTS="one.config"'
cp btf.config one.config
PATH=$tmp/nopahole make linux >"$tmp/output" 2>&1
is '... also when a fragment asks for it later' "$?-$(says '^this machine lacks pahole')" 2-1
echo '# CONFIG_DEBUG_INFO_BTF is not set' >>one.config
PATH=$tmp/nopahole make linux >"$tmp/output" 2>&1
is '... and not when the last line says no' "$(says '^this machine lacks pahole')" 0

# What Debian's kernel wants of a module that is signed
mkdir -p "$source/kernel/module"
echo CONFIG_MODULE_SIG=y >one.config
with 'CONFIG_LINUX_FRAGMENTS="one.config"'
is 'signed modules need no SHA-256' "$(grep -c CRYPTO_SHA256 out/linux/wanted)" 0
echo 'int mod_is_hash_blacklisted;' >"$source/kernel/module/signing.c"
with 'CONFIG_LINUX_FRAGMENTS="one.config"'
is "... but in Debian's kernels" "$(grep -cx CONFIG_CRYPTO_SHA256=y out/linux/wanted)" 1
rm -r "$source/kernel/module"

with CONFIG_LINUX_FILE=y
is 'no file is said' "$?-$(says 'LINUX_FILE_NAME is empty')" 2-1

# Debugging: each option's fragment survives, and so do the presets.
for preset in LIGHT HEAVY; do
	ok "the preset $preset" with CONFIG_LINUX_DEBUG_$preset=y
done
is 'the heavy one is heavy' "$(has CONFIG_KASAN=y)$(has CONFIG_PROVE_LOCKING=y)$(has CONFIG_DEBUG_INFO_DWARF5=y)" 111
is 'where QEMU enters it nothing is called that KASAN checks' \
	"$(has CONFIG_CC_OPTIMIZE_FOR_PERFORMANCE=y)$(grep -c stringop-strategy=libcall out/linux/.configure)" 10
ok 'the memory is enough for it' grep -qx CONFIG_VM_MEMORY=512 out/.config
with CONFIG_LINUX_KASAN=y CONFIG_VM_MEMORY=300
is 'too little is refused' "$?-$(says 'CONFIG_VM_MEMORY=300: it must be between 512')" 2-1
with CONFIG_LINUX_DEBUG_HEAVY=y '# CONFIG_LINUX_KASAN is not set'
is 'what the preset has cannot be turned off' \
	"$?-$(says 'CONFIG_LINUX_KASAN is not set: it stays on, selected by CONFIG_LINUX_DEBUG_HEAVY')" 2-1

sed -i '/^config SLUB_TINY$/,+1d' "$source/Kconfig.asked"
ok 'KASAN where SLUB_TINY is unknown, as in 6.1' with CONFIG_LINUX_KASAN=y

# What somebody else writes into the kernel's .config, as `make linux ARGS=menuconfig` does
with
sed -i 's/.*CONFIG_FAKE_LOUD.*/CONFIG_FAKE_LOUD=y/' out/linux/build/.config
make linux >"$tmp/output" 2>&1
is 'a line of somebody else is not lost' "$?-$(has CONFIG_FAKE_LOUD=y)" 2-1
is 'and named' "$(says 'linux/build/.config: CONFIG_FAKE_LOUD=y does not come from the menu')-$(says 'make linux-savedefconfig keeps that in out/linux.config')" 1-1
make linux-savedefconfig >"$tmp/output" 2>&1
is 'linux-savedefconfig keeps it' "$?-$(cat out/linux.config)" 0-CONFIG_FAKE_LOUD=y
make linux >"$tmp/output" 2>&1
is 'and the next make has it' "$?-$(has CONFIG_FAKE_LOUD=y)" 0-1
echo CONFIG_FAKE_LOAD=y >>out/linux/build/.config
make linux-savedefconfig >"$tmp/output" 2>&1
is 'one that nobody knows is not kept' "$?-$(says 'build/.config:.*: CONFIG_FAKE_LOAD is unknown; there is CONFIG_FAKE_LOUD')" 2-1
rm out/linux/build/.config
make linux >"$tmp/output" 2>&1
is 'it is gone with the file' "$?-$(has CONFIG_FAKE_LOUD=y)$(has CONFIG_FAKE_LOAD=y)" 0-10
sed -i 's/\(CONFIG_CC_VERSION_TEXT=\).*/\1"newer"/' out/linux/build/.config
make linux >"$tmp/output" 2>&1
is 'what only Kbuild can write there is not asked for' "$?-$(has 'CONFIG_CC_VERSION_TEXT="newer"')" 0-0
rm out/linux.config

# Patches
mkdir patches
cp "$source/lib/greet.c" "$tmp/greet.c"
sed 's/$/ \/* patched *\//' "$tmp/greet.c" | diff -u --label a/lib/greet.c --label b/lib/greet.c "$tmp/greet.c" - >patches/one.patch
echo one.patch >patches/series
ok 'a kernel with a patch' with 'CONFIG_LINUX_PATCHES="patches"'
ok 'is patched' grep -q patched out/linux/src/lib/greet.c
ok 'the source is not' cmp "$source/lib/greet.c" "$tmp/greet.c"
make linux >"$tmp/output" 2>&1
is 'then nothing is to be done' "$(says 'Nothing to be done')" 1
: >patches/series
make linux >"$tmp/output" 2>&1
is 'a changed series is applied' "$(says 'linux  *patch')-$(grep -c patched out/linux/src/lib/greet.c)" 1-0
echo one.patch >patches/series
sed -i '/^ /s/^ /  /' patches/one.patch
sed -i '/^-/!b; /^---/b; s/^-/-x/' patches/one.patch
make linux >"$tmp/output" 2>&1
is 'a hunk that fails is named' "$?-$(says '^patches/one.patch: Hunk #1 FAILED at .* in lib/greet.c')" 2-1
with 'CONFIG_LINUX_PATCHES="nowhere"'
is 'no series is said' "$?-$(says 'there is no nowhere')" 2-1
make -s defconfig >"$tmp/output"
echo 'CONFIG_LINUX_PATCHES="patches"' >>out/.config
make linux LINUX_DIR="$source" >"$tmp/output" 2>&1
is 'a tree of the user is not patched' "$?-$(says 'patch it yourself')" 2-1

# Old ones: 5.10 has no tiny-base.config.
cp -r "$source" "$tmp/old"
rm "$tmp/old/kernel/configs/tiny-base.config"
make -s defconfig >"$tmp/output"
make linux LINUX_DIR="$tmp/old" >"$tmp/output" 2>&1
is 'a tree without what 5.10 has not yet' "$?-$(has CONFIG_SMP=y)" 0-1
sed -i 's/^VERSION := .*/VERSION := 5.9.16/' "$tmp/old/Makefile"
echo '/* another front end */' >>"$tmp/old/scripts/kconfig/lkc.h"
make linux LINUX_DIR="$tmp/old" >"$tmp/output" 2>&1
is 'an older one is refused' "$?-$(says "^linux: $tmp/old is Linux 5.9.16, but 5.10 is the oldest")" 2-1
echo 'CONFIG_LINUX_PACKAGE_NAME="linux-source-4.19"' >package.config
printf '%s\n' CONFIG_LINUX_RELEASE=y 'CONFIG_LINUX_RELEASE_VERSION="5.9.16"' >release.config
for name in package release; do
	make -s defconfig FRAGMENTS=$name.config >"$tmp/output" 2>&1
	(unset LINUX_DIR; make -n linux DL="$tmp/dl") >"$tmp/output" 2>&1
	is "... before it is fetched: a $name" "$?-$(says 'too old: 5.10 is the oldest')" 2-1
done

finish
