"""Runs renderers in turn on trees that benches/compare.sh wrote, and prints a table."""

import os
import shlex
import statistics
import subprocess
import sys
import time


def run(commands):
    """Runs commands one after the other; returns seconds and the most KiB any of them had."""
    peak = 0
    start = time.perf_counter()
    for command in commands:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            sys.exit(f"failed: {shlex.join(command)}")
        peak = max(peak, usage.ru_maxrss)
    return time.perf_counter() - start, peak


def version(command):
    words = shlex.split(command.split(" build")[0])
    answer = subprocess.run([*words, "version"], capture_output=True, text=True)
    lines = (answer.stdout + answer.stderr).splitlines() or ["no version"]
    return f"{os.path.basename(words[0])}: {lines[0]}"


def main():
    work, *trees = sys.argv[1:]
    kustom = os.environ["KUSTOM"]
    renderers = [f"{kustom} build {{dir}}"]
    if os.environ.get("KUSTOMIZE"):
        renderers.append(f"{os.environ['KUSTOMIZE']} build {{dir}}")
    renderers += [r for r in os.environ.get("RENDERERS", "").split("|") if r.strip()]
    most = int(os.environ.get("RUNS", "21"))

    names = []
    for renderer in renderers:
        print(version(renderer))
        names.append(os.path.basename(shlex.split(renderer)[0]))
    print(f"\n| tree | {' | '.join(names)} | {' | '.join('× ' + n for n in names[1:])} |")
    print("|---" + "|--:" * (2 * len(names) - 1) + "|")
    for tree in trees:
        with open(f"{work}/{tree}.roots") as file:
            roots = file.read().split()
        commands = []
        for i, renderer in enumerate(renderers):
            if i == 0:  # several directories in one call
                commands.append([shlex.split(renderer.replace("{dir}", shlex.join(roots)))])
            else:
                commands.append([shlex.split(renderer.replace("{dir}", r)) for r in roots])
        times = [[] for _ in commands]
        peaks = [0] * len(commands)
        start = time.perf_counter()
        while len(times[0]) < most and (len(times[0]) < 3 or time.perf_counter() - start < 20):
            for i, command in enumerate(commands):
                seconds, peak = run(command)
                times[i].append(seconds)
                peaks[i] = max(peaks[i], peak)
        medians = [statistics.median(t) for t in times]
        cells = [f"{m * 1000:.1f} ms, {p / 1024:.0f} MiB" for m, p in zip(medians, peaks)]
        ratios = [
            f"{m / medians[0]:.0f} × time, {p / peaks[0]:.1f} × memory"
            for m, p in list(zip(medians, peaks))[1:]
        ]
        print(f"| {tree} | {' | '.join(cells + ratios)} |", flush=True)


main()
