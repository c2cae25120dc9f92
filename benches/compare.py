"""Runs renderers in turn on trees that benches/compare.sh wrote, and prints a table."""

import os
import re
import shlex
import shutil
import statistics
import subprocess
import sys
import time

PAGE = os.path.join(os.path.dirname(__file__), "..", "docs", "benchmarks.md")
MARKS = re.compile(r"(<!-- benchmarks: begin.*?-->\n).*?(<!-- benchmarks: end -->)", re.S)
# Started by a small program, because a process counts the memory of its parent at the fork as its own.
TIME = shutil.which("time")
SECONDS_PER_TREE = 20


def run(commands):
    """Runs commands one after the other; returns the seconds that took."""
    nothing = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_WRONLY, 0) for fd in (1, 2)]
    start = time.perf_counter()
    for command in commands:
        process = os.posix_spawn(command[0], command, os.environ, file_actions=nothing)
        if os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) != 0:
            sys.exit(f"failed: {shlex.join(command)}")
    return time.perf_counter() - start


def memory(commands):
    """Runs commands; returns the most MiB that any of them had."""
    if not TIME:
        return None
    peak = 0
    for command in commands:
        measured = subprocess.run([TIME, "-f", "%M", *command], capture_output=True, text=True)
        peak = max(peak, int(measured.stderr.split()[-1]))
    return peak / 1024


def program(renderer):
    """Returns the words that start a renderer, with the whole path of the program."""
    words = shlex.split(renderer)
    return [shutil.which(words[0]) or sys.exit(f"no such program: {words[0]}"), *words[1:]]


def version(renderer):
    words = program(renderer)[: 1]
    answer = subprocess.run([*words, "version"], capture_output=True, text=True)
    line = (answer.stdout.splitlines() or ["does not say"])[0] if answer.returncode == 0 else "does not say"
    return f"{os.path.basename(words[0])}: {line}"


def compare(renderers, names, roots, most):
    """Returns the row of a tree: times and memory, and how they compare with the first renderer's."""
    commands = []
    for i, renderer in enumerate(renderers):
        # The first one takes several directories in one call.
        calls = [shlex.join(roots)] if i == 0 else [shlex.quote(root) for root in roots]
        commands.append([program(renderer.replace("{dir}", call)) for call in calls])
    peaks = [memory(command) for command in commands]
    times = [[] for _ in commands]
    start = time.perf_counter()
    while len(times[0]) < most and (len(times[0]) < 3 or time.perf_counter() - start < SECONDS_PER_TREE):
        for i, command in enumerate(commands):
            times[i].append(run(command))
    medians = [statistics.median(each) for each in times]

    def cell(seconds, peak):
        return f"{seconds * 1000:.1f} ms" + (f", {peak:.0f} MiB" if peak else "")

    def ratio(seconds, peak):
        text = f"{seconds / medians[0]:.0f} × time"
        return text + (f", {peak / peaks[0]:.1f} × memory" if peak and peaks[0] else "")

    measured = list(zip(medians, peaks))
    return [cell(*m) for m in measured] + [ratio(*m) for m in measured[1:]]


def main():
    work, *trees = sys.argv[1:]
    renderers = [f"{os.environ['KUSTOM']} build {{dir}}"]
    if os.environ.get("KUSTOMIZE"):
        renderers.append(f"{os.environ['KUSTOMIZE']} build {{dir}}")
    renderers += [r for r in os.environ.get("RENDERERS", "").split("|") if r.strip()]
    most = int(os.environ.get("RUNS", "21"))

    names = [os.path.basename(shlex.split(renderer)[0]) for renderer in renderers]
    lines = [
        f"| tree | {' | '.join(names)} | {' | '.join('× ' + name for name in names[1:])} |",
        "|---" + "|--:" * (2 * len(names) - 1) + "|",
    ]
    versions = "; ".join(version(renderer) for renderer in renderers)
    print(versions, "", *lines, sep="\n", flush=True)
    for tree in trees:
        with open(f"{work}/{tree}.roots") as file:
            roots = file.read().split()
        row = f"| {tree} | {' | '.join(compare(renderers, names, roots, most))} |"
        print(row, flush=True)
        lines.append(row)

    if os.environ.get("UPDATE_DOCS"):
        with open(PAGE) as file:
            text = file.read()
        table = "\n".join(lines)
        text = MARKS.sub(lambda marks: f"{marks[1]}\n{table}\n\n{marks[2]}", text)
        with open(PAGE, "w") as file:
            file.write(text)


main()
