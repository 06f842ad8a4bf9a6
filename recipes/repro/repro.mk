# SPDX-License-Identifier: GPL-2.0-only
#
# repro - shows that this lab's bits do not depend on where and when it is built

$(call recipe,repro,)

## repro: Build this lab once more, elsewhere, and compare every bit
repro: all
	@$(plus)recipes/repro/repro $(O) $(abspath $(DL)) $(if $(LINUX_DIR),LINUX_DIR=$(linux_src)) \
		$(if $(BUSYBOX_DIR),BUSYBOX_DIR=$(busybox_src))
