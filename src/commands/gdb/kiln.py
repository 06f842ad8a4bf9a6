# SPDX-License-Identifier: GPL-2.0-only
"""What gdb knows of a lab: run by the script gdb beside this, in gdb.

Sources are found, the kernel's own helpers are there, and the symbols of modules
come and go with them.
"""

import os
import re
import select
import signal
import struct
import tempfile
import threading

import gdb

OUT = os.environ["KILN_OUT"]
BUILD = OUT + "/linux/build"
TARGET = os.environ["KILN_TARGET"]
# The register, and the bits in it, that say that paging is on
PAGING, PAGING_BITS = os.environ["KILN_PAGING"].split()

# Where the kernel copies modules to
BUILTIN = "linux/drivers/kiln"

# The lx- commands of this build, which gdb has loaded with vmlinux.
HAS_HELPERS = os.path.exists(BUILD + "/vmlinux-gdb.py")
NO_HELPERS = "there are no lx- commands; LINUX_GDB_SCRIPTS in the menu adds them"

# An internal breakpoint must not stop at gdb's pager.
QUIET = "with pagination off -- with confirm off -- "


def say(text):
    gdb.write("kiln: %s\n" % text, gdb.STDERR)


def linux_source():
    """Where the user edits, if what was built is a farm of links."""
    source = os.path.realpath(BUILD + "/source")
    makefile = source + "/Makefile"
    if os.path.islink(makefile) and not os.path.exists(source + "/.copied-from"):
        source = os.path.dirname(os.path.realpath(makefile))
    return source


def find_sources():
    """Debug information names the same folders in every lab."""
    kmod, *folders = os.environ["KILN_FOLDERS"].split()
    # The first match counts.
    for name, folder in [(place + "/" + os.path.basename(folder), folder)
                         for folder in folders
                         for place in ("kmod", BUILTIN)] + [
                             (BUILTIN, kmod),
                             ("linux", linux_source()),
                             ("build", BUILD),
                             ("kmod", kmod)]:
        gdb.execute("set substitute-path /kiln/%s %s" % (name, folder))
    gdb.execute("set filename-display absolute")


def module_files():
    """The modules that were built, by name."""
    files = []
    if os.path.exists(BUILD + "/modules.order"):
        with open(BUILD + "/modules.order", encoding="utf-8") as order:
            files = [BUILD + "/" + re.sub(r"\.o$", ".ko", line.strip())
                     for line in order]
    for folder, folders, names in os.walk(OUT + "/modules"):
        if folder == OUT + "/modules" and "root" in folders:
            folders.remove("root")  # stripped copies
        files += [folder + "/" + name for name in names if name.endswith(".ko")]
    return {os.path.basename(file)[:-3].replace("-", "_"): file for file in files}


def zero_addresses(elf):
    """Take the addresses of sections out of a module's file.

    Where there are any, and some linkers give .data one, gdb does not relocate the
    debugging information of a module."""
    sections, = struct.unpack_from("<Q", elf, 0x28)
    size, count = struct.unpack_from("<HH", elf, 0x3a)
    for section in range(sections, sections + size * count, size):
        struct.pack_into("<Q", elf, section + 0x10, 0)


def hide_index(elf):
    """LLVM's index of a module has names without their crates, and gdb, which trusts
    it, would find no function of Rust: give the section another name."""
    return elf.replace(b".debug_names\0", b".debug-names\0")


class Module:
    """A module in the kernel's memory."""

    def __init__(self, value):
        self.value = value
        self.name = value["name"].string()
        self.address = int(value.address)

    def is_live(self):
        return int(self.value["state"]) == 0

    def sections(self):
        """Where its sections are, by name."""
        attrs = self.value["sect_attrs"].dereference()
        fields = [field.name for field in attrs.type.fields()]
        found = {}
        if "nsections" in fields:
            for i in range(int(attrs["nsections"])):
                attr = attrs["attrs"][i]
                found[attr["battr"]["attr"]["name"].string()] = int(attr["address"])
        else:  # since Linux 6.14
            bins = attrs["grp"]["bin_attrs"]
            i = 0
            while int(bins[i]):
                found[bins[i]["attr"]["name"].string()] = int(bins[i]["private"])
                i += 1
        return found


def list_modules():
    head = gdb.parse_and_eval("&modules")
    module = gdb.lookup_type("struct module")
    offset = next(field.bitpos // 8 for field in module.fields()
                  if field.name == "list")
    entry = head["next"]
    while int(entry) not in (int(head), 0):
        yield Module(gdb.Value(int(entry) - offset).cast(module.pointer()).dereference())
        entry = entry["next"]


def build_id(address):
    """The build ID in the note at this address of the kernel's."""
    note = gdb.selected_inferior().read_memory(address, 36)
    return bytes(note)[16:]


class Symbols:
    """Those of modules, which follow what is loaded."""

    def __init__(self):
        self.loaded = {}  # the file, and whether init's symbols are there, by name
        self.folder = tempfile.TemporaryDirectory(prefix="kiln-gdb-")

    def load(self, module):
        self.drop(module.name)
        file = module_files().get(module.name)
        if not file:
            say("%s: there is no such module in this lab, so it has no symbols" %
                module.name)
            return
        sections = module.sections()
        note = sections.get(".note.gnu.build-id")
        with open(file, "rb") as ko:
            elf = bytearray(ko.read())
        if note and build_id(note) not in elf:
            say("%s: the one that is loaded is another than %s; load that one" %
                (module.name, file))
            return
        # A module's init sections are freed when init has ended.
        has_init = not module.is_live()
        if not has_init:
            sections = {name: address for name, address in sections.items()
                        if not name.startswith(".init")}
        text = sections.pop(".text", 0)
        more = "".join(" -s %s %#x" % section for section in sections.items())
        copy = "%s/%s.ko" % (self.folder.name, module.name)
        zero_addresses(elf)
        with open(copy, "wb") as ko:
            ko.write(hide_index(elf))
        # The source may have changed: discard gdb's cached copy.
        gdb.execute("directory $cdir", to_string=True)
        gdb.execute(QUIET + "add-symbol-file %s%s%s" %
                    (copy, " %#x" % text if text else "", more), to_string=True)
        self.loaded[module.name] = (file, has_init)

    def drop(self, name):
        if self.loaded.pop(name, None):
            gdb.execute(QUIET + "remove-symbol-file %s/%s.ko" %
                        (self.folder.name, name), to_string=True)

    def load_all(self):
        for name in list(self.loaded):
            self.drop(name)
        for module in list_modules():
            self.load(module)

    def drop_init(self):
        """What the modules needed to begin is freed now."""
        begun = [name for name, (_, has_init) in self.loaded.items() if has_init]
        for module in list_modules() if begun else ():
            if module.name in begun and module.is_live():
                self.load(module)


symbols = Symbols()
awaited = set()  # modules at whose beginning the user wants to stop


class Hook(gdb.Breakpoint):
    """Does something where the kernel comes by, and lets it go on."""

    def __init__(self, where, act, **kind):
        super().__init__(where, internal=True, **kind)
        self.silent = True
        self.act = act

    def stop(self):
        try:
            self.act()
        except gdb.error as err:
            say(str(err))
        return False


def module_comes():
    module = Module(gdb.parse_and_eval("mod").dereference())
    symbols.load(module)
    if module.name in awaited:
        init = int(module.value["init"])
        gdb.Breakpoint("*%#x" % (init or gdb.selected_frame().pc()), temporary=True)


def module_goes():
    symbols.drop(gdb.parse_and_eval("mod").dereference()["name"].string())


def follow_modules():
    for where, act in (("do_init_module", module_comes),
                       ("do_free_init", symbols.drop_init),
                       ("free_module", module_goes)):
        if gdb.lookup_static_symbol(where) or gdb.lookup_global_symbol(where):
            Hook(where, act)


class Command(gdb.Command):
    def __init__(self, name):
        super().__init__(name, gdb.COMMAND_DATA)


class BreakModule(Command):
    """Stop at a module's init before it runs: kiln-break-module NAME

The module need not be there yet.  Holds for each time that it is loaded."""

    def invoke(self, argument, from_tty):
        name = argument.strip().replace("-", "_")
        if not name:
            raise gdb.GdbError("kiln-break-module NAME: which module?")
        if name not in module_files():
            raise gdb.GdbError("there is no module %s in this lab" % name)
        awaited.add(name)


class ShowModule(Command):
    """List the modules that are loaded, or the sections of one: kiln-module [NAME]"""

    def invoke(self, argument, from_tty):
        name = argument.strip().replace("-", "_")
        for module in list_modules():
            if not name:
                file, _ = symbols.loaded.get(module.name, ("no symbols", False))
                gdb.write("%#x %-20s %s\n" % (module.sections().get(".text", 0),
                                              module.name, file))
            elif name == module.name:
                for section, address in sorted(module.sections().items(),
                                               key=lambda pair: pair[1]):
                    gdb.write("%#x %s\n" % (address, section))
                return
        if name:
            raise gdb.GdbError("no module %s is loaded" % name)


class ShowCurrent(Command):
    """Tell which task this processor runs: kiln-current"""

    def invoke(self, argument, from_tty):
        if not HAS_HELPERS:
            raise gdb.GdbError(NO_HELPERS)
        # QEMU's threads are the processors, numbered from 1; in a dump nothing else is known.
        task = gdb.parse_and_eval("$lx_current(%d)" % (gdb.selected_thread().num - 1))
        gdb.write("%d %s, at %#x: *(struct task_struct *)%#x\n" %
                  (int(task["pid"]), task["comm"].string(),
                   gdb.selected_frame().pc(), int(task.address)))


class LoadSymbols(Command):
    """Load the symbols of all modules again: lx-symbols

They come and go by themselves with the modules."""

    def invoke(self, argument, from_tty):
        symbols.load_all()


def has_modules():
    return gdb.lookup_global_symbol("modules") or gdb.lookup_static_symbol("modules")


def has_paging():
    return int(gdb.parse_and_eval("(unsigned long)$" + PAGING)) & int(PAGING_BITS, 16)


def is_other_kernel():
    """Has the machine's memory other notes, the build ID among them, than vmlinux?"""
    begin, end = (int(gdb.parse_and_eval("(unsigned long)&__%s_notes" % where))
                  for where in ("start", "stop"))
    notes = []
    for trust in "on", "off":  # what gdb reads in its file, or asks for
        gdb.execute("set trust-readonly-sections " + trust)
        notes.append(bytes(gdb.selected_inferior().read_memory(begin, end - begin)))
    return notes[0] != notes[1]


def look_for_kernel():
    """Is the kernel there already?  One that is not this one is named."""
    try:
        if is_other_kernel():
            say("the machine runs another kernel than %s/vmlinux; make stop start"
                " starts that one" % BUILD)
        return True
    except gdb.MemoryError:
        if has_paging():
            say("the kernel is not at the addresses that vmlinux has; KASLR moves"
                " it, unless LINUX_NO_KASLR is on in the menu")
        return False


def connect():
    gdb.execute("set remotetimeout 30")
    try:
        gdb.execute("target remote " + TARGET)
    except gdb.error as err:
        say("cannot reach the machine: %s" % err)
        gdb.execute("quit 1")
    is_there = look_for_kernel()
    if not has_modules():
        return
    if is_there:
        symbols.load_all()
        follow_modules()
    else:
        Hook("start_kernel", follow_modules,
             type=getattr(gdb, "BP_HARDWARE_BREAKPOINT", gdb.BP_BREAKPOINT))


def open_dump():
    try:
        gdb.execute("core-file " + TARGET)
    except gdb.error as err:
        say(str(err))
        gdb.execute("quit 1")
    if has_modules():
        symbols.load_all()


def leave_with_terminal():
    """Where make is all that a terminal runs, nobody tells gdb that it was closed,
    and gdb does not look while the machine runs: it would hold it for ever."""
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    terminal = select.poll()
    terminal.register(0, 0)
    terminal.poll()
    os.kill(os.getpid(), signal.SIGHUP)


def main():
    if os.isatty(0):
        threading.Thread(target=leave_with_terminal, daemon=True).start()
    find_sources()
    if not HAS_HELPERS:
        say(NO_HELPERS)
    BreakModule("kiln-break-module")
    ShowModule("kiln-module")
    ShowCurrent("kiln-current")
    LoadSymbols("lx-symbols")
    if TARGET.startswith("/proc/self/"):
        connect()
    else:
        open_dump()


main()
