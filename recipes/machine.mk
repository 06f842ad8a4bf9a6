# SPDX-License-Identifier: GPL-2.0-only
#
# Goals that run a machine or talk to the one that runs.  They take no lock and,
# once what they need is built, read no configuration.  Several of them are made
# in the order they were given: `make start exec stop`.

# What the user typed goes to the program as it is, past make and the shell.
$(machine_goals): export KILN_CMD := $(value CMD)
$(machine_goals): export KILN_FILE := $(value FILE)
$(machine_goals): export KILN_TO := $(value TO)
$(machine_goals): export KILN_FRESH := $(value FRESH)
$(machine_goals): export KILN_TIMEOUT := $(value TIMEOUT)
$(machine_goals): export KILN_EVENTS := $(value EVENTS)
$(machine_goals): export KILN_GDBARGS := $(value GDBARGS)
$(machine_goals): export KILN_CORE := $(value CORE)
$(machine_goals): export KILN_PARAMS := $(value PARAMS)
$(machine_goals): export KILN_JUNIT := $(value JUNIT)

.PHONY: $(machine_goals)
$(foreach g,$(filter $(machine_goals),$(goals)),$(eval $(g): $(before_machine))$(eval before_machine := $(g)))

# make itself can only end with 2, so the true status is told.
define machine
	@status=0
	if [ ! -x $(O)/host/vm ]; then
		echo 'nothing is built in $(O) yet; run make first' >&2
		exit 1
	fi
	$(O)/host/vm -O $(O) $(if $(filter 1,$(V)),-v) $(if $(filter 1,$(GDB)),-g) $${KILN_TIMEOUT:+-t "$$KILN_TIMEOUT"} $${KILN_FRESH:+-f "$$KILN_FRESH"} $(1) || status=$$?
	if [ $$status != 0 ]; then
		echo "make $@: status $$status" >&2
		exit $$status
	fi
endef
guest_command = -- $(if $(value CMD),/bin/sh -c "$$KILN_CMD")

## run: Boot the machine; its console is the terminal, Ctrl-A X leaves
## run CMD='...': Run the command in a fresh machine, leave; TIMEOUT=s limits that, FRESH=boot boots it
## run GDB=1: Wait for make gdb before the first instruction; start, too
run: ; $(call machine,run $(guest_command))

## state: Save a machine now, which later commands need not boot
state: ; $(call machine,state)

## start: Boot the machine and leave it running
start: ; $(call machine,start)

## exec CMD='...': Run the command in the machine that runs; alone: a shell
exec: ; $(call machine,exec $(guest_command))

## put FILE=path: Copy a file into it, to /root, or with TO=path there
put: ; $(call machine,put -- "$$KILN_FILE" $${KILN_TO:+"$$KILN_TO"})

## get FILE=path: Copy a file out of it, to here, or with TO=path there
get: ; $(call machine,get -- "$$KILN_FILE" $${KILN_TO:+"$$KILN_TO"})

## reload M=NAME: Build that module and load it in the old one's place; with PARAMS='who=you'
reload: ; $(call machine,reload -- $(M) "$$KILN_PARAMS")

## watch M=NAME: Do so whenever one of its sources is saved; with WATCH=test run its test
watch: ; @+recipes/modules/watch $(O) $(M) $(or $(WATCH),reload) $(MAKE)

## test: Run the modules' tests, kmod/NAME/NAME.t, in fresh machines; one with M=NAME; JUNIT=FILE
test: ; @recipes/test/test $(O) $(or $(patsubst -j%,%,$(filter -j%,$(MAKEFLAGS))),$(processors),1) $(M)

## bisect GOOD= BAD=: Find the commit of LINUX_DIR, a git tree, that breaks CMD='...' in the machine
bisect: ; @recipes/bisect/bisect $(abspath $(O)) $(abspath $(DL)) $(call quote,$(LINUX_DIR)) $(call quote,$(GOOD)) $(call quote,$(BAD))

## ssh: Log in to it by ssh, without a port; CMD='...'; $(O)/ssh/config is for scp and rsync
ssh: ; @recipes/ssh/ssh $(O)

## console: See its console and type at it; Ctrl-A X leaves
console: ; $(call machine,console)

## gdb: Look into it with gdb, GDBARGS='...'; or into a dump of its memory, CORE=FILE
gdb: ; @recipes/gdb/gdb $(O) "$$KILN_CORE"

## dump: Write its memory to $(O)/vm/last/vmcore, or with TO=file there, for gdb and crash
dump: ; $(call machine,dump -- $${KILN_TO:+"$$KILN_TO"})

## monitor CMD='...': Have QEMU's monitor do this in the machine that runs, as balloon 64
monitor: ; $(call machine,monitor -- "$$KILN_CMD")

## screenshot: Write its screen to screenshot.png, or with TO=path there (.png or .ppm)
screenshot: ; $(call machine,screenshot $${KILN_TO:+-- "$$KILN_TO"})

## trace CMD='...': Print the kernel's functions that a command calls, or EVENTS='...' meanwhile
trace: ; $(call machine,exec -- /bin/sh -c "$$(cat recipes/trace/trace)" trace "$$KILN_EVENTS" "$$KILN_CMD")

## boot-chart: Boot, print milestones and the ten slowest initcalls, draw all in $(O)/boot-chart/boot-chart.svg
boot-chart: ; @recipes/boot-chart/boot-chart $(O)

## status: Tell what runs, or how the last run ended
status: ; $(call machine,status)

## stop: End it
stop: ; $(call machine,stop)
