#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# rust-analyzer is told of files that there are, and understands a module in Rust.
#
# Needs: lab

set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/rust.sh
. src/test/lib/rust.sh

unset MAKEFLAGS MAKELEVEL MFLAGS
make=(make -s O="$lab" DL="$DL")
"${make[@]}" -q linux modules 2>"$tmp/ignored" || skip_all "make would have to build something in $lab"
ok 'make rust-analyzer' "${make[@]}" rust-analyzer
projects=$lab/rust-analyzer
expected=$(for name in linux $(grep -q '^CONFIG_MODULES_FOLDERS=.*/rust-template"' "$lab/.config" && echo rust-template) \
	rust_hello rust_misc; do echo "$name/rust-project.json"; done | LC_ALL=C sort)
is 'the kernel and its modules in Rust are told of' \
	"$(cd "$projects" && printf '%s\n' */rust-project.json | LC_ALL=C sort)" "$expected"
is 'all files that are named are there' "$(grep -hoP '(?<!\\)"\K/[^"]*' "$projects"/*/rust-project.json |
	sort -u | while read -r file; do [ -e "$file" ] || echo "$file"; done)" ''

# Debian's, of the root that its sources of Rust are in
project=$projects/rust_hello/rust-project.json
root=$(sed -nE 's,^ *"sysroot" *: *"(.*)/usr"\,?$,\1,p' "$project")
analyze=(recipes/toolchain/enter "$root" rust-analyzer)
if [ ! -e "$root/.made" ]; then
	result 0 'it understands rust_hello # SKIP the tools of this lab are those of this machine'
	finish
elif ! "${analyze[@]}" --version >"$tmp/said" 2>&1; then
	result 0 "it understands rust_hello # SKIP there is no rust-analyzer in $root"
	finish
fi

# The kernel's own code is left out: that takes minutes.  A second module, which uses
# what there is not, shows that it would be told; and one from elsewhere comes along.
mkdir "$tmp/project"
sed '/^use/a use kernel::no_such_thing;' kmod/rust_hello/rust_hello.rs >"$tmp/project/wrong.rs"
# shellcheck disable=SC2016 # perl's
perl -MJSON::PP -0777 -e '
	my $project = decode_json(<STDIN>);
	my $crates = $project->{crates};
	my ($folder, $template) = @ARGV;

	$_->{is_workspace_member} = JSON::PP::false for @$crates[0 .. $#$crates - 1];
	push @$crates, {%{$crates->[-1]}, display_name => "wrong", root_module => "$folder/wrong.rs"};
	if (open my $other, "<", $template) {
		push @$crates, @{decode_json(<$other>)->{crates}}[-1];
	}
	print encode_json($project)' "$tmp/project" "$projects/rust-template/rust-project.json" <"$project" >"$tmp/project/rust-project.json"
timeout 600 "${analyze[@]}" diagnostics "$tmp/project" >"$tmp/said" 2>&1

# unresolved CRATE - in how many files of it rust-analyzer looked, and what it did not find
unresolved()
{
	awk -v crate="$1," '/^processing crate:/ { here = $3 == crate; files += here }
		here && /unresolved/ { told++ }
		END { printf "%d-%d\n", files, told }' "$tmp/said"
}

is 'it loads rust_hello, and finds all that this imports' "$(unresolved rust_hello)" 1-0
is '... and would have told of what it does not find' "$(unresolved wrong)" 1-1
if [ -e "$projects/rust-template" ]; then
	is 'it loads a module of another folder, and of another name than that has' "$(unresolved firefly)" 1-0
fi

finish
