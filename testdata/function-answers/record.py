#!/usr/bin/env python3
"""Records what upstream makes of the answers of functions.

  KUSTOMIZE=/path/to/kustomize testdata/function-answers/record.py

Each folder ROLE-NAME holds an `answer`, and in `kustomization` what else the kustomization says, if anything. It
gets `expected.yaml`, the output, or `expected.err`, the last words of the message; ROLE is generator, transformer or validator. The function runs in a container that is none: a
`docker` first on PATH prints the answer. The tree around it is that of tests/function_answers.rs.
"""

import os
import pathlib
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
MAPS = """apiVersion: v1
kind: ConfigMap
metadata: {name: a, annotations: {k: v}}
data: {v: old}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: b, namespace: n}
"""
FUNCTION = """apiVersion: ex.io/v1
kind: Fn
metadata:
  name: x
  annotations:
    config.kubernetes.io/function: |
      container: {image: answer}
"""


def record(case):
    role = case.name.split("-")[0]
    with tempfile.TemporaryDirectory() as folder:
        top = pathlib.Path(folder)
        (top / "tree").mkdir()
        (top / "tree/maps.yaml").write_text(MAPS)
        (top / "tree/fn.yaml").write_text(FUNCTION)
        more = case / "kustomization"
        more = more.read_text() if more.exists() else ""
        (top / "tree/kustomization.yaml").write_text(f"resources: [maps.yaml]\n{role}s: [fn.yaml]\n{more}")
        docker = top / "bin/docker"
        docker.parent.mkdir()
        docker.write_text(f"#!/bin/sh\ncat > /dev/null\ncat '{case}/answer'\n")
        docker.chmod(0o755)
        environment = dict(os.environ, PATH=f"{docker.parent}:{os.environ['PATH']}")
        command = [os.environ["KUSTOMIZE"], "build", str(top / "tree"), "--enable-alpha-plugins"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    for name in ("expected.yaml", "expected.err"):
        (case / name).unlink(missing_ok=True)
    if done.returncode == 0:
        (case / "expected.yaml").write_text(done.stdout)
    else:
        said = done.stderr.split("couldn't execute function: ")[-1].splitlines()[0].strip()
        (case / "expected.err").write_text(said.removeprefix("Error: kustomize build failed: ") + "\n")


for case in sorted(path.parent for path in HERE.glob("*/answer")):
    record(case)
