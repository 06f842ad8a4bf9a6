# SPDX-License-Identifier: GPL-2.0-only
#
# host - our programs that run on this machine, in $(O)/host/NAME, and what the
# machine must have; plain rules, for the engine runs on the first of them

host_flags := -std=gnu11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Wshadow -Isrc/lib
host_lib := $(wildcard src/lib/*.[ch])

# Every program depends on every file that it may include.
$(O)/host/step: $(wildcard src/step/*.[ch])
$(O)/host/newer: $(wildcard src/newer/*.[ch]) | $(O)/host/step
$(O)/host/vm: $(wildcard src/vm/*.[ch]) $(host_lib) | $(O)/host/step

$(O)/host/step:
	@recipes/host/deps stop $(O) $(DL)
	$(if $(call flag,s),,echo '  host       step')
	mkdir -p $(@D)
	cc $(host_flags) -o $@.new $(filter %.c,$^)
	mv $@.new $@

$(O)/host/vm: host_libs := -ljansson -lxxhash
$(O)/host/newer $(O)/host/vm:
	@$(call step,host,$(@F),$(@D)/.$(@F),cc $(host_flags) -o $@.new $(filter %.c,$^) $(host_libs) && mv $@.new $@)

.PHONY: deps doctor

## deps: Install what this machine lacks; nothing else needs root
deps:
	@recipes/host/deps install $(O) $(DL)

## doctor: Say what this machine can do and what it lacks, with the fix; as JSON with ARGS=--json
doctor:
	@recipes/host/deps $(if $(filter --json,$(ARGS)),json,doctor) $(O) $(DL)
