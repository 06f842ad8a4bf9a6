# SPDX-License-Identifier: GPL-2.0-only
#
# letter - a report about the lamps: $(O)/letter/letter

letter_steps := write
letter_write_in := $(letter_folder)/write $(call config,LAMPS_COLOUR) $(shell_lib)
letter_write_out := $(O)/letter/letter
## letter: Write a report about the lamps
define letter_write
	$(letter_folder)/write $(auto_conf) >$(O)/letter/letter
endef

$(call recipe,letter,y)
