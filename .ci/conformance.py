#!/usr/bin/env python3
"""Runs the conformance corpora and compares the failures with the committed list.

  conformance.py CORPORA PROGRAM

The list is known-failures.txt beside this script: one `corpus: case` a line, `#` begins a remark. A case that fails and is
not listed is an error, and so is a listed one that passes: take it off the list.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

corpora, program = (pathlib.Path(argument).resolve() for argument in sys.argv[1:])
listing = pathlib.Path(__file__).parent / "known-failures.txt"
failed, summaries = set(), []


def run(name, *command, through=()):
    command = [*through, sys.executable, *command]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, cwd=corpora)
    lines = done.stdout.strip().splitlines()
    if not lines or not re.search(r"\d+ passed, \d+ failed", lines[-1]):
        sys.exit(f"{name}: the runner did not finish:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    summaries.append(f"{name}: {lines[-1]}")
    return lines


with tempfile.TemporaryDirectory() as scratch:
    scratch = pathlib.Path(scratch)
    for name in ("upstream", "fuzz"):
        report = scratch / f"{name}.json"
        run(name, corpora / "run.py", "--renderer", f"{program} build {{flags}} {{dir}}",
            "--quiet", "--json", report, corpora / name)
        failed |= {f"{name}: {r['name']}" for r in json.loads(report.read_text()) if r["status"] == "failed"}
    report = scratch / "realworld.txt"
    run("realworld", corpora / "run_realworld.py", f"{program} build {{flags}} {{dir}}", "--failures", report)
    failed |= {f"realworld: {line}" for line in report.read_text().splitlines()}
    sets = corpora / "applicationsets"
    lines = run("applicationsets", sets / "run_appsets.py", "--diff", "1000", "--program",
                f"{program} apps {{appset}} --root {{root}} {{clusters}} --format json")
    failed |= {f"applicationsets: {m[1]}" for m in (re.match(r"FAILED (\S+): ", line) for line in lines) if m}
    lines = run("yaml", corpora / "run_yaml.py", f"{program} build {{dir}}")
    failed |= {f"yaml: {m[1]}" for m in (re.match(r"  (\S+): ", line) for line in lines) if m}

    report = scratch / "functions.json"
    run("functions", corpora / "run.py", "--external", "--quiet", "--json", report,
        "--renderer", f"{program} build {{flags}} {{dir}}", corpora / "functions",
        through=[corpora / "functions" / "with-docker.sh"])
    failed |= {f"functions: {r['name']}" for r in json.loads(report.read_text()) if r["status"] == "failed"}
    setup = corpora.parent / "oracle" / "helm-setup.sh"
    if setup.exists():
        helm = subprocess.run(["bash", setup], capture_output=True, text=True, check=True).stdout.strip()
        report = scratch / "helm.json"
        run("helm", corpora / "run.py", "--external", "--flag", "helm_command=--helm-command {}",
            "--quiet", "--json", report,
            "--renderer", f"{program} build --helm-command {helm} {{flags}} {{dir}}", "@",
            through=[sys.executable, corpora / "remote" / "served.py", "--helm", helm, corpora / "helm"])
        failed |= {f"helm: {r['name']}" for r in json.loads(report.read_text()) if r["status"] == "failed"}

known = {line for line in listing.read_text().splitlines() if line and not line.startswith(("#", "attacks: "))}
print(*summaries, sep="\n")
for case in sorted(failed - known):
    print(f"NEW FAILURE    {case}")
for case in sorted(known - failed):
    print(f"PASSES NOW, take it off the list    {case}")
sys.exit(failed != known)
