#!/usr/bin/env python3
"""Records what upstream makes of what helm prints.

  KUSTOMIZE=/path/to/kustomize testdata/chart-outputs/record.py [CASE ...]

The `printed` of each case is what helm prints for the one chart of a kustomization. Beside it comes expected.yaml, or
expected.err if upstream refuses it. The program helm is a script here.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

here = pathlib.Path(__file__).resolve().parent
cases = [here / name for name in sys.argv[1:]] or sorted(p for p in here.iterdir() if p.is_dir())
HELM = '#!/bin/sh\ncase $1 in version) echo v4.3.1 ;; *) cat "$PRINTED" ;; esac\n'
with tempfile.TemporaryDirectory() as folder:
    top = pathlib.Path(folder)
    chart = top / "app" / "charts" / "web"
    chart.mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: web\nversion: 1.0.0\n")
    (chart / "values.yaml").write_text("")
    (top / "app" / "kustomization.yaml").write_text("namePrefix: p-\nhelmCharts: [{name: web, releaseName: r}]\n")
    helm = top / "helm"
    helm.write_text(HELM)
    helm.chmod(0o755)
    for case in cases:
        command = [os.environ["KUSTOMIZE"], "build", "--enable-helm", "--helm-command", helm, top / "app"]
        run = subprocess.run(command, capture_output=True, env={**os.environ, "PRINTED": str(case / "printed")})
        for name in ("expected.yaml", "expected.err"):
            (case / name).unlink(missing_ok=True)
        if run.returncode == 0:
            (case / "expected.yaml").write_bytes(run.stdout)
        else:
            message = run.stderr.decode().strip().removeprefix("Error: kustomize build failed: ")
            (case / "expected.err").write_text(message + "\n")
