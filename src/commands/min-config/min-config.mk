# SPDX-License-Identifier: GPL-2.0-only
#
# min-config - searches the smallest kernel configuration with which CMD='...' succeeds:
# $(O)/min-config/linux.config

$(call recipe,min-config,)
