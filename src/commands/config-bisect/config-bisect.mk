# SPDX-License-Identifier: GPL-2.0-only
#
# config-bisect - finds the kernel option that breaks CMD='...'; works in $(O)/config-bisect

$(call recipe,config-bisect,)

## GOOD=: A kernel configuration, or a lab, with which the command succeeds
## BAD=: A kernel configuration, or a lab, with which it fails
