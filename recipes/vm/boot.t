#!/usr/bin/expect -f
# SPDX-License-Identifier: GPL-2.0-only
#
# This lab's machine, as a person uses it: a shell on the console, a module
# loaded and unloaded, a clean end.
#
# Needs: lab

set timeout 60
log_user 0
match_max -d 1000000
set tests 0
set failures 0
set prompt {# (\x1b\[6n)?$}
set asks 0

proc result {passed promise} {
	global tests failures
	incr tests
	if {$passed} {
		puts "ok $tests - $promise"
	} else {
		incr failures
		puts "not ok $tests - $promise"
	}
}

# Waits for what the console must say next; returns all it said until then.
proc await {pattern} {
	global expect_out
	expect -re $pattern {} timeout { give_up "did not see: $pattern" } \
		eof { give_up "the machine ended before: $pattern" }
	return $expect_out(buffer)
}

# Some shells end each prompt with the question where the cursor is, and garble
# what is typed until the terminal has answered.  Whether this one does is
# certain when a second prompt has come.
proc learn_prompt {} {
	global prompt asks
	send "\r"
	await "\n"
	set asks [string match "*\x1b\\\[6n*" [await $prompt]]
	if {$asks} {
		set prompt {# \x1b\[6n$}
		send "\x1b\[1;8R"
	}
}

proc await_prompt {} {
	global prompt asks
	set text [await $prompt]
	if {$asks} { send "\x1b\[1;8R" }
	return $text
}

# Types a line at the prompt and returns what the shell answers.
proc answer {line} {
	send -- "$line\r"
	await "\n"
	return [await_prompt]
}

# What cannot go on has failed: all that was promised, too.
proc give_up {why} {
	global expect_out spawn_id
	puts "# $why; the console's last lines:"
	catch {puts "# [string map {\n "\n# "} $expect_out(buffer)]"}
	puts "Bail out!  $why"
	catch {exec kill [exp_pid]}
	catch {wait}
	clean
	exit 1
}

set tmp [exec mktemp -d]
exec bash -c {. src/test/lib/checkout.sh && view_lab "$1"} - $tmp
proc clean {} {
	global tmp
	exec rm -rf $tmp
}

set start [clock milliseconds]
spawn $tmp/run
set boot [await $prompt]
result 1 "the machine comes to a prompt"
puts "# after [expr {[clock milliseconds] - $start}] ms"
learn_prompt

# What the kernel says from here on stands in its log alone: between a command and
# its answer it would be taken for a part of that.
answer "dmesg -n 1"

result [regexp {Linux version \d+\.\d} $boot] "its kernel speaks on the console"
result [string match "*uid=0*" [answer "id"]] "who sits there is root"
result [string match "*/dev/tty*" [answer "tty"]] "the shell has a terminal"

# Job control: Ctrl-Z and Ctrl-C reach the job, not the shell.  Before either the
# job says that it is in the foreground.
send -- {sh -c 'echo $((40+2)); while read n; do echo $((n+1)); done'}
send -- "\r"
await "42"
send -- "\x1a"
await "Stopped"
await_prompt
result 1 "Ctrl-Z stops a job"
send -- "fg\r"
await "fg\r"
send -- "70\r"
await "71"
send -- "\x03"
await_prompt
result 1 "Ctrl-C ends it"
result [string match "*still here*" [answer "echo still here"]] "and leaves the shell"

if {[file exists $env(LAB)/modules/hello/hello.ko]} {
	answer "modprobe hello who=kiln"
	result [string match "*hello: Hello, kiln!*" [answer "dmesg | grep hello:"]] "hello.ko greets when it is loaded"
	result [string match "*kiln*" [answer "cat /sys/module/hello/parameters/who"]] "its parameter can be read back"
	result [string match "*Hello, kiln!*" [answer "cat /sys/kernel/debug/hello/greeting"]] "its file says the same"
	answer "rmmod hello"
	result [string match "*hello: Goodbye, kiln.*" [answer "dmesg | grep hello: | tail -n 1"]] "it leaves"
	result [string match "*modules=0*" [answer "echo modules=\$(lsmod | grep -c ^hello)"]] "without a trace"
}

set complaints [answer "dmesg | grep -E 'WARNING:|BUG:|Oops:|Call Trace:|rcu: INFO|Kernel panic'"]
result [expr {[llength [split $complaints "\n"]] == 1}] "the kernel has nothing to complain about"
if {[llength [split $complaints "\n"]] != 1} { puts "# $complaints" }

send -- "poweroff\r"
expect eof {} timeout { give_up "poweroff does not end the machine" }
result [expr {[lindex [wait] 3] == 0}] "poweroff ends the run with status 0"

clean
puts "1..$tests"
exit [expr {$failures > 0}]
