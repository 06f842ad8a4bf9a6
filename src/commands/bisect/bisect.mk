# SPDX-License-Identifier: GPL-2.0-only
#
# bisect - finds the commit that broke a kernel: a clone of LINUX_DIR is in
# $(O)/bisect/linux, the lab that builds and runs it in $(O)/bisect/lab

$(call recipe,bisect,)
