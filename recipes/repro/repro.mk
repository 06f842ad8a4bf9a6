# SPDX-License-Identifier: GPL-2.0-only
#
# repro - shows that this lab's bits do not depend on where and when it is built

$(call recipe,repro,)

# Packages, too, where they are asked for.
repro_goals := all $(if $(filter check-full,$(goals)),bindeb-pkg targz-pkg,$(filter bindeb-pkg targz-pkg,$(goals)))

## repro: Build this lab once more, elsewhere, and compare every bit; packages with bindeb-pkg, targz-pkg
repro: $(repro_goals)
	@$(plus)recipes/repro/repro $(O) $(abspath $(DL)) $(if $(LINUX_DIR),LINUX_DIR=$(linux_src)) \
		$(if $(BUSYBOX_DIR),BUSYBOX_DIR=$(busybox_src)) $(repro_goals)
