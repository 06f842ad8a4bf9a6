# SPDX-License-Identifier: GPL-2.0-only

# The kernel and programs
processor_name := x86_64
processor_kbuild :=
processor_srcarch := x86
processor_defconfig := arch/x86/configs/x86_64_defconfig kernel/configs/kvm_guest.config
processor_tiny := arch/x86/configs/tiny.config
processor_image :=
processor_boot := arch/x86/boot/bzImage
processor_cross :=
processor_packages :=
processor_headers := /usr/include /usr/include/x86_64-linux-gnu
# The tiny kernel is optimized for size, and gcc then turns each memset into an
# instruction that TCG runs byte by byte: a fifth of the time to boot.
processor_tiny_cflags := -mstringop-strategy=libcall
# DQIB's name of a folder for it
processor_dqib := amd64-pc
# Debian's
processor_debian := amd64

# The machine
processor_qemu := qemu-system-x86_64
processor_kernel := linux/vmlinux.stripped
processor_magic :=
# With ACPI, some boots hang before init (QEMU 7.2).
processor_machine_VM_MICROVM := device 8 microvm acpi=off,rtc=on
processor_machine_VM_Q35 := pci 0 q35
processor_machine_VM_PC := pci 0 pc
# Under TCG the largest model boots no slower than the default one; but for the two by
# which it says that it copies bytes fast: it takes one at a time, and Linux eight when it
# does not believe that.
processor_cpu := max,-erms,-fsrm
processor_console := ttyS0
# A reset goes straight to a triple fault (t), which ends QEMU under -no-reboot.  The default
# way tries the keyboard controller first, which microvm lacks, and takes 3 seconds to give up.
processor_append := reboot=t
# Under TCG the kernel looks whether the timer ticks by a busy wait of 40 ms, and panics when a
# busy host gave QEMU no turn in that time.  Under KVM it does not look.
processor_append_tcg := no_timer_check
# Under TCG the kernel calibrates the local APIC's timer with a busy wait of 0.2 s, needlessly
# with a single CPU: the PIT will do.  With more CPUs the timer is needed; KVM has kvmclock.
processor_append_tcg_one := nolapic_timer
processor_append_max := 2047
processor_halted := FL= 200 0 HLT=1
processor_table := 80 0 ffffffffff000 0
processor_symbol := X86_64
processor_console_symbol := SERIAL_8250_CONSOLE
processor_pci_symbol :=

# Debuggers
processor_gdb := gdb
processor_paging := cr0 80000000
processor_drgn := X86_64
