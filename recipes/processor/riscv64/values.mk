# SPDX-License-Identifier: GPL-2.0-only

# The kernel and programs
processor_name := riscv64
processor_kbuild := riscv
processor_srcarch := riscv
processor_defconfig := arch/riscv/configs/defconfig kernel/configs/kvm_guest.config
processor_tiny :=
processor_image := arch/riscv/boot/Image
processor_boot := arch/riscv/boot/Image
processor_cross := riscv64-linux-gnu-
processor_packages := gcc-riscv64-linux-gnu libc6-dev-riscv64-cross
processor_headers := /usr/riscv64-linux-gnu/include
processor_tiny_cflags :=
# DQIB's name of a folder for it
processor_dqib := riscv64-virt
# Debian's
processor_debian := riscv64

# The machine
processor_qemu := qemu-system-riscv64
processor_kernel := linux/Image
processor_magic := 52534305
processor_machine_VM_VIRT := device 8 virt
processor_machine_VM_VIRT_PCI := pci 0 virt
# QEMU before 8.2 has no `max'.
processor_cpu := rv64
processor_console := ttyS0
# QEMU before 9.0 names a processor's extensions in the old way alone, and without them the
# kernel stops before its first line.  It also loses timers of machines that it saves.
processor_append := riscv_isa_fallback KILN_TIMERS=await
processor_append_tcg :=
processor_append_tcg_one :=
processor_append_max := 1023
processor_halted :=
processor_table := e 0 3ffffffffffc00 2 va_kernel_pa_offset
processor_symbol := RISCV
processor_console_symbol := SERIAL_8250_CONSOLE
processor_pci_symbol := PCI_HOST_GENERIC

# Debuggers
processor_gdb := gdb-multiarch
processor_paging := satp f000000000000000
processor_drgn :=
