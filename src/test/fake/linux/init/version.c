// SPDX-License-Identifier: GPL-2.0-only
#include <generated/utsrelease.h>

const char *fake_banner = "Fake Linux " UTS_RELEASE " " BUILD;
