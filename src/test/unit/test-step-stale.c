// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which steps are to be run again: notes, stamps and lists, in a folder of their own.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/str.h"
#include "step/notes.h"
#include "step/script.h"
#include "step/stale.h"
#include "test/lib/tap.h"

#define SCRIPT "# in file dir\n# out lab/out\n\tcat file >lab/out\n"
#define ENTRY "step lab/toy/.step\n\t# in file dir\n\t# out lab/out\n\t\tcat file >lab/out\n"

static void write_file(const char *path, const char *text)
{
	if (file_write(path, text))
		ok(false, path);
}

static bool is_there(const char *path)
{
	return !access(path, F_OK);
}

static bool hold(const char *path)
{
	bool ret = false;

	return !notes_hold(&ret, path) && ret;
}

static bool is_stale(const char *script)
{
	bool ret = false;

	return !stale_is(&ret, "lab/toy/.step", script) && ret;
}

/* The step has run: all is as it left it. */
static void run(void)
{
	char *missing = NULL;

	write_file("file", "file");
	write_file("dir/sub/file", "file");
	write_file("lab/out", "out");
	write_file("lab/toy/.step", SCRIPT);
	if (notes_write("lab/toy/.step.in", "file dir", &missing) ||
	    notes_write("lab/toy/.step.out", "lab/out", &missing))
		ok(false, "notes can be written");
}

static void test_notes(void)
{
	char *missing = NULL, *text = NULL, *find = NULL;

	write_file("a", "a");
	write_file("dir/sub/b", "b");
	write_file("x1.o", "x");
	write_file("x2.o", "x");
	ok(!symlink("a", "link") && !symlink("nowhere", "dir/dangling"), "links");

	ok(!notes_write("notes", "a dir link *.o", &missing), "files, folders, links, wildcards");
	ok(hold("notes"), "they hold");
	ok(hold("no-notes"), "as do none");

	/* Notes of earlier versions are find's. */
	ok(!system("find -H a dir link x1.o x2.o ! -type d -printf '%p:%s:%T@\\n' | sort >find") &&
	   !system("sort -o sorted notes") && !file_read(&find, "find") &&
	   !file_read(&text, "sorted"), "find prints notes");
	is_text(text, find, "which are the same");
	free(text);
	free(find);

	write_file("a", "other");
	ok(!hold("notes"), "a file that was changed");
	notes_write("notes", "dir", &missing);
	unlink("dir/sub/b");
	ok(!hold("notes"), "one that is gone from a folder");
	notes_write("notes", "link", &missing);
	write_file("a", "longer");
	ok(!hold("notes"), "what a link leads to");

	ok(notes_write("notes", "a none b", &missing) == -ENOENT, "a file that is not there");
	is_text(missing, "none", "is named");
	free(missing);
	missing = NULL;
	ok(notes_write("notes", "*.none", &missing) == -ENOENT, "as is a wildcard without any");
	free(missing);
	missing = NULL;
	ok(!notes_write("notes", "", &missing) && hold("notes"), "no files");

	ok(!notes_announce("notes", "a b") && !hold("notes"), "a product that was to be made");
	ok(!mkdir("folder", 0777) && notes_hold(&(bool){ false }, "folder") == -EISDIR,
	   "what cannot be read is an error");
	ok(!chmod("a", 0644) && notes_write("none/notes", "a", &missing) == -ENOENT && !missing,
	   "so is what cannot be written");
}

static void test_clean(void)
{
	char *missing = NULL;

	write_file("lab/same", "x");
	write_file("lab/changed", "x");
	write_file("lab/dropped", "x");
	write_file("lab/tree/sub/x", "x");
	write_file("lab/wild.deb", "x");
	write_file("elsewhere", "x");
	notes_write("lab/notes", "lab/same lab/changed lab/dropped lab/wild.deb elsewhere",
		    &missing);
	notes_announce("lab/notes", "lab/begun lab/tree");
	write_file("lab/begun", "x");
	write_file("lab/changed", "changed");
	write_file("elsewhere", "changed");

	ok(!notes_clean("lab/notes", "lab/same lab/changed lab/begun lab/*.deb elsewhere",
			"lab"),
	   "notes can be cleaned");
	ok(is_there("lab/same"), "a product that is as it was stays");
	ok(is_there("lab/wild.deb"), "one by a wildcard, too");
	ok(!is_there("lab/changed"), "one that was changed goes");
	ok(!is_there("lab/dropped"), "and one that is none any more");
	ok(is_there("lab/begun"), "one that was begun stays: its makefiles go on");
	ok(!is_there("lab/tree"), "unless it is none any more, with all that is in it");
	ok(is_there("elsewhere"), "what is not of this lab stays");

	write_file("lab-2", "x");
	notes_write("lab/notes", "lab/../lab-2 lab-2", &missing);
	ok(!notes_clean("lab/notes", "", "lab") && is_there("lab-2"),
	   "also where the name begins in the same way");
	ok(!notes_clean("no-notes", "", "lab"), "without notes nothing is done");
}

static void test_script(void)
{
	struct script script;

	ok(script_parse(&script, SCRIPT), "a script with lists");
	is_text(script.in, "file dir", "what it is given");
	is_text(script.out, "lab/out", "what it makes");
	is_text(script.body, "\tcat file >lab/out\n", "and what is done");
	script_fini(&script);
	ok(!script_parse(&script, "# in a\necho\n") && !script.in, "one without");
	ok(!script_parse(&script, "# in a") && !script_parse(&script, ""), "or cut off");

	ok(script_is_stamped(SCRIPT, SCRIPT "\n", "p"), "it is its stamp");
	ok(!script_is_stamped(SCRIPT, SCRIPT "\tx\n", "p"), "another one is not");
	ok(script_is_stamped(SCRIPT,
			     "find -H file dir ! -type d -printf '%p:%s:%T@\\n' >p.in\n"
			     "echo lab/out >>p.out\n"
			     "\tcat file >lab/out\n"
			     "find -H lab/out ! -type d -printf '%p:%s:%T@\\n' >p.out", "p"),
	   "nor are stamps of earlier versions others");
	ok(script_is_stamped("# in\n# out\n\ttrue", "\ttrue", "p"), "also without files");
	ok(!script_is_stamped("# in a\n# out\n\ttrue", "\ttrue", "p"),
	   "unless they had other files");
}

static void test_stale(void)
{
	write_file("file", "file");
	ok(is_stale(SCRIPT), "what never ran is stale");
	run();
	ok(!is_stale(SCRIPT), "what has run is not");
	ok(is_stale(SCRIPT "\techo\n"), "unless its script is another one");
	ok(is_stale("# in file\n# out lab/out\n\tcat file >lab/out\n"), "or its list of files");

	write_file("file", "another");
	ok(is_stale(SCRIPT), "or a file that it was given");
	run();
	unlink("dir/sub/file");
	ok(is_stale(SCRIPT), "or one in a folder that it was given");
	run();
	unlink("lab/out");
	ok(is_stale(SCRIPT), "or its product is gone");
	run();
	write_file("lab/toy/.step.new", SCRIPT);
	ok(is_stale(SCRIPT), "or it did not come to its end");
	unlink("lab/toy/.step.new");
	ok(!is_stale(SCRIPT), "all as it was");
}

static char *answer(const char *list, int want, char **why)
{
	char *copy = str_printf("%s", list), *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	ok(stale_print(out, copy, why) == want, want ? "a list that is refused" : "a list");
	fclose(out);
	free(copy);
	return text;
}

static void refused(const char *list, const char *reason)
{
	char *why = NULL;
	char *text = answer(list, -EPROTO, &why);

	is_text(why, reason, "with the reason");
	ok(!strstr(text, "asked"), "and without an end of the answer");
	free(why);
	free(text);
}

static void test_list(void)
{
	char *why = NULL, *text;

	run();
	text = answer("steps 1\nend\n", 0, &why);
	is_text(text, "asked\n", "without steps");
	free(text);
	text = answer("steps 1\n"
		      "step lab/toy/.none\n\t# in\n\t# out\n\t\ttrue\n\t\n"
		      " " ENTRY
		      " step lab/toy/.more\n\t# in\n\t# out\n\tend\nend\n", 0, &why);
	is_text(text, "lab/toy/.none\nlab/toy/.more\nasked\n",
		"with some, also empty lines in them");
	free(text);

	refused("", "the list does not have version 1, which this program expects");
	refused("steps 2\nend\n", "the list does not have version 1, which this program expects");
	refused("steps 1\n", "the list has no end");
	refused("steps 1\nend", "the list has no end");
	refused("steps 1\nstep a\n\t# in\n\t# out", "the list is broken at 'step a'");
	refused("steps 1\nstep a\nend\n", "the list is broken at 'step a'");
	refused("steps 1\nstop a\n\t# in\nend\n", "the list is broken at 'stop a'");

	unlink("lab/toy/.step.in");
	ok(!mkdir("lab/toy/.step.in", 0777), "notes that cannot be read");
	text = str_printf("steps 1\n" ENTRY "end\n");
	ok(stale_print(stdout, text, &why) == -EISDIR, "are an error");
	is_text(why, "cannot read the notes in lab/toy/.step*: Is a directory",
		"with the reason");
	free(why);
	free(text);
}

int main(void)
{
	char folder[] = "/tmp/test-step-stale.XXXXXX";
	char *remove;

	if (!mkdtemp(folder) || chdir(folder) < 0 ||
	    system("mkdir -p dir/sub lab/toy lab/tree/sub"))
		return 1;

	test_notes();
	test_clean();
	test_script();
	unlink("dir/dangling");
	test_stale();
	test_list();

	remove = str_printf("rm -rf %s", folder);
	ok(!system(remove), "its folder goes");
	free(remove);
	return tap_done();
}
