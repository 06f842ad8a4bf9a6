// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "lib/file.h"
#include "lib/macros.h"
#include "lib/why.h"
#include "vm/watch/list.h"

#define KEY_MIN 3 /* letters that words must have in one piece */
#define NUMBERS 8 /* in one line of words, at most */

struct words {
	struct words *next; /* with the same first letter, or floating */
	int place; /* in the file, from 0 */
	const char *kind;
	const char *form; /* without its %. */
	bool is_line; /* it had one */
	const char *key; /* the longest piece of form without a % */
	size_t key_len;
};

/* One file. */
struct table {
	char *text; /* what kinds and forms are in */
	struct words *words;
	int count;
	struct words *by_letter[UCHAR_MAX + 1];
	struct words *floating; /* begin with a %, so with any letter */
	unsigned char two[1 << 13]; /* bits: letters that begin such a key */
};

struct splat_list {
	struct table splats;
	struct table allowed;
};

/* Where the numbers are which the title leaves out, and where it ends. */
struct numbers {
	struct {
		const char *start;
		const char *end;
	} at[NUMBERS];
	int count;
	const char *drop; /* from here on; NULL: nothing */
};

static bool is_number(char c, char conversion)
{
	return conversion == 'x' ? isxdigit((unsigned char)c) :
				   isdigit((unsigned char)c);
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* What %p of the kernel prints when it hides an address. */
static size_t hidden_len(const char *text, const char *end)
{
	static const char * const words[] = {
		"(____ptrval____)", "(ptrval)",
	};
	size_t i, len;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		len = strlen(words[i]);
		if (len <= (size_t)(end - text) && !memcmp(text, words[i], len))
			return len;
	}
	return 0;
}

/* The end of the number at line, or NULL if there is none. */
static const char *skip_number(const char *line, const char *end,
			       char conversion)
{
	const char *digit;

	if (conversion == 'x' && line < end && *line == '(') {
		if (end - line >= 6 && !memcmp(line, "(null)", 6))
			return line + 6;
		return hidden_len(line, end) ? line + hidden_len(line, end) :
					       NULL;
	}
	if (line < end && *line == '-')
		line++;
	if (conversion == 'x' && end - line > 2 && !memcmp(line, "0x", 2))
		line += 2;
	for (digit = line; digit < end && is_number(*digit, conversion);)
		digit++;
	return digit > line ? digit : NULL;
}

/*
 * Compare line with form up to its next %s or its end, which *form then is.
 * Returns where line goes on, or NULL.
 */
static const char *match_piece(const char **form, const char *line,
			       const char *end, struct numbers *numbers)
{
	const char *f = *form;
	const char *start;

	while (*f && (f[0] != '%' || f[1] != 's')) {
		if (*f != '%') {
			if (line == end || *line++ != *f++)
				return NULL;
			continue;
		}
		if (f[1] == '-') {
			numbers->drop = line;
			f += 2;
			continue;
		}
		start = line;
		line = skip_number(line, end, f[1]);
		if (!line)
			return NULL;
		numbers->at[numbers->count].start = start;
		numbers->at[numbers->count++].end = line;
		f += 2;
	}
	*form = f;
	return line;
}

/* The last / with digits behind it, up to the end of a word. */
static const char *find_last_slash(const char *line, const char *end)
{
	const char *slash, *c;

	for (slash = end; (slash = memrchr(line, '/', slash - line));) {
		for (c = slash + 1; c < end && is_number(*c, 'd'); c++)
			;
		if (c > slash + 1 && (c == end || !is_word(*c)))
			return slash;
	}
	return NULL;
}

/*
 * The piece behind a %s is taken where it first fits.  A number goes as far as
 * it can, so another place would not help the rest, and no time is lost on it.
 * But a name that ends with a number, kworker/0:1/17, may have a / of its own.
 */
static bool match(const char *form, const char *line, const char *end,
		  struct numbers *numbers)
{
	const char *piece, *next, *start;
	bool is_dropped;
	int count;

	numbers->count = 0;
	numbers->drop = NULL;
	line = match_piece(&form, line, end, numbers);
	while (line && *form) {
		piece = form + 2;
		is_dropped = piece[0] == '%' && piece[1] == '-';
		if (is_dropped)
			piece += 2;
		if (!strcmp(piece, "/%d"))
			line = find_last_slash(line, end);
		count = numbers->count;
		for (next = NULL; !next && line && line <= end; line++) {
			if (*piece && line < end)
				line = memchr(line, *piece, end - line);
			if (!line)
				return false;
			form = piece;
			start = line;
			numbers->count = count;
			next = match_piece(&form, line, end, numbers);
		}
		if (next && is_dropped)
			numbers->drop = start;
		line = next;
	}
	return line;
}

static unsigned int two_letters(const char *text)
{
	return (unsigned char)text[0] << 8 | (unsigned char)text[1];
}

/* One pass over the line, which most lines do not survive. */
static bool has_key(const struct table *table, const char *line,
		    const char *end)
{
	const struct words *words;
	unsigned int two;
	const char *c;

	for (c = line; c + 1 < end; c++) {
		two = two_letters(c);
		if (!(table->two[two >> 3] & 1 << (two & 7)))
			continue;
		for (words = table->floating; words; words = words->next)
			if (words->key_len <= (size_t)(end - c) &&
			    !memcmp(c, words->key, words->key_len))
				return true;
	}
	return false;
}

static const struct words *find(const struct table *table, const char *line,
				const char *end, struct numbers *numbers)
{
	const struct words *words;

	words = table->by_letter[(unsigned char)*line];
	for (; words; words = words->next)
		if (match(words->form, line, end, numbers))
			return words;
	if (!has_key(table, line, end))
		return NULL;
	for (words = table->floating; words; words = words->next)
		if (match(words->form, line, end, numbers))
			return words;
	return NULL;
}

/* The offset in a function, +0x1b/0x30. */
static size_t offset_len(const char *text, const char *end)
{
	const char *c = text + 3;

	if (end - text <= 3 || memcmp(text, "+0x", 3))
		return 0;
	while (c < end && (isxdigit((unsigned char)*c) || *c == '/' ||
			   *c == 'x'))
		c++;
	return c - text;
}

/* An address: digits behind 0x, or at least eight of them, or none to see. */
static size_t address_len(const char *text, const char *end)
{
	bool marked = end - text > 2 && !memcmp(text, "0x", 2);
	const char *digits = marked ? text + 2 : text;
	const char *c = digits;

	if (*text == '(')
		return hidden_len(text, end);
	while (c < end && isxdigit((unsigned char)*c))
		c++;
	if (c < end && is_word(*c))
		return 0;
	return c - digits >= (marked ? 1 : 8) ? c - text : 0;
}

/* The folders of a file:line that is not named from the kernel's source. */
static size_t folders_len(const char *text, const char *end)
{
	const char *name = text;
	const char *c;

	if (*text != '/' && (end - text <= 3 || memcmp(text, "../", 3)))
		return 0;
	for (c = text; c < end && !isspace((unsigned char)*c); c++)
		if (*c == '/')
			name = c + 1;
	return memchr(name, ':', c - name) ? name - text : 0;
}

/*
 * The number in the name of a thread that there is for each processor, such as
 * /0:1 or /u8:3; another run may meet another one of them.
 */
static size_t thread_len(const char *text, const char *start, const char *end)
{
	static const char * const names[] = {
		"kworker", "swapper", "migration", "ksoftirqd", "cpuhp",
		"ktimers", "irq_work", "idle_inject", "rcuc", "rcuop", "rcuos",
	};
	const char *c = text + 1;
	size_t i, len;

	if (*text != '/')
		return 0;
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		len = strlen(names[i]);
		if (len <= (size_t)(text - start) &&
		    !memcmp(text - len, names[i], len))
			break;
	}
	if (i == ARRAY_SIZE(names))
		return 0;
	while (c < end && (isdigit((unsigned char)*c) ||
			   strchr("u:H", *c ? *c : ' ')))
		c++;
	return c > text + 1 ? c - text : 0;
}

static size_t put(char *title, size_t len, char c)
{
	if (isspace((unsigned char)c))
		c = ' ';
	else if (c < ' ' || c > '~')
		c = '?';
	if (c == ' ' && (!len || title[len - 1] == ' '))
		return len;
	if (len < SPLAT_TITLE - 1)
		title[len++] = c;
	return len;
}

/* What the title leaves out here; *mark is what stands there instead, or 0. */
static size_t skipped_len(const char *line, const char *start, const char *end,
			  char *mark)
{
	size_t skip;

	*mark = '\0';
	skip = offset_len(line, end);
	if (!skip && (line == start || line[-1] == ' '))
		skip = folders_len(line, end);
	if (skip)
		return skip;
	*mark = 'N';
	skip = thread_len(line, start, end);
	if (!skip && (line == start || !is_word(line[-1])))
		skip = address_len(line, end);
	return skip;
}

/*
 * The line without what differs from run to run: numbers by the list, offsets,
 * addresses, and where the sources are.
 */
static void make_title(char title[SPLAT_TITLE], const char *line,
		       const char *end, const struct numbers *numbers)
{
	const char *start = line;
	size_t len = 0, skip;
	int n = 0;
	char mark;

	if (numbers->drop)
		end = numbers->drop;
	while (line < end) {
		if (n < numbers->count && line == numbers->at[n].start) {
			len = put(title, len, 'N');
			line = numbers->at[n++].end;
			continue;
		}
		skip = skipped_len(line, start, end, &mark);
		if (skip && *line == '/' && mark)
			len = put(title, len, '/');
		if (!skip || mark)
			len = put(title, len, skip ? mark : *line);
		line += skip ? skip : 1;
	}
	while (len && title[len - 1] == ' ')
		len--;
	title[len] = '\0';
}

void splat_list_title(char ret[SPLAT_TITLE], const char *line, size_t len)
{
	static const struct numbers none;

	make_title(ret, line, line + len, &none);
}

static const char *skip_blanks(const char *line, const char *end)
{
	while (line < end && *line == ' ')
		line++;
	return line;
}

bool splat_list_allows(const struct splat_list *list, const char *line,
		       size_t len)
{
	const char *end = line + len;
	struct numbers ignored;

	line = skip_blanks(line, end);
	return line < end && find(&list->allowed, line, end, &ignored);
}

bool splat_list_find(const struct splat_list *list, const char *line, size_t len,
		     struct splat_words *ret)
{
	const char *end = line + len;
	const struct words *words;
	struct numbers numbers;

	line = skip_blanks(line, end);
	if (line == end)
		return false;
	words = find(&list->splats, line, end, &numbers);
	if (!words)
		return false;
	ret->place = words->place;
	ret->is_line = words->is_line;
	ret->is_allowed = splat_list_allows(list, line, end - line);
	if (!ret->is_allowed)
		make_title(ret->title, line, end, &numbers);
	return true;
}

const char *splat_list_kind(const struct splat_list *list, int place)
{
	return list->splats.words[place].kind;
}

/* What is wrong with the % at f; NULL if nothing. */
static const char *check_conversion(const char *f)
{
	const char *next = f + 2;

	if (!f[1] || !strchr("sdx-", f[1]))
		return "after a % comes s, d, x, - or, at the end, a full stop";
	if (next[0] == '%' && next[1] == '-')
		next += 2;
	if (f[1] == 's' && *next == '%')
		return "between %s and what comes next must be words";
	if (strchr("dx", f[1]) && (*next == '%' || is_number(*next, f[1])))
		return "what follows a number must not go on with it";
	return NULL;
}

/* What is wrong with a form; NULL if nothing.  Finds its key. */
static const char *check_form(struct words *words)
{
	const char *f, *start = words->form;
	const char *wrong;
	int numbers = 0;

	for (f = start;; f++) {
		if (*f && *f != '%')
			continue;
		if ((size_t)(f - start) > words->key_len) {
			words->key = start;
			words->key_len = f - start;
		}
		if (!*f)
			break;
		wrong = check_conversion(f);
		if (wrong)
			return wrong;
		f++;
		start = f + 1;
		if ((*f == 'd' || *f == 'x') && ++numbers > NUMBERS)
			return "there are too many numbers";
	}
	if (words->key_len < KEY_MIN)
		return "the words must have three letters in one piece";
	return NULL;
}

/* Take the %. off the end of a form; was there one? */
static bool cut_stop(char *form)
{
	size_t len = strlen(form);

	if (len < 2 || strcmp(form + len - 2, "%."))
		return false;
	form[len - 2] = '\0';
	return true;
}

/* Cut the next column off the line; NULL if there is none. */
static char *column(char **line)
{
	char *text = *line + strspn(*line, "\t");
	size_t len = strcspn(text, "\t");

	*line = text + len;
	if (text[len])
		*(*line)++ = '\0';
	return len ? text : NULL;
}

/* Returns NULL, or what is wrong with the line. */
static const char *parse_line(struct words *words, char *line, bool has_kind)
{
	char *form;

	words->kind = has_kind ? column(&line) : "";
	form = column(&line);
	if (!words->kind || !form)
		return "there are too few columns, separated by tabs";
	words->is_line = cut_stop(form);
	words->form = form;
	if (!column(&line))
		return "there is no reason";
	if (column(&line))
		return "there are too many columns, separated by tabs";
	return check_form(words);
}

/* The list is in the order of the file where two words fit the same line. */
static void add_words(struct table *table, struct words *words)
{
	struct words **last;
	unsigned int two;

	words->place = words - table->words;
	if (words->form[0] == '%') {
		last = &table->floating;
		two = two_letters(words->key);
		table->two[two >> 3] |= 1 << (two & 7);
	} else {
		last = &table->by_letter[(unsigned char)words->form[0]];
	}
	while (*last)
		last = &(*last)->next;
	*last = words;
}

static int parse_table(struct table *table, const char *path, bool has_kind,
		       char **why)
{
	char *line, *rest = table->text;
	const char *wrong;
	int number = 0;

	while ((line = strsep(&rest, "\n"))) {
		number++;
		if (!*line || *line == '#')
			continue;
		wrong = parse_line(&table->words[table->count], line, has_kind);
		if (wrong)
			return why_set(why, -EINVAL, "%s:%d: %s", path, number,
				       wrong);
		add_words(table, &table->words[table->count++]);
	}
	return 0;
}

static void table_fini(struct table *table)
{
	free(table->words);
	free(table->text);
}

static int table_init(struct table *table, const char *path, bool has_kind,
		      char **why)
{
	size_t lines = 1;
	const char *c;
	int err;

	err = file_read(&table->text, path);
	if (err < 0)
		return why_set(why, err, "cannot read the list %s: %s", path,
			       strerror(-err));

	for (c = table->text; *c; c++)
		lines += *c == '\n';
	table->words = calloc(lines, sizeof(*table->words));
	if (!table->words) {
		err = why_set(why, -ENOMEM, "no memory for the list %s", path);
		goto err_free_text;
	}

	err = parse_table(table, path, has_kind, why);
	if (err < 0)
		goto err_free_words;
	return 0;

err_free_words:
	free(table->words);
err_free_text:
	free(table->text);
	return err;
}

int splat_list_open(struct splat_list **ret, const char *splats,
		    const char *allowed, char **why)
{
	struct splat_list *list;
	int err;

	list = calloc(1, sizeof(*list));
	if (!list)
		return why_set(why, -ENOMEM, "no memory for the list %s",
			       splats);

	err = table_init(&list->splats, splats, true, why);
	if (err < 0)
		goto err_free_list;
	if (!list->splats.count) {
		err = why_set(why, -EINVAL, "the list %s names nothing",
			      splats);
		goto err_fini_splats;
	}
	err = table_init(&list->allowed, allowed, false, why);
	if (err < 0)
		goto err_fini_splats;

	*ret = list;
	return 0;

err_fini_splats:
	table_fini(&list->splats);
err_free_list:
	free(list);
	return err;
}

void splat_list_close(struct splat_list *list)
{
	if (!list)
		return;
	table_fini(&list->splats);
	table_fini(&list->allowed);
	free(list);
}
