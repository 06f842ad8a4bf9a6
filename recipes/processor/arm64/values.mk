# SPDX-License-Identifier: GPL-2.0-only

# The kernel and programs
processor_name := arm64
processor_kbuild := arm64
processor_srcarch := arm64
processor_defconfig := arch/arm64/configs/defconfig kernel/configs/kvm_guest.config
processor_tiny :=
processor_image := arch/arm64/boot/Image
processor_boot := arch/arm64/boot/Image
processor_cross := aarch64-linux-gnu-
processor_packages := gcc-aarch64-linux-gnu libc6-dev-arm64-cross
processor_headers := /usr/aarch64-linux-gnu/include
processor_tiny_cflags :=
# DQIB's name of a folder for it
processor_dqib := arm64-virt
# Debian's
processor_debian := arm64

# The machine
processor_qemu := qemu-system-aarch64
processor_kernel := linux/Image
processor_magic := 41524d64
# The newest interrupt controller that there is; the default one has room for 8 processors.
processor_machine_VM_VIRT := device 32 virt acpi=off,gic-version=max
processor_machine_VM_VIRT_PCI := pci 0 virt acpi=off,gic-version=max
# Of `max' TCG computes each signature of a pointer as a processor would, with a cipher.
processor_cpu := max,pauth-impdef=on
processor_console := ttyAMA0
processor_append :=
processor_append_tcg :=
processor_append_tcg_one :=
processor_append_max := 2047
processor_halted := PSTATE= 80 80
processor_table := 2 2 3fffffffff000 0 kimage_voffset
processor_symbol := ARM64
processor_console_symbol := SERIAL_AMBA_PL011_CONSOLE
processor_pci_symbol := PCI_HOST_GENERIC

# Debuggers
processor_gdb := gdb-multiarch
processor_paging := SCTLR 1
processor_drgn :=
