// SPDX-License-Identifier: GPL-2.0-only
//
// Shows the results that stand in the page.  What a guest has said comes into it as text alone:
// by textContent, never as markup.
"use strict";

const ROWS = 60, JOBS = 30, HISTORY = 200;
const kinds = {
	"passed": ["good", "\u2713"], "warns": ["odd", "w"], "skipped": ["none", "\u2013"], "fails": ["bad", "\u2717"],
	"known": ["odd", "k"], "crashes": ["bad", "C"], "never ran": ["bad", "N"],
	"splat": ["bad", "S"], "panic": ["bad", "P"], "hangs": ["bad", "H"], "not up": ["bad", "U"],
	"no build": ["bad", "B"], "no apply": ["bad", "A"], "no machine": ["none", "M"],
};
const $ = (id) => document.getElementById(id);
const brief = JSON.parse($("brief").textContent);
const words = brief.words;

// The results, the oldest first, and for each test the numbers of its own.
const all = brief.rows.map((row, number) => ({
	number, goal: words[row[0]], job: words[row[1]], test: words[row[2]], verdict: words[row[3]],
	time: row[4], seconds: row[5], label: words[row[6]],
}));
const tests = new Map();
for (const one of all) {
	const key = one.goal + "\n" + one.test;
	if (!tests.has(key))
		tests.set(key, { goal: one.goal, test: one.test, text: key.toLowerCase(), results: [] });
	tests.get(key).results.push(one);
}

let lines;
function lineOf(one) {
	lines ??= $("lines").textContent.split("\n");
	return JSON.parse(lines[one.number]);
}

function kind(verdict) {
	return (kinds[verdict] || ["bad", "?"])[0];
}

function isBad(one) {
	return kind(one.verdict) === "bad";
}

// make NAME, CLASS, CHILD... - an element; text is text
function make(name, className, ...children) {
	const element = document.createElement(name);
	if (className)
		element.className = className;
	element.append(...children.filter((child) => child !== undefined));
	return element;
}

function date(time) {
	const text = new Date(time * 1000).toISOString();
	return text.slice(0, 10) + " " + text.slice(11, 19);
}

function seconds(value) {
	return value < 0 ? "" : value < 10 ? value.toFixed(2) + " s" : value.toFixed(1) + " s";
}

function middle(results) {
	const times = results.map((one) => one.seconds).filter((value) => value >= 0).sort((a, b) => a - b);
	return times.length ? times[times.length >> 1] : -1;
}

function share(results) {
	const bad = results.filter(isBad).length;
	return bad ? `${bad} of ${results.length} (${(100 * bad / results.length).toFixed(1)} %)` : `0 of ${results.length}`;
}

let shown = ROWS, newest = 0, cells = [];

// The tests that the form asks for; those that failed last come first.
function asked() {
	const text = $("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
	const goal = $("goal").value, verdict = $("verdict").value;
	const last = (test) => test.results[test.results.length - 1];
	return [...tests.values()].filter((test) =>
		text.every((word) => test.text.includes(word)) && (!goal || test.goal === goal) &&
		(!verdict || (verdict === "bad" ? test.results.some(isBad) : test.results.some((one) => one.verdict === verdict))))
		.sort((a, b) => isBad(last(b)) - isBad(last(a)) || last(b).time - last(a).time);
}

function jobsOf(some) {
	const jobs = new Map();
	for (const test of some)
		for (const one of test.results)
			if (!(jobs.get(one.job)?.time > one.time))
				jobs.set(one.job, one);
	return [...jobs.values()].sort((a, b) => b.time - a.time);
}

function heading(jobs) {
	const row = make("tr", "", make("th", "", "test"), make("th", "", "last"), make("th", "wide", "failed"),
		make("th", "wide number", "usual time"));
	for (const job of jobs) {
		const name = make("span", "", job.label || job.job);
		const column = make("th", "job", name);
		column.scope = "col";
		column.title = `${job.goal} ${job.job}\n${date(job.time)}\n${job.label}`;
		row.append(column);
	}
	return row;
}

function cell(results) {
	if (!results)
		return make("td", "cell");
	const bad = results.filter(isBad), one = bad[bad.length - 1] || results[results.length - 1];
	const button = make("button", kind(one.verdict), results.length === 1 ? (kinds[one.verdict] || ["", "?"])[1] :
		`${results.length - bad.length}/${results.length}`);
	button.tabIndex = -1;
	button.dataset.number = one.number;
	button.setAttribute("aria-label", `${one.test}: ${one.verdict}, ${one.label || one.job}`);
	button.title = `${one.verdict}, ${date(one.time)}`;
	cells[cells.length - 1].push(button);
	return make("td", "cell", button);
}

function line(test, jobs) {
	const last = test.results[test.results.length - 1], name = make("th", "", test.test);
	name.scope = "row";
	name.title = `${test.goal}: ${test.test}`;
	cells.push([]);
	const row = make("tr", "", name, make("td", "", make("b", kind(last.verdict), last.verdict)),
		make("td", "wide", share(test.results)), make("td", "wide number", seconds(middle(test.results))));
	const inJob = new Map();
	for (const one of test.results)
		inJob.set(one.job, [...inJob.get(one.job) || [], one]);
	for (const job of jobs)
		row.append(cell(inJob.get(job.job)));
	return row;
}

function show() {
	const some = asked(), everyJob = jobsOf(some);
	newest = Math.max(0, Math.min(newest, everyJob.length - JOBS));
	const jobs = everyJob.slice(newest, newest + JOBS);
	cells = [];
	$("head").replaceChildren(heading(jobs));
	$("body").replaceChildren(...some.slice(0, shown).map((test) => line(test, jobs)));
	const first = cells.find((row) => row.length);
	if (first)
		first[0].tabIndex = 0;
	$("more").hidden = some.length <= shown;
	$("newer").disabled = newest === 0;
	$("older").disabled = newest + JOBS >= everyJob.length;
	const count = some.reduce((sum, test) => sum + test.results.length, 0);
	$("count").textContent = `${Math.min(shown, some.length)} of ${some.length} tests, ${everyJob.length ? newest + 1 : 0}` +
		`\u2013${newest + jobs.length} of ${everyJob.length} jobs, ${count} results` +
		(brief.bad ? `; ${brief.bad} lines are none and left out` : "");
}

// Where the keyboard is in the table
function move(from, rows, columns) {
	const row = cells.findIndex((some) => some.includes(from));
	let to = row + rows;
	while (cells[to] && !cells[to].length)
		to += Math.sign(rows) || 1;
	const some = cells[to], column = cells[row].indexOf(from) + columns;
	if (!some)
		return;
	const next = some[Math.max(0, Math.min(column, some.length - 1))];
	from.tabIndex = -1;
	next.tabIndex = 0;
	next.focus();
}

function excerpt(result) {
	const pre = make("pre"), [first, last] = result.marked || [0, -1];
	const text = result.excerpt.replace(/\n$/, "").split("\n");
	const part = (from, to) => text.slice(from, to).join("\n");
	if (last < first) {
		pre.append(part(0));
		return pre;
	}
	pre.append(part(0, first - 1), make("mark", "", part(first - 1, last)), part(last));
	return pre;
}

function times(results) {
	const timed = results.filter((one) => one.seconds >= 0);
	if (timed.length < 2)
		return undefined;
	const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
	const most = Math.max(...timed.map((one) => one.seconds)) || 1;
	const add = (name, attributes, text) => {
		const element = document.createElementNS(svg.namespaceURI, name);
		for (const key in attributes)
			element.setAttribute(key, attributes[key]);
		element.textContent = text;
		svg.append(element);
	};
	svg.setAttribute("class", "times");
	svg.setAttribute("viewBox", "0 0 600 90");
	svg.setAttribute("role", "img");
	svg.setAttribute("aria-label", `times of ${timed.length} results, up to ${seconds(most)}`);
	add("text", { x: 4, y: 12 }, seconds(most));
	timed.forEach((one, i) => add("circle", {
		cx: 8 + 584 * i / (timed.length - 1), cy: 82 - 64 * one.seconds / most, r: 3, class: kind(one.verdict),
	}, ""));
	return svg;
}

function link(one) {
	const a = make("a", "", date(one.time));
	a.href = "#" + one.number;
	return make("li", "", make("b", kind(one.verdict), one.verdict), " ", a, " ", make("span", "dim", one.label || one.job));
}

function repeat(text) {
	const button = make("button", "", "Copy");
	button.addEventListener("click", () => navigator.clipboard?.writeText(text).then(() => { button.textContent = "Copied"; }));
	return make("div", "repeat", make("code", "", text), button);
}

function fields(one, result) {
	const list = make("dl");
	const add = (name, text) => text !== undefined && text !== "" && list.append(make("dt", "", name), make("dd", "", String(text)));
	add("verdict", result.why ? `${one.verdict}: ${result.why}` : one.verdict);
	add("when", date(one.time) + " UTC");
	add("took", seconds(one.seconds) + (result.start ? ` (from ${result.start === "state" ? "a saved state" : "power-on"})` : ""));
	add("job", `${one.goal} ${one.job}`);
	add("commit", result.commit && `${result.commit.slice(0, 12)} ${result.subject || ""}`);
	add("kernel", [result.kernel, result.arch].filter(Boolean).join(" "));
	add("status", result.status);
	add("folder", result.folder);
	add("host", result.host);
	return list;
}

function details(one) {
	const result = lineOf(one), test = tests.get(one.goal + "\n" + one.test);
	const content = [make("h2", "", one.test), fields(one, result)];
	const part = (title, element) => element && content.push(make("h3", "", title), element);
	part("Once more", result.repeat && repeat(result.repeat));
	part(result.marked ? "What the kernel said" : "What was said last", result.excerpt && excerpt(result));
	part("Tests", result.cases && make("ul", "", ...result.cases.map((some) =>
		make("li", "", make("b", kind(some.verdict), some.verdict), " " + some.name, some.why ? ` (${some.why})` : ""))));
	part("Times, the newest at the right", times(test.results.slice(-HISTORY)));
	part(`History: ${share(test.results)} failed`, make("ul", "", ...test.results.slice(-HISTORY).reverse().map(link)));
	$("details").replaceChildren(...content);
	if (!$("dialog").open)
		$("dialog").showModal();
	$("dialog").scrollTop = 0;
}

function follow() {
	const one = location.hash ? all[location.hash.slice(1)] : undefined;
	if (one)
		details(one);
	else if ($("dialog").open)
		$("dialog").close();
}

function choices(id, values) {
	for (const value of [...new Set(values)].sort()) {
		const option = make("option", "", value);
		option.value = value;
		$(id).append(option);
	}
}

function again() {
	shown = ROWS;
	newest = 0;
	show();
}

choices("goal", all.map((one) => one.goal));
choices("verdict", all.map((one) => one.verdict));
$("filter").addEventListener("input", again);
$("goal").addEventListener("change", again);
$("verdict").addEventListener("change", again);
$("form").addEventListener("submit", (event) => event.preventDefault());
$("more").addEventListener("click", () => { shown += ROWS; show(); });
$("older").addEventListener("click", () => { newest += JOBS; show(); });
$("newer").addEventListener("click", () => { newest -= JOBS; show(); });
$("close").addEventListener("click", () => $("dialog").close());
$("dialog").addEventListener("close", () => history.replaceState(null, "", location.pathname + location.search));
$("body").addEventListener("click", (event) => {
	const button = event.target.closest("button");
	if (button)
		location.hash = button.dataset.number;
});
$("body").addEventListener("keydown", (event) => {
	const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [0, -1e9], End: [0, 1e9] }[event.key];
	if (step && event.target.dataset.number) {
		event.preventDefault();
		move(event.target, ...step);
	}
});
document.addEventListener("keydown", (event) => {
	if (event.key === "/" && !$("dialog").open && event.target !== $("filter")) {
		event.preventDefault();
		$("filter").focus();
	}
});
addEventListener("hashchange", follow);
show();
follow();
