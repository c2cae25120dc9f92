#!/usr/bin/env python3
"""Records what upstream gives functions and legacy plugins.

  KUSTOMIZE=/path/to/kustomize testdata/function-inputs/record.py

Each folder is a tree; the kustomization in `app` is built. A container `echo` answers what it is given, another one
what `answers/IMAGE` says; so do legacy plugins `ex.io/v1/KIND`, of which those without an answer echo. What they
were given becomes `expected.log`, the output `expected.yaml`.
"""

import os
import pathlib
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
DOCKER = """#!/bin/sh
for image; do :; done
echo "container $image" >>"$LOG"
input=$(cat; echo .)
printf '%s' "${input%.}" >>"$LOG"
[ ! -e "$ANSWERS/$image" ] && printf '%s' "${input%.}" || cat "$ANSWERS/$image"
"""
PLUGIN = """#!/bin/sh
kind=$(basename "$0")
{ echo "plugin $kind"; cat "$1"; echo "stdin:"; } >>"$LOG"
input=$(cat; echo .)
printf '%s' "${input%.}" >>"$LOG"
[ ! -e "$ANSWERS/$kind" ] && printf '%s' "${input%.}" || cat "$ANSWERS/$kind"
"""


def program(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def record(case):
    with tempfile.TemporaryDirectory() as folder:
        top = pathlib.Path(folder)
        program(top / "bin/docker", DOCKER)
        for kind in ["Policies", "Change"]:
            program(top / f"home/ex.io/v1/{kind.lower()}/{kind}", PLUGIN)
        env = {
            **os.environ,
            "PATH": f"{top}/bin:{os.environ['PATH']}",
            "KUSTOMIZE_PLUGIN_HOME": f"{top}/home",
            "LOG": f"{case}/expected.log",
            "ANSWERS": f"{case}/answers",
        }
        (case / "expected.log").unlink(missing_ok=True)
        command = [os.environ["KUSTOMIZE"], "build", str(case / "app"), "--enable-alpha-plugins"]
        ran = subprocess.run(command, env=env, capture_output=True, text=True)
        if ran.returncode:
            raise SystemExit(f"{case.name}: {ran.stderr}")
        (case / "expected.yaml").write_text(ran.stdout)


for case in sorted(HERE.iterdir()):
    if case.is_dir():
        record(case)
