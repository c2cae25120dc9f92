#!/usr/bin/env python3
"""Checks that vendored copies are built like the real thing.

  vendored.py CORPUS PROGRAM

For each case that is to succeed: `kustom vendor`, then `kustom build` without a network, with an empty
PATH and nothing allowed; the bytes must be those of expected.yaml. CORPUS is changed, so it is a copy, as
`served.py` of the corpora makes one.
"""
import json
import os
import pathlib
import subprocess
import sys

corpus, program = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
offline = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "KUSTOM_"))}
offline["PATH"] = ""
passed, failed = 0, 0
for case in sorted(path.parent for path in corpus.glob("*/case.json")):
    facts = json.loads((case / "case.json").read_text())
    if facts["outcome"] != "ok":
        continue
    tree, entry = case / "in", facts["entry"]
    vendor = [program, "vendor", "--allow-remote", "--allow-remote=127.0.0.1", "."]
    done = subprocess.run(vendor, cwd=tree, capture_output=True, text=True)
    built = subprocess.run([program, "build", entry], cwd=tree, env=offline, capture_output=True, text=True)
    check = subprocess.run([program, "vendor", "--check"], cwd=tree, env=offline, capture_output=True, text=True)
    if built.stdout == (case / "expected.yaml").read_text() and check.returncode == 0:
        passed += 1
    else:
        failed += 1
        print(f"{case.name}: {done.stderr}{built.stderr}{check.stderr}")
print(f"{passed} passed, {failed} failed")
sys.exit(failed or not passed)
