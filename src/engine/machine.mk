# SPDX-License-Identifier: GPL-2.0-only
#
# Goals that run a machine or talk to a running one.  They take no lock and, once what they need
# is built, read no configuration.  Several of them run in the given order: `make start exec stop`.

# The user's words are passed to the program in the environment, not through make and the shell.
$(foreach v,$(program_vars),$(eval $$(machine_goals): export KILN_$(v) := $$(value $(v))))
$(machine_goals): export KILN_JSON := $(filter 1,$(value JSON))
$(machine_goals): export KILN_LINUX_DIR := $(LINUX_DIR)
$(machine_goals): export KILN_DL := $(abspath $(DL))

.PHONY: $(machine_goals)
follow = $(eval $(1): $(before_machine))$(eval before_machine := $(1))
$(foreach g,$(filter $(machine_goals),$(goals)),$(call follow,$(g)))

# Run the lab's program vm with the command $(1).
machine = @src/engine/machine $@ $(O) $(machine_options) $(1)
machine_options = $(if $(filter 1,$(V)),-v) $(if $(filter 1,$(GDB)),-g)
guest_command = -- $(if $(value CMD),/bin/sh -c "$$KILN_CMD")

## run: Boot a machine on this terminal, Ctrl-A X quits; GDB=1 waits for make gdb (also for start)
## run CMD='...': Run the command in a fresh machine; TIMEOUT=SECONDS; FRESH=boot: not from a state
## run CMD='...' COUNT=100: Count how often it passes; UNTIL=fail: stop then; AGAINST=: compare
run: ; $(if $(COUNT),@src/commands/count/count $(O) $(jobs) run "$$KILN_CMD",$(call \
	machine,run $(guest_command)))

# The number of parallel machines: JOBS=, or make's -j; otherwise the programs decide.
jobs = $(call quote,$(or $(JOBS),$(filter-out $(processors),$(patsubst -j%,%,$(filter \
	-j%,$(MAKEFLAGS)))),auto))

## state: Boot a machine and save it, so that later commands need not boot
state: ; $(call machine,state)

## start: Boot a machine and leave it running
start: ; $(call machine,start)

## exec CMD='...': Run the command in the running machine; without CMD: a shell
exec: ; $(call machine,exec $(guest_command))

## put FILE=path: Copy a file or folder into it, to /root or TO=path (get: from it to the host)
put: ; $(call machine,put -- "$$KILN_FILE" $${KILN_TO:+"$$KILN_TO"})

get: ; $(call machine,get -- "$$KILN_FILE" $${KILN_TO:+"$$KILN_TO"})

## reload M=NAME: Build a module, replace the loaded one, PARAMS='who=you'; B=: an eBPF program
reload: ; $(if $(B),@src/commands/reload/program $(O) $(B),$(call \
	machine,reload -- $(M) "$$KILN_PARAMS"))

## watch M=NAME: Reload it whenever a source is saved; WATCH=test: run its test instead
watch: ; @+src/commands/watch/watch $(O) $(M) $(or $(WATCH),reload) $(MAKE)

## test: Run modules' tests in fresh machines; M=, B=; JUNIT=FILE (also coverage, kunit, kselftest)
test: ; @src/commands/test/test $(O) $(jobs) $(M)$(B)
# Also lists the changed lines that did not run, with BASE= or without.
coverage: ; @src/commands/coverage/coverage $(O) $(jobs) $(M)$(B)

# The kernel's own tests; make help-kunit and help-kselftest list their variables.
kunit: ; @src/commands/kunit/kunit $(O) $(jobs)

kselftest: ; @src/commands/kselftest/kselftest $(O) $(jobs)

## bisect GOOD= BAD=: Find the commit in LINUX_DIR that breaks CMD='...' (config-bisect: the option)
bisect config-bisect:
	@src/commands/$@/$@ $(abspath $(O)) $(abspath $(DL)) \
		$(call quote,$(LINUX_DIR)) $(call quote,$(GOOD)) $(call quote,$(BAD))
min-config:
	@src/commands/$@/$@ $(abspath $(O)) $(abspath $(DL)) $(call quote,$(LINUX_DIR))

## series BASE=: Build and test each commit of LINUX_DIR from BASE to HEAD=; CMD='...', M=NAME
series:
	@src/commands/series/series $(abspath $(O)) $(abspath $(DL)) $(call quote,$(LINUX_DIR)) \
		$(call quote,$(BASE)) $(call quote,$(HEAD)) $(M)

## report: Write all results to one HTML page; FORMAT=junit or kcidb (JSON=1: output of most goals)
report: ; @src/commands/report/report $(O) $(call quote,$(FORMAT))

## ssh: Log in to it by ssh, without a network; CMD='...'; scp and rsync: -F $(O)/ssh/config
ssh: ; @src/commands/ssh/ssh $(O)

## shell: Open a shell for make in a module's folder: KDIR is this kernel, PATH has its tools
shell: ; @src/commands/shell/shell $(abspath $(O) $(DL))

## console: Connect to its console; Ctrl-A X quits
console: ; $(call machine,console)

## gdb: Debug it with gdb, GDBARGS='...', or a dump, CORE=FILE (drgn: with drgn, CMD=, SCRIPT=)
gdb: ; @src/commands/gdb/gdb $(O) "$$KILN_CORE"

drgn: ; @src/commands/drgn/drgn $(O) $(abspath $(DL)) "$$KILN_CORE"

## dump: Write its memory to $(O)/vm/last/vmcore, or TO=file (screenshot: its screen, .png or .ppm)
dump: ; $(call machine,dump -- $${KILN_TO:+"$$KILN_TO"})

## monitor CMD='...': Send a command to QEMU's monitor, such as balloon 64
monitor: ; $(call machine,monitor -- "$$KILN_CMD")

screenshot: ; $(call machine,screenshot $${KILN_TO:+-- "$$KILN_TO"})

## trace CMD='...': Print the kernel functions it calls, or EVENTS='...' (perf: a flame graph of it)
trace: ; $(call machine,exec -- /bin/sh -c "$(trace)" trace "$$KILN_EVENTS" "$$KILN_CMD")
trace = $$(cat src/commands/trace/trace)

# Draws $(O)/perf/perf.svg.
perf: ; @src/commands/perf/perf $(O)

## boot-chart: Boot, print milestones and slow initcalls, draw $(O)/boot-chart/boot-chart.svg
boot-chart: ; @src/commands/boot-chart/boot-chart $(O)

## status: Show what runs, or how the last run ended (stop: end the running machine)
status: ; $(call machine,status)

stop: ; $(call machine,stop)
