# SPDX-License-Identifier: GPL-2.0-only
#
# min-config - looks for the smallest configuration of this kernel with which CMD='...' succeeds:
# $(O)/min-config/linux.config

$(call recipe,min-config,)
