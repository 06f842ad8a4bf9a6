# SPDX-License-Identifier: GPL-2.0-only
#
# The compiler's cache, ccache: this machine's, and a team's.

# ccache also finds objects of other output directories, without preprocessing.
ccache = $(if $(CONFIG_HOST_CCACHE),ccache)
export CCACHE_DIR ?= $(abspath $(DL))/ccache
export CCACHE_NOHASHDIR := 1
export CCACHE_DEPEND := 1
export CCACHE_INODECACHE := 1

# If the cache cannot be used everything is compiled without it, with the same command lines, so
# that nothing is compiled again for that.  cache_said has the last message about it.
ifneq ($(and $(ccache),$(if $(dry)$(CCACHE_DISABLE),,y)),)
# ccache needs HOME, which some users do not have.
export HOME ?= $(CCACHE_DIR)
cache_said := $(O)/host/cache-lacks
cache_lacks := $(shell src/engine/cache-lacks $(call quote,$(CCACHE_DIR)))
ifneq ($(cache_lacks),)
export CCACHE_DISABLE := 1
endif
ifneq ($(cache_lacks),$(call text_of,$(cache_said)))
$(file >$(cache_said),$(cache_lacks))
$(if $(cache_lacks),$(shell echo $(call quote,kiln: $(cache_lacks): all is compiled without a \
	cache; free it$(comma) or name another folder) >&2))
endif
endif

# A team's cache is asked once per make, and ignored if it does not answer.  Paths in objects are
# the same in each checkout whether it answers or not.
ifneq ($(and $(CONFIG_HOST_CCACHE_SHARED),$(if $(dry)$(config_edited)$(CCACHE_DISABLE),,y)),)
export CCACHE_COMPILERCHECK ?= content
export CCACHE_BASEDIR := $(or $(CCACHE_BASEDIR),$(shell src/engine/cache-remote base \
	$(abspath $(O) $(DL))))
cache_remote := $(shell src/engine/cache-remote ask $(abspath $(O)) \
	$(CONFIG_TOOLCHAIN_DEBIAN) && echo yes)
ifneq ($(lastword $(cache_remote)),yes)
$(error $(cache_remote))
endif
ifeq ($(firstword $(cache_remote)),yes)
export CCACHE_CONFIGPATH2 := $(abspath $(O))/host/ccache.conf
else
$(shell echo $(call quote,kiln: $(wordlist 2,$(words $(cache_remote)),x $(cache_remote))) >&2)
endif
endif
