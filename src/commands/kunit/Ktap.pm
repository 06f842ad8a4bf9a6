# SPDX-License-Identifier: GPL-2.0-only
#
# Ktap - parses the results of tests in a kernel's log, with the same verdicts as the kernel's own
# tools/testing/kunit/kunit.py.  Where that fails with an error of its own, or never ends, a test
# counts as crashed.
#
#	my $main = Ktap::read(@lines);
#
# A test is { name, status, why, errors, counts, tests }: status is passed, failed, skipped,
# crashed, `no tests', or for a log without results `no results'; why is the reason of a skipped
# test; errors are messages; counts are those of all cases below it; tests are its subtests, none
# for a case.

package Ktap;

use strict;
use warnings;

my $version = qr/^\s*K?TAP version [0-9]+$/;
my $header = qr/^\s*# Subtest: (.*)$/;
my $plan = qr/^\s*1\.\.([0-9]+)/;
my $result = qr/^\s*(ok|not ok) ([0-9]+) (?:- )?([^#]*)(?: # .*)?$/;
my $skipped = qr/^\s*(?:ok|not ok) [0-9]+ (?:- )?(.*) # SKIP(.*)$/;
my $known = qr/$result|$header|$version|$plan/;
my $the_end = qr/List of all partitions:|Kernel panic - not syncing: VFS:|reboot: System halted/;
my $no_start = qr/\s*kunit executor: /;

# The lines from the first version line on, without the prefix that it has.
sub isolate
{
	my ($prefix, @isolated);

	for my $line (@_) {
		$line =~ s/\s+$//;
		if (defined $prefix) {
			last if $line =~ $the_end;
			push @isolated, length $line > $prefix ? substr($line, $prefix) : '';
		} elsif ($line =~ /K?TAP version [0-9]+$/) {
			$prefix = index($line, $line =~ /KTAP version [0-9]+$/ ? 'KTAP version' : 'TAP version');
			push @isolated, substr($line, $prefix);
		} elsif ($line =~ $no_start) {
			push @isolated, $line;
		}
	}
	return @isolated;
}

sub new_test
{
	my ($name) = @_;

	return { name => $name, status => 'crashed', why => '', errors => [], tests => [],
		counts => { passed => 0, failed => 0, crashed => 0, skipped => 0 } };
}

sub count
{
	my ($test, $status) = @_;

	$test->{counts}{$status}++ if exists $test->{counts}{$status};
}

sub total
{
	my ($test) = @_;
	my $sum = 0;

	$sum += $_ for values %{$test->{counts}};
	return $sum;
}

sub status_of_counts
{
	my ($test) = @_;

	for my $status (qw(crashed failed passed skipped)) {
		return $status if $test->{counts}{$status};
	}
	return 'no tests';
}

sub drop_diagnostics
{
	my ($lines) = @_;

	shift @$lines while @$lines && $lines->[0] !~ $known;
}

# Removes the first line if it is of this kind, and returns the captured groups.
sub take
{
	my ($lines, $kind) = @_;

	return () unless @$lines && $lines->[0] =~ $kind;
	my @caught = $lines->[0] =~ $kind;
	shift @$lines;
	return @caught;
}

# Is the next line the result of this test, or one without a name?
sub is_result_next
{
	my ($test, $lines) = @_;

	return @$lines && $lines->[0] =~ $result && $3 eq $test->{name};
}

sub take_result
{
	my ($test, $lines, $number) = @_;

	return unless @$lines && $lines->[0] =~ $result;
	my ($word, $got, $name) = ($1, $2, $3);
	if ($lines->[0] =~ $skipped) {
		($test->{name}, $test->{why}) = ($1, $2);
		$test->{why} =~ s/^\s+//;
		$test->{status} = 'skipped';
	} else {
		$test->{name} = $name;
		$test->{status} = $word eq 'ok' ? 'passed' : 'failed';
	}
	push @{$test->{errors}}, "number $got came in the place of $number" if $got != $number;
	shift @$lines;
}

# All subtests of a test, as many as planned, or up to its own result.
sub take_tests
{
	my ($test, $lines, $is_main) = @_;
	my ($planned) = take($lines, $plan);

	for (my $number = 1; !defined $planned || $number <= $planned; $number++) {
		drop_diagnostics($lines);
		if (!@$lines || (!$is_main && is_result_next($test, $lines))) {
			last unless $planned;
			push @{$test->{errors}}, "test $number of $planned did not come";
			push @{$test->{tests}}, new_test('');
			count($test, 'crashed');
			next;
		}
		my $before = @$lines;
		push @{$test->{tests}}, take_test($lines, $number);
		# A second plan is ignored.
		shift @$lines if @$lines == $before && !defined $planned;
	}
}

sub bubble_up
{
	my ($test) = @_;

	for my $sub (@{$test->{tests}}) {
		$test->{counts}{$_} += $sub->{counts}{$_} for keys %{$sub->{counts}};
	}
	if (!total($test)) {
		count($test, $test->{status});
	} elsif (status_of_counts($test) eq 'crashed') {
		$test->{status} = 'crashed';
	}
}

sub note_if_empty
{
	my ($test) = @_;

	return if @{$test->{tests}} || $test->{status} !~ /^(crashed|passed)$/;
	$test->{status} = 'no tests';
	push @{$test->{errors}}, 'it has no tests';
}

sub take_test
{
	my ($lines, $number) = @_;
	my $test = new_test('');

	drop_diagnostics($lines);
	my $is_parent = @$lines && $lines->[0] =~ $version ? shift @$lines : '';
	my ($name) = take($lines, $header);
	if (defined $name) {
		$test->{name} = $name;
		$is_parent = 1;
	}
	if ($is_parent) {
		drop_diagnostics($lines);
		take_tests($test, $lines, 0);
	}
	drop_diagnostics($lines);
	if ($test->{name} ne '' && !is_result_next($test, $lines)) {
		push @{$test->{errors}}, 'its result did not come';
	} else {
		take_result($test, $lines, $number);
	}
	note_if_empty($test) if $is_parent;
	bubble_up($test);
	return $test;
}

sub read
{
	my @lines = isolate(@_);
	my $main = new_test('main');

	if (!@lines) {
		$main->{status} = 'no results';
		return $main;
	}
	drop_diagnostics(\@lines);
	take(\@lines, $version);
	drop_diagnostics(\@lines);
	take_tests($main, \@lines, 1);
	note_if_empty($main);
	bubble_up($main);
	$main->{status} = status_of_counts($main) if $main->{status} ne 'no tests';
	return $main;
}

# The lines of a file, split as by kunit.py.
sub lines_of
{
	my ($file) = @_;

	open(my $in, '<', $file) or die "$file: $!\n";
	local $/;
	return split(/\r\n|[\n\r\x0b\x0c\x1c-\x1e]/, <$in> // '');
}

1;
