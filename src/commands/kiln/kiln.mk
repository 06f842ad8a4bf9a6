# SPDX-License-Identifier: GPL-2.0-only
#
# kiln - the command that is make for whichever kernel tree or module one is in

kiln_prefix := $(patsubst ~/%,$(HOME)/%,$(or $(PREFIX),~/.local))

.PHONY: install

## install: Link the command kiln, for trees that lie elsewhere, into PREFIX=~/.local
install:
	@src/commands/kiln/install $(call quote,$(kiln_prefix))
