// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "bpf/refusal.h"
#include "test/lib/tap.h"

static void shortens(const char *said, const char *expected, const char *what)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	refusal_print(out, "tool", said);
	fclose(out);
	is_text(text, expected, what);
	free(text);
}

#define BEGIN(name) \
	"libbpf: prog '" name "': -- BEGIN PROG LOAD LOG --\n"
#define END \
	"processed 6 insns (limit 1000000) max_states_per_insn 0 total_states 0\n" \
	"-- END PROG LOAD LOG --\n" \
	"libbpf: prog 'other': failed to load: -13\n"

int main(void)
{
	shortens(BEGIN("count")
		 "0: R1=ctx() R10=fp0\n"
		 "; int BPF_PROG(count) @ tool.bpf.c:10\n"
		 "0: (b7) r2 = 0                       ; R2_w=0\n"
		 "; return *value; @ tool.bpf.c:12\n"
		 "5: (61) r0 = *(u32 *)(r0 +0)         ; R0_w=map_value_or_null()\n"
		 "R0 invalid mem access 'map_value_or_null'\n" END,
		 "tool: the kernel refuses count: R0 invalid mem access 'map_value_or_null'\n"
		 "  tool.bpf.c:12: return *value;\n"
		 "  5: (61) r0 = *(u32 *)(r0 +0)\n",
		 "the place is told with file and line");
	shortens(BEGIN("loop")
		 "; for (;;)\n"
		 "1: (05) goto pc-1\n"
		 "infinite loop detected\n"
		 "cur state: R10=fp0\n" END,
		 "tool: the kernel refuses loop: infinite loop detected; cur state: R10=fp0\n"
		 "  for (;;)\n"
		 "  1: (05) goto pc-1\n",
		 "an older kernel names no file, a reason may have two lines");
	shortens(BEGIN("macro")
		 ";  @ tool.bpf.c:7\n"
		 "3: (79) r1 = *(u64 *)(r1 +32)\n"
		 "R1 invalid mem access 'scalar'\n" END,
		 "tool: the kernel refuses macro: R1 invalid mem access 'scalar'\n"
		 "  tool.bpf.c:7\n"
		 "  3: (79) r1 = *(u64 *)(r1 +32)\n",
		 "a line of the source without a text");
	shortens(BEGIN("big") "BPF program is too large\n" END,
		 "tool: the kernel refuses big: BPF program is too large\n",
		 "a log without instructions");
	shortens(BEGIN("cut") "0: (b7) r2 = 0\n; a line",
		 "tool: the kernel refuses cut\n  a line\n  0: (b7) r2 = 0\n",
		 "a log that is cut off");
	shortens("libbpf: kernel BTF is missing at '/sys/kernel/btf/vmlinux'\n"
		 "libbpf: failed to load object 'tool'\n",
		 "tool: kernel BTF is missing at '/sys/kernel/btf/vmlinux'\n",
		 "without a log the first complaint counts");
	shortens("", "tool: no reason was given\n", "nothing was said");
	return tap_done();
}
