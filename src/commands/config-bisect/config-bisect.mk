# SPDX-License-Identifier: GPL-2.0-only
#
# config-bisect - finds which option of the kernel's breaks CMD='...', in $(O)/config-bisect

$(call recipe,config-bisect,)

## GOOD=: A kernel's configuration, or a lab that has one, with which the command succeeds
## BAD=: The same, with which it fails
