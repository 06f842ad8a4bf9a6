// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "lib/macros.h"
#include "vm/watch/where.h"

static bool is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '.';
}

/*
 * What is on the stack between the function that is to blame and the report; with
 * a * at its end, all that begins so.  The locks' own functions would make one
 * title of all that take a lock.
 */
static const char * const checkers[] = {
	/* what prints */
	"__dump_stack", "__save_stack_trace", "__show_regs", "_printk",
	"arch_stack_walk", "dump_backtrace*", "dump_cpu_task", "dump_stack*",
	"print_report", "printk", "save_stack_trace*", "sched_show_task",
	"show_regs*", "show_stack*", "show_trace*", "stack_trace_save*",
	"unwind_*", "vprintk*", "walk_stackframe",
	/* warn and bug */
	"__report_bug", "__warn*", "bug_handler*", "bug_trap*", "fixup_bug*",
	"handle_bug", "panic", "report_bug", "vpanic", "warn_slowpath_*",
	/* traps */
	"__die*", "__und_svc*", "asm_exc_*", "brk_handler", "call_break_hook",
	"die", "die_addr", "do_debug_exception", "do_el1_*", "do_error_trap",
	"do_invalid_op", "do_trap*", "do_trap_break", "do_undefinstr", "el1_*",
	"el1h_*", "entry_SYSCALL*", "error_entry", "exc_*", "handle_BUG*",
	"handle_bp", "handle_break", "handle_exception", "invalid_op",
	"program_check_exception*", "ret_from_exception",
	/* interrupts */
	"__hrtimer_run_queues", "__irq_svc", "__sysvec_*", "__traceiter_*",
	"apic_timer_interrupt", "arch_trigger_*", "asm_common_interrupt",
	"asm_sysvec_*", "common_interrupt", "hrtimer_interrupt",
	"nmi_cpu_backtrace*", "nmi_trigger_cpumask_backtrace", "ret_from_intr",
	"smp_apic_timer_interrupt", "sysvec_*", "tick_*", "trigger_*",
	"update_process_times",
	/* locks */
	"__bfs*", "__lock_acquire*", "__lock_release*", "__lockdep_*",
	"assign_lock_key*", "check_chain_key*", "check_deadlock*",
	"check_irq_usage*", "check_noncircular*", "check_prev_add*",
	"check_prevs_add", "check_usage*", "check_wait_context*",
	"debug_check_no_locks*", "lock_acquire*", "lock_release*", "lockdep_*",
	"mark_held_locks*", "mark_lock*", "mark_usage*",
	"print_bad_irq_dependency*", "print_circular_bug*",
	"print_deadlock_bug*", "print_freed_lock_bug*",
	"print_irq_inversion_bug*", "print_kernel_ident*",
	"print_lock_contention_bug*", "print_lock_invalid_wait_context*",
	"print_unlock_imbalance_bug*", "print_usage_bug*",
	"register_lock_class", "validate_chain*",
	"__down_*", "__might_*", "__mutex_*", "__percpu_down_*", "__raw_*",
	"__rt_mutex_*", "__rtnl_lock*", "__ww_mutex_*", "_raw_*", "do_raw_*",
	"down_killable*", "down_read*", "down_trylock", "down_write*",
	"lock_sock_nested*", "mutex_lock*", "mutex_trylock*", "mutex_unlock*",
	"native_queued_*", "percpu_down_*", "percpu_up_*", "queued_spin_*",
	"raw_spin_*", "rt_mutex_*", "rt_spin_*", "rtnl_lock*", "rwlock_*",
	"rwsem_*", "spin_lock*", "spin_unlock*", "trace_hardirqs_*",
	"up_read*", "up_write*", "ww_mutex_*",
	/* RCU and the scheduler */
	"__rcu_*", "__schedule", "__srcu_*", "check_cpu_stall*",
	"enqueue_timer", "io_schedule*", "kthread*", "print_cpu_stall*",
	"print_other_cpu_stall*", "rcu_*", "ret_from_fork*", "schedule",
	"schedule_*", "srcu_*", "synchronize_rcu*", "synchronize_sched*",
	/* objects and references */
	"__debug_check_no_obj_freed", "__debug_object_*", "__fortify_*",
	"__kref_*", "__percpu_ref_*", "__refcount_*",
	"debug_check_no_obj_freed", "debug_object_*", "debug_objects_*",
	"debug_print_object", "fortify_*", "kref_*", "percpu_ref_*",
	"refcount_*",
};

/* Compilers append .isra.0, .part.0, .cold and the like. */
static bool is_checker(const char *name)
{
	size_t i, len, own = strcspn(name, ". ");

	if (!own)
		own = strlen(name);
	for (i = 0; i < ARRAY_SIZE(checkers); i++) {
		len = strcspn(checkers[i], "*");
		if (own >= len && !strncmp(name, checkers[i], len) &&
		    (checkers[i][len] || own == len))
			return true;
	}
	return false;
}

/*
 * Read the function before the first offset, fn+0x1b/0x30 [module], into ret,
 * and whether the unwinder is sure of it.  Returns false if there is none.
 */
static bool read_function(char ret[SPLAT_WHERE], bool *is_sure,
			  const struct splat_message *message)
{
	const char *start = message->text, *end = start + message->len;
	const char *offset, *name, *module, *last;

	offset = memmem(start, message->len, "+0x", 3);
	if (!offset)
		return false;
	for (name = offset; name > start && is_name(name[-1]);)
		name--;
	if (name == offset)
		return false;
	*is_sure = name - start < 2 || memcmp(name - 2, "? ", 2);

	module = memchr(offset, '[', end - offset);
	for (last = module; last && ++last < end && is_name(*last);)
		;
	if (!last || last == end || *last != ']')
		module = NULL;
	snprintf(ret, SPLAT_WHERE, "%.*s%s%.*s",
		 (int)(offset - name), name, module ? " " : "",
		 module ? (int)(last + 1 - module) : 0, module ? module : "");
	return true;
}

/* Where the processor was, as each kind of machine says it. */
static bool is_place(const struct splat_message *message)
{
	static const char * const starts[] = {
		"RIP: ", "EIP: ", "EIP is at ", "IP: ", "PC is at ", "pc : ",
		"epc : ", "epc: ", "epc   : ", "NIP [", "Krnl PSW : ", "TPC: ",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(starts); i++)
		if (splat_message_starts(message, starts[i]))
			return true;
	return false;
}

/* A frame of the trace; what interrupted a stalled processor is not its own. */
static void take_frame(struct splat_where *where, enum splat_where_kind kind,
		       const struct splat_message *message)
{
	char name[SPLAT_WHERE];
	bool is_sure;

	if (splat_message_has(message, "<IRQ>") || splat_message_has(message, "<NMI>"))
		where->in_interrupt = true;
	if (splat_message_has(message, "</IRQ>") || splat_message_has(message, "</NMI>") ||
	    splat_message_has(message, "<EOI>") || splat_message_has(message, "<EOE>") ||
	    splat_message_has(message, "<TASK>"))
		where->in_interrupt = false;
	if (where->in_interrupt && kind == SPLAT_WHERE_STALL)
		return;
	if (*message->text != ' ' && *message->text != '[' &&
	    *message->text != '\t')
		return;
	if (!read_function(name, &is_sure, message) || is_checker(name))
		return;
	if (!*where->guess)
		memcpy(where->guess, name, sizeof(name));
	if (is_sure && kind == SPLAT_WHERE_CHECK)
		memcpy(where->name, name, sizeof(name));
}

void splat_where_take(struct splat_where *where, enum splat_where_kind kind,
		      const struct splat_message *message)
{
	static const char * const traces[] = {
		"Call Trace", "Call trace", "Backtrace:", "stack backtrace:",
	};
	char name[SPLAT_WHERE];
	bool is_sure;
	size_t i;

	if (kind == SPLAT_WHERE_NONE || *where->name || !message->len)
		return;
	if (is_place(message)) {
		where->has_place = true;
		if (read_function(name, &is_sure, message) &&
		    (kind == SPLAT_WHERE_FAULT || !is_checker(name)))
			memcpy(where->name, name, sizeof(name));
		return;
	}
	if (kind == SPLAT_WHERE_FAULT)
		return;
	/* Not all processors print a heading above the trace of a trap. */
	where->in_trace |= where->has_place && splat_message_starts(message, "[<");
	if (where->in_trace)
		take_frame(where, kind, message);
	for (i = 0; i < ARRAY_SIZE(traces); i++)
		where->in_trace |= splat_message_starts(message, traces[i]);
}

const char *splat_where_name(const struct splat_where *where)
{
	return *where->name ? where->name : where->guess;
}
