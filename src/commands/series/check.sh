# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
#
# The checks of series, by $KILN_CHECKS.  Comes after its own functions; $work is where it builds.

read -ra checks <<<"${KILN_CHECKS-}"

# of_units - does one of the checks compile?
of_units()
{
	[[ " ${checks[*]} " == *' sparse '* || " ${checks[*]} " == *' W=1 '* ]]
}

# prepare_checks - copies the tools of BASE to $dir/tools
prepare_checks()
{
	local check file

	for check in "${checks[@]}"; do
		[[ $check =~ ^(checkpatch|sparse|W=1)$ ]] || die "CHECKS=$check: there are checkpatch, sparse and W=1"
		[ "$check" != sparse ] || command -v sparse >/dev/null ||
			die 'there is no sparse: make deps installs it (package sparse)'
	done
	[[ " ${checks[*]} " == *' checkpatch '* ]] || return 0
	git_here cat-file -e "$base:scripts/checkpatch.pl" 2>/dev/null ||
		die "CHECKS=checkpatch: there is no scripts/checkpatch.pl in $base_name"
	rm -rf "$dir/tools"
	mkdir -p "$dir/tools/scripts"
	for file in .checkpatch.conf scripts/{checkpatch.pl,spelling.txt,const_structs.checkpatch}; do
		git_here show "$base:$file" >"$dir/tools/$file" 2>/dev/null || rm "$dir/tools/$file"
	done
}

# run_checks WORD... - runs the script `checks'
run_checks()
{
	if [ -n "$from" ]; then
		src/commands/series/apart checks "$dir" "$dl" "$linux" "$@"
	else
		src/commands/series/checks "$@"
	fi
}

# check_units PARENT COMMIT - prints the current messages about files that differ between these
check_units()
{
	local files units words=()

	of_units || return 0
	[[ " ${checks[*]} " != *' sparse '* ]] || words+=(C=2)
	[[ " ${checks[*]} " != *' W=1 '* ]] || words+=(W=1)
	mapfile -t files < <(git_here -c core.quotePath=off diff --name-only "$1" "$2")
	mapfile -t units < <(run_checks units "$work" "$linux" "${files[@]}")
	[ ${#units[@]} = 0 ] || run_checks build "$work" "$linux" "${words[@]}" -- "${units[@]}"
}

# check_patch COMMIT - prints checkpatch's messages about it
check_patch()
{
	[[ " ${checks[*]} " != *' checkpatch '* ]] ||
		git_here format-patch -1 --stdout "$1" | run_checks patch "$dir/tools" "$linux"
}

# add_checks BEFORE AFTER - appends a line to $dir/verdict for each check with new messages, by
# comparing the messages before and after; sets cases, the arguments for the result.  Compiler
# warnings without W=1, in $dir/brought, were reported already.
add_checks()
{
	local check verdict why first count found

	LC_ALL=C comm -13 <(LC_ALL=C sort -u "$1") <(LC_ALL=C sort -u "$2") |
		grep -vFf <(cut -f 2 "$dir/brought" | sed 's/^/W=1\t/') >"$dir/found" || :
	IFS=$'\t' read -r verdict why <"$dir/verdict"
	for check in "${checks[@]}"; do
		found=$(sed -n "s/^$check\t//p" "$dir/found" | tr '\t' ' ')
		first=${found%%$'\n'*}
		count=$(grep -c . <<<"$found") || :
		[ "$count" -le 1 ] || first+=", and $((count - 1)) more"
		# In a result's argument a name ends at "=".
		check=${check/=/}
		cases+=("case:$check=$first")
		[ -n "$first" ] || continue
		printf '%s\t%s\n' "$check" "$first" >>"$dir/verdict"
		[ "$verdict" != passed ] || { verdict=warns why="$check: $first"; }
	done
	sed -i 1d "$dir/verdict"
	{
		printf '%s\t%s\n' "$verdict" "$why"
		cat "$dir/verdict"
	} >"$dir/verdict.new"
	mv "$dir/verdict.new" "$dir/verdict"
}
