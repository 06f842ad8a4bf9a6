# SPDX-License-Identifier: GPL-2.0-only
#
# kiln - the command that runs goals for the kernel tree or module in the current folder

kiln_prefix := $(patsubst ~/%,$(HOME)/%,$(or $(PREFIX),~/.local))

.PHONY: install

## install: Install the command kiln, for your own trees, as a link in PREFIX=~/.local
install:
	@src/commands/kiln/install $(call quote,$(kiln_prefix))
