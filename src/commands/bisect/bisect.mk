# SPDX-License-Identifier: GPL-2.0-only
#
# bisect - finds the commit that broke a kernel.  It works in a clone of LINUX_DIR,
# $(O)/bisect/linux, which the lab in $(O)/bisect/lab builds and runs.

$(call recipe,bisect,)
