# SPDX-License-Identifier: GPL-2.0-only
#
# clean, distclean and help.  Only what make created is removed, by name: O may be a folder with
# other files.

.PHONY: help clean distclean $(recipes:%=%-clean)

# Files of a Debian root may belong to other users.
remove_all = rm -rf $(1) 2>/dev/null || recipes/debian/as-root rm -rf $(1)

# Otherwise spare machines would wait for some time.
end_spares = [ ! -x $(O)/host/vm ] || $(O)/host/vm -O $(O) drop || :

$(recipes:%=%-clean): %-clean:
	@$(if $(filter vm host,$*),$(end_spares))
	@$(call remove_all,$(O)/$*)

cleaned = $(recipes:%=$(O)/%) $(wildcard $(addprefix $(O)/,compile_commands.json tags cscope.*)) \
	$(addprefix $(O)/,boot-chart run ssh)

## clean: Remove what was built, keep the configuration; RECIPE-clean: one recipe's files only
clean:
	@$(end_spares)
	@$(call remove_all,$(cleaned))

## distclean: Remove everything: configuration, builds, and downloads in $(O)
distclean:
	@$(end_spares)
	@$(call remove_all,$(cleaned) $(recipes:%=$(O)/%.config) \
		$(addprefix $(O)/,host include dl results .config .config.old .noted \
		defconfig .lock))
	src/commands/room/note forget $(abspath $(O) $(DL))
	rmdir $(O) 2>/dev/null || true

help = KILN_EXTERNAL=$(call quote,$(external)) src/engine/help

## help: List what can be made; help-NAME: more about one recipe (docs: the manual, in $(O)/docs)
help:
	@$(help) $(O)
help-%:
	@$(help) $(O) $* $(foreach s,$($*_steps),$(s)= $($*_$(s)_out))
