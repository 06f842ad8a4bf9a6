#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The lists of commands in the README and the manual are typed, line by line, on fake
# sources and with a machine that takes any command.  What asks for another lab, for a
# terminal or for root is planned (-n): a test of its own does it.
#
# Needs: lab labs

# shellcheck disable=SC2016 # the stand-ins'
set -uo pipefail
# shellcheck source=src/test/lib/tap.sh
. src/test/lib/tap.sh
# shellcheck source=src/test/lib/page.sh
. src/test/lib/page.sh
# shellcheck source=src/test/lib/lab.sh
. src/test/lib/lab.sh
# shellcheck source=src/test/lib/commits.sh
. src/test/lib/commits.sh

commit v6.11 "$(state good)"
commit v6.12 "$(state good)"

# A make that plans what cannot be here, in a lab that has the options for it.
cat >"$tmp/play/make" <<END
#!/bin/bash
for word; do
	[[ \$word == O=/elsewhere ]] || words+=("\$word")
done
case " \$* " in
*coverage*|*kunit*|*kselftest*|*' perf'*|*' B='*) words+=(O=$tmp/wide) ;;&
*EXTERNAL=*' defconfig'*) ;;
*EXTERNAL=*) words=("\$1" olddefconfig) ;;
# Looks on and on, even when it is to plan.
*watch*) exit 0 ;;
# By programs of the kernel's source
*editor*|*compile_commands*|*tags*) exit 0 ;;
*defconfig*|*menuconfig*|*nconfig*|*' deps'*|*' check'*|*gdb*|*drgn*|*' dump'*|*' ssh'*|*trace*|*boot-chart*|\
*' perf'*|*coverage*|*kunit*|*kselftest*|*ebpf*|*' B='*|*rust*|*deb*|*-pkg*|*repro*|*screenshot*|*shell*|*' series'*|\
*bisect*|*ARGS=*|*monitor*|*' console'*|*min-config*) words=(-n "\${words[@]}") ;;
esac
exec $(command -v make) "\${words[@]}"
END
printf '#!/bin/sh\n' >"$tmp/play/crash"
chmod +x "$tmp/play"/*

# What a test prints
sed -i '1a echo 1..1; echo ok 1 - it' "$tmp/machine"

# A home with a kernel, a module and projects in it, and the labs that kiln makes of them
export HOME=$tmp/home XDG_DATA_HOME=$tmp/data XDG_CACHE_HOME=$tmp/cache
PATH=$HOME/.local/bin:$PATH
mkdir -p "$HOME/src/mydriver"
ln -s "$tree" "$HOME/linux"
cp -r docs/external "$HOME/lamps"
mkdir -p "$HOME/bells/kmod"
echo 'obj-m := mine.o' >"$HOME/src/mydriver/Kbuild"
echo 'int fake_mine;' >"$HOME/src/mydriver/mine.c"
touch a.config b.config
for folder in linux src/mydriver; do
	other=$(cd "$HOME/$folder" && "$lab/src/commands/kiln/kiln" lab | sed -n 's/.*, built in //p')
	mkdir -p "$other" && cp -a out/host "$other/"
done
git init -q
git add -A
git -c user.name=x -c user.email=x@localhost commit -qm lab >"$tmp/output"
ok 'a lab is built' make
# One that is only planned
mkdir "$tmp/wide"
cp -a out/host "$tmp/wide/"
printf 'CONFIG_%s=y\n' LINUX_GCOV LINUX_KUNIT LINUX_KSELFTEST LINUX_PERF LINUX_BPF >"$tmp/options"
ok 'another one is configured' make O="$tmp/wide" defconfig FRAGMENTS="$tmp/options"
while read -r where pattern; do
	# shellcheck disable=SC2086 # none, or one
	play "$where" ${pattern:+"$pattern"}
done <<'END'
README.md# make deps
README.md# make menuconfig
README.md#a-kernel-tree-of-your-own
README.md#a-module-of-your-own make modules
README.md#tests
README.md#commands-in-the-machine
README.md#debugging
README.md#roots-devices-packages
docs/modules.md#
docs/kernel.md#
docs/kernel.md#the-configuration
docs/kernel.md#packages
docs/external.md#
docs/team.md#
docs/team.md#hosts-that-compile make menuconfig
docs/machine.md#
docs/machine.md#devices
docs/machine.md#kernels-built-elsewhere
docs/tests.md#
docs/debugging.md#
docs/debugging.md#with-an-editor
docs/results.md#
docs/series.md# make series
docs/coverage.md# make menuconfig
docs/drgn.md#
docs/perf.md# make perf
docs/perf.md#in-other-kernels-and-roots
docs/kunit.md# make menuconfig
docs/kselftest.md# make menuconfig
docs/processors.md#
docs/contributing.md#build-and-check
docs/ebpf.md#
docs/ebpf.md#other-tools
END

# A kernel that is a submodule of a project, beside kiln
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=protocol.file.allow GIT_CONFIG_VALUE_0=always LINUX=$tree
printf '%s\n' '#!/bin/bash' 'for word; do' '	[[ $word == *_defconfig ]] || words+=("$word")' 'done' \
	"exec $(command -v make) \"\${words[@]}\"" >"$tmp/play/make"
mkdir "$tmp/project"
ln -s "$lab" "$tmp/project/kiln"
(cd "$tmp/project" && git init -q)
cd "$tmp/project" || exit 1
play docs/ancestry.md#the-kernel-in-your-repository
ok '... that kernel was built' grep -q "$tmp/project/linux" kiln/out/linux/.configure
is '... and is as it was' "$(git -C linux status --short)" ''
finish
