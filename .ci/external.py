#!/usr/bin/env python3
"""Runs upstream's cases that need helm, git or programs, but for those whose needs cannot be met offline.

  external.py CORPORA PROGRAM

external.txt beside this script lists the cases that are not run, each with what it needs. Any other case that
fails is an error, and so is a listed one that the corpus does not have.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

corpora, program = (pathlib.Path(argument).resolve() for argument in sys.argv[1:])
lines = (pathlib.Path(__file__).parent / "external.txt").read_text().splitlines()
left_out = {line.split(": ")[0] for line in lines if line and not line.startswith("#")}
setup = corpora.parent / "oracle" / "helm-setup.sh"
helm = subprocess.run(["bash", setup], capture_output=True, text=True, check=True).stdout.strip()
with tempfile.TemporaryDirectory() as scratch:
    report = pathlib.Path(scratch) / "report.json"
    command = [sys.executable, corpora / "run.py", "--external", "--copy", "--quiet", "--json", report, "--renderer",
               f"{program} build --allow-remote --allow-remote=file:/// --helm-command {helm} {{flags}} {{dir}}",
               corpora / "upstream" / "needs-external"]
    subprocess.run(command, stdout=subprocess.DEVNULL)
    results = {r["name"].split("needs-external/")[-1]: r for r in json.loads(report.read_text())}
run = {name: r for name, r in results.items() if r["status"] != "skipped" and name not in left_out}
failed = [name for name, r in run.items() if r["status"] == "failed"]
for name in failed:
    print(f"FAILED {name}: {run[name].get('why')}\n{run[name].get('diff', '')}")
for name in sorted(left_out - results.keys()):
    print(f"NO SUCH CASE, take it off the list: {name}")
print(f"external: {len(run) - len(failed)} passed, {len(failed)} failed, {len(left_out)} not run")
sys.exit(bool(failed or not run or left_out - results.keys()))
