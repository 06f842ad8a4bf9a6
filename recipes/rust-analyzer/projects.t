#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What rust-analyzer is told of names the user's own files, of modules that were compiled and
# of the kernel's; on a kernel that does nothing but tell what its own make would.

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh

out=$tmp/out
linux=$out/linux/src
edited=$tmp/tree
mine=$tmp/yours/lamps
export BUILD=$out/linux/build
mkdir -p "$BUILD/drivers/kiln/built" "$mine" "$out/modules/lamps.tree/lamps/deep" "$tmp/yours/built"
ln -s lamps.tree/lamps "$out/modules/lamps"

# crate NAME FILE
crate()
{
	printf '{"display_name": "%s", "root_module": "%s", "edition": "2021", "deps": [], "is_proc_macro": false, "cfg": []}' "$@"
}
cat >"$tmp/project.json" <<-EOF
	{"sysroot": "/usr", "crates": [$(crate core /usr/lib/rustlib/core/src/lib.rs), $(crate pin_init "$linux/rust/pin-init/lib.rs"),
	$(crate kernel "$linux/rust/kernel/lib.rs"), $(crate rust_minimal "$linux/samples/rust/rust_minimal.rs")]}
EOF
cat >"$tmp/make" <<-'EOF'
	#!/bin/sh
	cp "${0%/*}/project.json" "$BUILD/rust-project.json"
EOF
chmod +x "$tmp/make"

# compiled FOLDER NAME SOURCE - as Kbuild leaves it
compiled()
{
	touch "$1/$2.o"
	printf 'savedcmd_%s.o := rustc\n\nsource_%s.o := %s\n' "$1/$2" "$1/$2" "$3" >"$1/.$2.o.cmd"
}
compiled "$out/modules/lamps" red "$out/modules/lamps/red.rs"
compiled "$out/modules/lamps/deep" green "$out/modules/lamps/deep/green.rs"
compiled "$out/modules/lamps" plain "$out/modules/lamps/plain.c"
compiled "$BUILD/drivers/kiln/built" bell "$linux/drivers/kiln/built/bell.rs"

ok 'the projects are written' recipes/rust-analyzer/projects "$out" "$linux" "$edited" /root-of-tools \
	"$mine" "$tmp/yours/built" -- "$tmp/make"

# crates PROJECT - their names, files and what they need
crates()
{
	perl -MJSON::PP -0777 -ne 'for (@{decode_json($_)->{crates}}) {
		print "$_->{display_name} $_->{root_module} @{[map { $_->{name} } @{$_->{deps}}]}\n" }' \
		<"$out/rust-analyzer/$1/rust-project.json" | sed 's/ $//'
}

kernel="core /root-of-tools/usr/lib/rustlib/core/src/lib.rs
pin_init $edited/rust/pin-init/lib.rs
kernel $edited/rust/kernel/lib.rs"
is "the kernel's files are those of the tree, and not its links" "$(crates linux)" \
	"$kernel"$'\n'"rust_minimal $edited/samples/rust/rust_minimal.rs"
is 'a module is what was compiled, whatever its folder is called' "$(crates lamps)" "$kernel
green $mine/deep/green.rs core kernel pin_init
red $mine/red.rs core kernel pin_init"
is '... and one that is in the kernel itself' "$(crates built)" "$kernel
bell $tmp/yours/built/bell.rs core kernel pin_init"

finish
