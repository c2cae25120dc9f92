#!/usr/bin/env python3
"""Runs the suite of attacks and compares the failures with the committed list.

  attacks.py SUITE PROGRAM

Lines of known-failures.txt that begin with `attacks:` name those that do not hold. What fails and is not listed is an error;
a listed one may pass, for some lie near a limit of time.
"""
import json
import os
import pathlib
import subprocess
import sys

suite, program = (pathlib.Path(argument).resolve() for argument in sys.argv[1:])
listing = pathlib.Path(__file__).parent / "known-failures.txt"
command = [sys.executable, suite, "--program", program, "--json"]
if reference := os.environ.get("KUSTOMIZE"):
    command += ["--against", reference]
done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
results = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
if not results:
    sys.exit(f"the suite did not run:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
known = {line.removeprefix("attacks: ") for line in listing.read_text().splitlines() if line.startswith("attacks: ")}
failed = {result["name"]: result for result in results if result["verdict"] == "fail"}
passed = sum(result["verdict"] == "pass" for result in results)
print(f"attacks: {passed} passed, {len(failed)} failed, {len(results) - passed - len(failed)} skipped")
new = sorted(set(failed) - known)
for name in new:
    print(f"NEW FAILURE    attacks: {name}: {failed[name]}")
sys.exit(bool(new))
