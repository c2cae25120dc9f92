#!/usr/bin/env python3
"""Records the expected outputs of the golden cases and of infra-config.

  KUSTOMIZE=/path/to/kustomize testdata/record.py [--check] [CASE ...]

KUSTOMIZE is upstream's kustomize, or any program that takes the same arguments:
`build [flags] DIR`. A CASE is `feature/name` below testdata/cases, a feature, or
`infra-config`; none means all of them. See testdata/README.md for the layout.

An ok case gets its expected.yaml written; nothing is written when the program fails.
An error case (it has an expected.err) must fail with the phrase of that file.
--check compares only and writes nothing. The exit status is 0 when all went well.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor

TESTDATA = pathlib.Path(__file__).resolve().parent
CASES = TESTDATA / "cases"
INFRA = TESTDATA / "infra-config"
INFRA_EXPECTED = TESTDATA / "infra-config.expected"
KUSTOMIZATION_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
OPTIONS = {"note", "entry", "load_restrictor", "reorder", "enable_managedby_label"}


def flags_of(case):
    """Returns the entry and the flags that case.toml asks for."""
    path = case / "case.toml"
    options = tomllib.loads(path.read_text()) if path.exists() else {}
    unknown = options.keys() - OPTIONS
    if unknown:
        raise SystemExit(f"{path}: unknown option {sorted(unknown)}")
    flags = []
    if options.get("load_restrictor") == "none":
        flags += ["--load-restrictor", "LoadRestrictionsNone"]
    if "reorder" in options:
        flags += ["--reorder", options["reorder"]]
    if options.get("enable_managedby_label"):
        flags += ["--enable-managedby-label"]
    return options.get("entry", "."), flags


def build(program, directory, flags):
    """Runs the program; returns (ok, output or message) as bytes."""
    run = subprocess.run([program, "build", *flags, os.path.normpath(directory)],
                         stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    if run.returncode != 0:
        return False, run.stderr
    # A development build does not know its version.
    return True, run.stdout.replace(b"kustomize-(devel)", b"kustomize-v5.8.2")


def store(path, output, check):
    """Writes an expected output; returns what is wrong with it, if anything."""
    if path.exists() and path.read_bytes() == output:
        return None
    if check:
        return "other output than recorded"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(output)
    return None


def record_case(program, case, check):
    entry, flags = flags_of(case)
    ok, answer = build(program, case / entry, flags)
    phrase_file = case / "expected.err"
    if not phrase_file.exists():
        if not ok:
            return "fails: " + answer.decode(errors="replace").strip()
        return store(case / "expected.yaml", answer, check)
    phrase = phrase_file.read_text().rstrip("\n")
    if (case / "expected.yaml").exists():
        return "has both an expected.yaml and an expected.err"
    if not phrase or "\n" in phrase:
        return "expected.err must hold one line"
    if ok:
        return "succeeds, an error was expected"
    if phrase.encode() not in answer:
        return f"fails without {phrase!r}: " + answer.decode(errors="replace").strip()
    return None


def record_root(program, root, check):
    ok, answer = build(program, root, [])
    if not ok:
        return "fails: " + answer.decode(errors="replace").strip()
    path = INFRA_EXPECTED / (root.relative_to(INFRA).as_posix() + ".yaml")
    return store(path, answer, check)


def jobs(selected):
    """Lists (name, function, path) of what is to be recorded."""
    cases = sorted(p for p in CASES.glob("*/*") if p.is_dir())
    roots = sorted(p.parent for name in KUSTOMIZATION_NAMES for p in INFRA.rglob(name))
    found = [(c.relative_to(CASES).as_posix(), record_case, c) for c in cases]
    found += [("infra-config/" + r.relative_to(INFRA).as_posix(), record_root, r) for r in roots]
    if not selected:
        return found
    wanted = [s.strip("/").removeprefix("testdata/").removeprefix("cases/") for s in selected]
    chosen = [j for j in found if any(j[0] == w or j[0].startswith(w + "/") for w in wanted)]
    for w in wanted:
        if not any(re.match(re.escape(w) + r"(/|$)", j[0]) for j in chosen):
            raise SystemExit(f"no such case: {w}")
    return chosen


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", nargs="*")
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    program = shutil.which(os.environ.get("KUSTOMIZE", ""))
    if program is None:
        raise SystemExit("set KUSTOMIZE to the path of an upstream kustomize")
    chosen = jobs(args.case)
    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(lambda j: j[1](program, j[2], args.check), chosen))
    wrong = [(name, answer) for (name, _, _), answer in zip(chosen, answers) if answer]
    for name, answer in wrong:
        print(f"{name}: {answer}", file=sys.stderr)
    print(f"{len(chosen) - len(wrong)} good, {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
