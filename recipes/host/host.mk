# SPDX-License-Identifier: GPL-2.0-only
#
# host - the lab's programs that run on this machine, $(O)/host/NAME, and the check of its
# tools.  Plain rules, because the engine itself runs the first of these programs.

host_flags := -std=gnu11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Wshadow -Isrc

# The path behind cc: the link /usr/bin/cc may be changed to another compiler.
host_cc := $(realpath $(firstword $(wildcard $(addsuffix /cc,$(subst :, ,$(PATH))))))

# The objects of sources $(2), in the folder $(1).
objects = $(patsubst src/%.c,$(1)/%.o,$(2))

# Rules for the objects $(2) in the folder $(1), with flags $(3).  The .d file of an object
# lists the headers it read; a change of flags or compiler compiles all objects again.
# Objects are first written to a folder "new", because a killed compiler leaves half a file.
define compile
$(1)/flags: $(call unlike,$(1)/flags,$(host_cc) $(3))
	@recipes/host/deps stop $(O) $(DL)
	mkdir -p $(1)
	echo '$(host_cc) $(3)' >$$@
$(2): $(1)/%.o: src/%.c $(1)/flags
	@$$(if $$(filter 1,$$(V)),set -x)
	[ -d $$(@D)/new ] || mkdir -p $$(@D)/new
	cc $(3) -MMD -MP -MT '$$$$(O)/$$(@:$(O)/%=%)' -c -o $$(@D)/new/$$(@F) $$< ||
		{ echo 'failed: cc $(3) -c $$<' >&2; exit 1; }
	mv $$(@D)/new/$$(*F).d $$(@D)/new/$$(@F) $$(@D)
-include $(wildcard $(2:.o=.d))
endef

# A rule for the file $(1)/$(2), made of the files $(3) by the text $(4).  Another text makes
# it again: nothing is newer when a source is gone.
define host_file
$(1)/$(2): $(3) $(call unlike,$(1)/.$(2),$(4)) | $(O)/host/step
	@$$(call step,$(notdir $(1)),$(2),$(1)/.$(2),$(4))
endef
link = cc $(4) -o $(1)/$(2).new $(3) $(5) && mv $(1)/$(2).new $(1)/$(2)
program = $(call host_file,$(1),$(2),$(3),$(call link,$(1),$(2),$(3),$(4),$(5)))

host_obj := $(O)/host/obj
host_step := $(call objects,$(host_obj),$(wildcard src/step/*.c) \
	$(patsubst %,src/lib/%.c,argv fd file str why xmalloc))
host_newer := $(call objects,$(host_obj),$(wildcard src/newer/*.c))
host_farm := $(call objects,$(host_obj),src/farm/main.c src/lib/xmalloc.c)
host_results := $(call objects,$(host_obj),$(wildcard src/results/*.c) \
	$(patsubst %,src/lib/%.c,fd file str xmalloc))
host_vm := $(call objects,$(host_obj),$(wildcard src/vm/*.c src/vm/*/*.c src/lib/*.c))

$(eval $(call compile,$(host_obj),$(sort \
	$(host_step) $(host_newer) $(host_farm) $(host_results) $(host_vm)),$(host_flags)))
$(eval $(call program,$(O)/host,newer,$(host_newer)))
$(eval $(call program,$(O)/host,farm,$(host_farm)))
$(eval $(call program,$(O)/host,results,$(host_results),,-ljansson -lxxhash))
$(eval $(call program,$(O)/host,vm,$(host_vm),,-ljansson -lxxhash))

# It makes the others, and nothing is made again because it is newer.  Makefiles come of
# it, and these are made under -n, too, which takes it as it is.
$(O)/host/step: $(if $(dry),,$(host_step))
	@$(if $(call flag,s),,echo '  host       step')
	cc -o $@.new $(host_step)
	mv $@.new $@

.PHONY: deps doctor

## deps: Install the packages that this machine lacks; nothing else needs root
deps:
	@recipes/host/deps install $(O) $(DL)

## doctor: Report what this machine supports and what it lacks, with the remedy
doctor:
	@recipes/host/deps $(if $(filter --json 1,$(ARGS) $(JSON)),json,doctor) $(O) $(DL)
