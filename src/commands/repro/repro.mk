# SPDX-License-Identifier: GPL-2.0-only
#
# repro - checks that the build is reproducible: the same bits wherever and whenever it is built

$(call recipe,repro,)

# Packages, too, where they are asked for.
repro_packages := bindeb-pkg targz-pkg
repro_goals := all $(if $(filter check-full,$(goals)),$(repro_packages),$(filter \
	$(repro_packages),$(goals)))
repro_trees := $(if $(LINUX_DIR),LINUX_DIR=$(linux_from)) \
	$(if $(BUSYBOX_DIR),BUSYBOX_DIR=$(busybox_src))

## repro: Build this lab again, elsewhere, and compare the files; with bindeb-pkg its packages
repro: $(repro_goals)
	@$(plus)src/commands/repro/repro $(O) $(abspath $(DL)) $(repro_trees) $(repro_goals)
