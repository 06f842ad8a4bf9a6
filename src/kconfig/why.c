// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "lkc.h"

#include "kconfig/asked.h"
#include "kconfig/menus.h"
#include "kconfig/why.h"

/* How many symbols a sentence explains at most. */
#define SAID_MAX 8

/* If one of several options is enough, so many are named at most. */
#define TERMS_MAX 4

struct sentence {
	FILE *out;
	struct symbol *said[SAID_MAX];
	int count;
};

static bool why_say_unmet(struct sentence *s, struct expr *e, tristate need,
			  const char *start);

static const char *why_state(tristate value)
{
	static const char *const names[] = {
		[no] = "off", [mod] = "m", [yes] = "on"
	};

	return names[value];
}

static tristate why_value_of(struct symbol *sym)
{
	sym_calc_value(sym);
	return sym_get_tristate_value(sym);
}

static bool why_is_constant(const struct symbol *sym)
{
	return sym->flags & SYMBOL_CONST;
}

/* Print the terms of an OR that select at least `value`; out NULL: only count. */
static int why_say_terms(FILE *out, struct expr *e, tristate value)
{
	int said;

	if (!e || e->type == E_NONE)
		return 0;
	if (e->type == E_OR) {
		said = why_say_terms(out, e->left.expr, value);
		return said + why_say_terms(out, e->right.expr, value);
	}
	if (expr_calc_value(e) < value)
		return 0;

	/* A term is the option, or the option and the condition of select. */
	while (e->type == E_AND || e->type == E_OR)
		e = e->left.expr;
	if (e->type != E_SYMBOL || why_is_constant(e->left.sym))
		return 0;
	if (out)
		fprintf(out, " %s%s", CONFIG_, e->left.sym->name);
	return 1;
}

/* "Machine" is CONFIG_VM_Q35 */
static void why_say_answer(FILE *out, const struct menu *choice)
{
	struct menu *menu;

	fprintf(out, "\"%s\" is", choice->prompt->text);
	for (menu = choice->list; menu; menu = menu->next)
		if (menu->sym && why_value_of(menu->sym) == yes)
			fprintf(out, " %s%s", CONFIG_, menu->sym->name);
}

static void why_say_expr(FILE *out, struct expr *e, enum expr_type around);

static void why_say_name(FILE *out, const struct symbol *sym)
{
	if (!sym->name)
		fprintf(out, "\"%s\"", menus_prompt(sym)->text);
	else if (sym->type == S_UNKNOWN && !why_is_constant(sym))
		fputs(sym->name, out); /* a number, most likely */
	else if (why_is_constant(sym))
		fprintf(out, "\"%s\"", sym->name);
	else
		fprintf(out, "%s%s", CONFIG_, sym->name);
}

/*
 * Print what a constant dependency means.  Kconfig tests tools, such as the compiler,
 * when it reads the menu; only y or n is left of the test.
 */
static void why_say_constant(FILE *out, struct symbol *sym)
{
	fputs(sym_get_tristate_value(sym) == mod ? "to be a module" :
	      "what the compiler or another tool here cannot do", out);
}

static void why_say_both(FILE *out, struct expr *e, enum expr_type around,
			 const char *word)
{
	bool apart = around != E_NONE && around != e->type;

	fputs(apart ? "(" : "", out);
	why_say_expr(out, e->left.expr, e->type);
	fprintf(out, " %s ", word);
	why_say_expr(out, e->right.expr, e->type);
	fputs(apart ? ")" : "", out);
}

/* CONFIG_X and (CONFIG_Y != "" or CONFIG_Z off) */
static void why_say_expr(FILE *out, struct expr *e, enum expr_type around)
{
	static const char *const signs[] = {
		[E_EQUAL] = "=", [E_UNEQUAL] = "!=", [E_LTH] = "<",
		[E_LEQ] = "<=", [E_GTH] = ">", [E_GEQ] = ">="
	};

	switch (e->type) {
	case E_AND:
		why_say_both(out, e, around, "and");
		break;
	case E_OR:
		why_say_both(out, e, around, "or");
		break;
	case E_NOT:
		why_say_expr(out, e->left.expr, E_NOT);
		fputs(" off", out);
		break;
	case E_SYMBOL:
		if (why_is_constant(e->left.sym))
			why_say_constant(out, e->left.sym);
		else
			why_say_name(out, e->left.sym);
		break;
	default:
		why_say_name(out, e->left.sym);
		fprintf(out, " %s ", signs[e->type]);
		why_say_name(out, e->right.sym);
		break;
	}
}

/* The expression of the first default of a symbol, or NULL. */
static struct expr *why_default_of(const struct symbol *sym)
{
	const struct property *prop = sym->prop;
	struct expr *e;

	while (prop && prop->type != P_DEFAULT)
		prop = prop->next;
	if (!prop || !menus_is_tristate(sym))
		return NULL;
	e = prop->expr;
	if (e->type == E_SYMBOL && why_is_constant(e->left.sym))
		e = prop->visible.expr;
	return e;
}

/* The symbol has no prompt. */
static void why_say_not_selected(FILE *out, struct symbol *sym)
{
	int terms = why_say_terms(NULL, sym->rev_dep.expr, no);

	if (!terms && why_default_of(sym)) {
		fputs(" because it follows from ", out);
		why_say_expr(out, why_default_of(sym), E_NONE);
	} else if (!terms) {
		fputs(" and cannot be set", out);
	} else if (terms > TERMS_MAX) {
		fputs(" because nothing that is on selects it", out);
	} else {
		fputs(" because it takes", out);
		if (terms > 1)
			fputs(" one of", out);
		why_say_terms(out, sym->rev_dep.expr, no);
	}
}

/* CONFIG_X, which is off because ... */
static bool why_say_symbol(struct sentence *s, struct symbol *sym,
			   tristate need, const char *start)
{
	struct property *prompt = menus_prompt(sym);
	struct menu *choice = menus_choice(sym);
	const struct asked_line *ask = asked_of(sym);
	int i;

	for (i = 0; i < s->count; i++)
		if (s->said[i] == sym)
			return false;
	if (s->count == SAID_MAX)
		return false;
	s->said[s->count++] = sym;

	fprintf(s->out, "%s%s%s, which is %s", start, CONFIG_, sym->name,
		why_state(why_value_of(sym)));
	if (!prompt) {
		why_say_not_selected(s->out, sym);
	} else if (prompt->visible.tri < need) {
		why_say_unmet(s, prompt->visible.expr, need,
			      " because it needs ");
	} else if (choice) {
		fputs(" because ", s->out);
		why_say_answer(s->out, choice);
	} else if (ask) {
		fprintf(s->out, " because of %s:%d", ask->file, ask->line);
	}
	return true;
}

/*
 * Print all unmet parts of a dependency that this sentence has not named yet, after
 * the words `start`.  Returns whether anything was printed.
 */
static bool why_say_unmet(struct sentence *s, struct expr *e, tristate need,
			  const char *start)
{
	struct property *prompt;
	bool left = false;

	if (expr_calc_value(e) >= need)
		return false;

	switch (e->type) {
	case E_AND:
		left = why_say_unmet(s, e->left.expr, need, start);
		return why_say_unmet(s, e->right.expr, need,
				     left ? ", and " : start) ||
		       left;
	case E_SYMBOL:
		if (why_is_constant(e->left.sym)) {
			fputs(start, s->out);
			why_say_constant(s->out, e->left.sym);
			return true;
		}
		/* Until 6.9 an answer depends on its choice, without a name. */
		prompt = menus_prompt(e->left.sym);
		if (!e->left.sym->name && prompt)
			return why_say_unmet(s, prompt->visible.expr, need,
					     start);
		return why_say_symbol(s, e->left.sym, need, start);
	default:
		fputs(start, s->out);
		why_say_expr(s->out, e, E_NONE);
		return true;
	}
}

/* A bool may be y if its dependency is m. */
static tristate why_needed(struct symbol *sym, tristate value)
{
	return sym_get_type(sym) == S_TRISTATE ? value : mod;
}

static tristate why_asked_value(const struct asked_line *ask)
{
	return *ask->value == 'y' ? yes : *ask->value == 'm' ? mod : no;
}

static void why_say_needs(FILE *out, struct symbol *sym, tristate value)
{
	struct sentence s = { .out = out };

	fprintf(out, "%s%s", CONFIG_, sym->name);
	why_say_unmet(&s, menus_prompt(sym)->visible.expr, value, " needs ");
}

/* The symbol has a lower value than was asked for. */
static void why_say_less(FILE *out, const struct asked_line *ask)
{
	struct symbol *sym = ask->sym;
	tristate need = why_needed(sym, why_asked_value(ask));
	struct menu *choice = menus_choice(sym);

	if (expr_calc_value(menus_prompt(sym)->visible.expr) < need) {
		why_say_needs(out, sym, need);
		return;
	}

	fprintf(out, "%s: ", ask->text);
	if (choice)
		why_say_answer(out, choice);
	else
		fprintf(out, "it is %s", why_state(why_value_of(sym)));
}

/* The symbol has a higher value than was asked for. */
static void why_say_more(FILE *out, const struct asked_line *ask)
{
	struct symbol *sym = ask->sym;
	struct menu *choice = menus_choice(sym);

	if (choice) {
		fprintf(out,
			"%s: \"%s\" needs an answer, and no other one is visible",
			ask->text, choice->prompt->text);
	} else if (sym->rev_dep.tri > why_asked_value(ask)) {
		fprintf(out, "%s: it stays %s, selected by", ask->text,
			why_state(why_value_of(sym)));
		why_say_terms(out, sym->rev_dep.expr, mod);
	} else if (why_asked_value(ask) == mod) {
		fprintf(out, "%s: it is on because %s%s is off", ask->text,
			CONFIG_, modules_sym->name);
	} else {
		fprintf(out, "%s: it stays %s by default; to choose, ",
			ask->text, why_state(why_value_of(sym)));
		why_say_needs(out, sym, yes);
	}
}

static void why_say_limits(FILE *out, const struct property *range)
{
	fprintf(out, "between %s and %s",
		sym_get_string_value(range->expr->left.sym),
		sym_get_string_value(range->expr->right.sym));
}

static bool why_is_between(const char *value, const struct property *range)
{
	long long number = strtoll(value, NULL, 0);

	return number >= strtoll(sym_get_string_value(range->expr->left.sym), NULL, 0) &&
		number <= strtoll(sym_get_string_value(range->expr->right.sym), NULL, 0);
}

/* The first range whose condition is met counts. */
static void why_say_range(FILE *out, const struct asked_line *ask)
{
	struct property *range = sym_get_range_prop(ask->sym);
	struct property *other;
	struct sentence s;

	fprintf(out, "%s: it must be ", ask->text);
	why_say_limits(out, range);
	for (other = ask->sym->prop; other && other != range; other = other->next) {
		if (other->type != P_RANGE ||
		    !why_is_between(ask->value, other))
			continue;
		s = (struct sentence){ .out = out };
		why_say_unmet(&s, other->visible.expr, mod, "; this needs ");
	}
	for (; other; other = other->next) {
		if (other != range && other->type == P_RANGE && range->visible.expr) {
			fputs(" with ", out);
			why_say_expr(out, range->visible.expr, E_NONE);
			break;
		}
	}
}

static void why_say_lost_value(FILE *out, const struct asked_line *ask)
{
	struct symbol *sym = ask->sym;

	if (expr_calc_value(menus_prompt(sym)->visible.expr) == no)
		why_say_needs(out, sym, yes);
	else if (sym_get_range_prop(sym))
		why_say_range(out, ask);
	else
		fprintf(out, "%s: it is %s", ask->text,
			sym_get_string_value(sym));
}

static void why_say_follows(FILE *out, const struct asked_line *ask)
{
	struct symbol *sym = ask->sym;
	int terms = why_say_terms(NULL, sym->rev_dep.expr, no);

	fprintf(out, "%s: it cannot be set, ", ask->text);
	if (terms) {
		fputs("others select it", out);
		if (terms <= TERMS_MAX) {
			fputc(':', out);
			why_say_terms(out, sym->rev_dep.expr, no);
		}
	} else if (why_default_of(sym)) {
		fputs("it follows from ", out);
		why_say_expr(out, why_default_of(sym), E_NONE);
	} else {
		fputs("it follows from others", out);
	}
}

char *why_lost(const struct asked_line *ask)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out;

	out = open_memstream(&text, &size);
	if (!out)
		return NULL;

	if (!menus_prompt(ask->sym))
		why_say_follows(out, ask);
	else if (!menus_is_tristate(ask->sym))
		why_say_lost_value(out, ask);
	else if (why_asked_value(ask) > why_value_of(ask->sym))
		why_say_less(out, ask);
	else
		why_say_more(out, ask);

	if (fclose(out) < 0) {
		free(text);
		return NULL;
	}
	return text;
}
