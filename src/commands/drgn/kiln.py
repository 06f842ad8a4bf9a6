# SPDX-License-Identifier: GPL-2.0-only
"""drgn on the kernel of a lab: run by the script drgn beside this.

Memory is read as the machine has it, from QEMU's or from a dump.  The kernel in it is
found by its build ID, so nothing is asked of the guest, and KASLR does not matter.
"""

import ast
import os
import runpy
import signal
import struct
import sys

import drgn
from drgn.cli import default_globals, run_interactive

BUILD = os.environ["KILN_BUILD"]
VMLINUX = BUILD + "/vmlinux"
CORE = os.environ["KILN_CORE"]
PLATFORM = drgn.Platform(getattr(drgn.Architecture, os.environ["KILN_PLATFORM"]))

# The kernel lies in memory as vmlinux has it, at an address that KASLR shifts by some
# of these.
ALIGNMENT = 2 << 20
START_KERNEL_MAP = 0xffffffff80000000


def say(text):
    sys.stdout.flush()
    print("drgn: " + text, file=sys.stderr)


def lines(name):
    """What the script has to tell, which is more than an environment takes."""
    with open(int(os.environ[name]), encoding="utf-8") as file:
        return file.read().splitlines()


# The modules that were built, by name.
FILES = {os.path.basename(file)[:-3].replace("-", "_"): file for file in lines("KILN_MODULES")}


class Memory:
    """That of the machine, as far as it is in a file: /proc/PID/mem of QEMU's, or a dump."""

    def __init__(self, fd, segments):
        self.fd = fd
        self.segments = segments  # address, size, where in the file

    def read(self, address, count):
        for start, size, offset in self.segments:
            if start <= address and address + count <= start + size:
                return self.read_file(offset + address - start, count)
        raise drgn.FaultError("no memory is there", address)

    def read_file(self, offset, count):
        # os.pread() takes no offset above 2**63, where no program has memory.
        data = os.pread(self.fd, count, offset)
        if len(data) != count:
            raise drgn.FaultError("QEMU has no memory there", offset)
        return data

    def add_to(self, prog):
        for start, size, offset in self.segments:
            prog.add_memory_segment(start, size, lambda _, count, at, __, offset=offset:
                                    self.read_file(offset + at, count), True)


class OtherKernel(Exception):
    pass


class Kernel:
    """Where vmlinux is in this memory."""

    def __init__(self, memory):
        self.memory = memory
        self.elf = drgn.Program(PLATFORM)
        self.module = self.elf.extra_module(VMLINUX, create=True)
        self.module.try_file(VMLINUX)
        self.notes = self.address("__start_notes")
        self.shift = self.find() - self.notes

    def address(self, name):
        return self.elf.symbol(name).address

    def find(self):
        size = self.address("__stop_notes") - self.notes
        for start, length, _ in self.memory.segments:
            first = start + (self.notes - start) % ALIGNMENT
            for at in range(first, start + length - size + 1, ALIGNMENT):
                if self.module.build_id in self.memory.read(at, size):
                    return at
        raise OtherKernel

    def variable(self, name, form):
        data = self.memory.read(self.address(name) + self.shift, struct.calcsize(form))
        return struct.unpack(form, data)[0]

    def has_five_levels(self):
        try:
            return self.variable("__pgtable_l5_enabled", "<I")
        except LookupError:
            return 0

    def section_roots(self):
        """How many pages mem_section leads to, at least; drgn looks there for vmemmap.

        A page has 256 sections of 128 MiB each, or fewer.  0: there is no vmemmap."""
        try:
            self.address("vmemmap_populate")
        except LookupError:
            return 0
        return 1 << ((52 if self.has_five_levels() else 46) - 27 - 8)

    def vmcoreinfo(self):
        """What a kernel tells of itself when it crashes, as far as drgn needs it."""
        with open(BUILD + "/include/config/kernel.release", encoding="utf-8") as file:
            release = file.read().strip()
        phys_base = self.variable("phys_base", "<q")
        offset = START_KERNEL_MAP + self.shift - phys_base
        return "\n".join([
            "OSRELEASE=" + release,
            "BUILD-ID=" + self.module.build_id.hex(),
            "PAGESIZE=4096",
            "KERNELOFFSET=%x" % offset,
            "SYMBOL(swapper_pg_dir)=%x" % (self.address("init_top_pgt") + offset),
            "NUMBER(phys_base)=%d" % phys_base,
            "NUMBER(pgtable_l5_enabled)=%d" % self.has_five_levels(),
            "LENGTH(mem_section)=%d" % self.section_roots(),
            ""])


def empty_core():
    """A dump without memory: only with one drgn takes a program for a kernel."""
    head = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\2\1\1", 4, 62, 1, 0, 64, 0, 0, 64,
                       56, 1, 0, 0, 0)
    fd = os.memfd_create("core")
    os.write(fd, head + struct.pack("<II6Q", 1, 4, 0, 0, 0, 0, 0, 0))
    return fd


def find_symbols(modules):
    """The files of the lab, for what is loaded."""
    for module in modules:
        is_main = isinstance(module, drgn.MainModule)
        file = VMLINUX if is_main else FILES.get(module.name)
        if file:
            module.try_file(file)
        if not file:
            say("%s: there is no such module in this lab, so it has no symbols" % module.name)
        elif module.wants_debug_file():
            say("%s: the one that is loaded is another than %s" % (module.name, file))


def open_program():
    segments = [[int(word, 0) for word in line.split()] for line in lines("KILN_SEGMENTS")]
    memory = Memory(int(os.environ["KILN_MEMORY"]), segments)
    kernel = Kernel(memory)
    prog = drgn.Program(PLATFORM, vmcoreinfo=kernel.vmcoreinfo())
    if CORE:
        prog.set_core_dump(CORE)
    else:
        prog.set_core_dump(empty_core())
        memory.add_to(prog)
    prog.register_debug_info_finder("kiln", find_symbols, enable_index=0)
    prog.set_enabled_debug_info_finders(["kiln"])
    try:
        prog.load_default_debug_info()
    except drgn.MissingDebugInfoError:
        pass  # find_symbols() has said of what
    return prog


def run_statements(prog, text):
    """As at the prompt: what an expression gives is printed."""
    sys.displayhook = lambda value: value is None or print(value)
    statements = ast.Interactive(ast.parse(text, "CMD").body)
    exec(compile(statements, "CMD", "single"), default_globals(prog))


def main():
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # who starts us ignores it
    try:
        prog = open_program()
    except OtherKernel:
        say("%s is a dump of another kernel than %s" % (CORE, VMLINUX) if CORE else
            "the machine runs another kernel than %s, or none yet; make stop start starts"
            " that one" % VMLINUX)
        sys.exit(1)
    drgn.set_default_prog(prog)
    script = os.environ["KILN_SCRIPT"]
    if os.environ["KILN_CMD"]:
        run_statements(prog, os.environ["KILN_CMD"])
    elif script:
        sys.argv = [script]
        runpy.run_path(script, default_globals(prog), "__main__")
    elif os.isatty(0):
        run_interactive(prog)
    else:
        run_statements(prog, sys.stdin.read())


main()
