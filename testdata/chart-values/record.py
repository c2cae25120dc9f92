#!/usr/bin/env python3
"""Records which values upstream gives to helm.

  KUSTOMIZE=/path/to/kustomize testdata/chart-values/record.py [CASE ...]

A case is a tree with a kustomization.yaml, in which ROOT stands for the tree's directory. Beside it comes
expected.yaml: after a line `# RELEASE` for each release, in the order of their names, its values files, each after a
line `---`. It is expected.err if upstream refuses the kustomization. The program helm is a script here: what it
fetches is a chart whose values say where it is from, and which holds another chart.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

here = pathlib.Path(__file__).resolve().parent
cases = [here / name for name in sys.argv[1:]] or sorted(p for p in here.iterdir() if p.is_dir())
HELM = r"""#!/bin/sh
case $1 in
version) echo v4.3.1 ;;
pull)
  folder=$4/$7
  mkdir -p "$folder/charts/inner"
  for chart in "$folder" "$folder/charts/inner"; do
    echo "name: ${chart##*/}" > "$chart/Chart.yaml"
    echo "from: ${chart##*/} $9" > "$chart/values.yaml"
  done ;;
template)
  release=$2
  echo "# $release" > "$VALUES/$release"
  while [ $# -gt 0 ]; do
    if [ "$1" = -f ]; then
      [ -e "$2" ] || { echo "Error: open $2: no such file or directory" >&2; exit 1; }
      { echo ---; cat "$2"; } >> "$VALUES/$release"
    fi
    shift
  done ;;
esac
"""
for case in cases:
    for name in ("expected.yaml", "expected.err"):
        (case / name).unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        top = pathlib.Path(folder).resolve()
        app, values, helm = top / "app", top / "values", top / "helm"
        shutil.copytree(case, app)
        values.mkdir()
        file = app / "kustomization.yaml"
        file.write_text(file.read_text().replace("ROOT", str(app)))
        helm.write_text(HELM)
        helm.chmod(0o755)
        command = [os.environ["KUSTOMIZE"], "build", "--enable-helm", "--helm-command", helm, app]
        run = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "VALUES": str(values)})
        if run.returncode == 0:
            releases = sorted(values.iterdir())
            (case / "expected.yaml").write_text("".join(release.read_text() for release in releases))
        else:
            message = run.stderr.replace(str(app), "ROOT").replace(str(top), "ROOT/..")
            # What follows are helm's arguments and environment, or the part of a path that is missing.
            message = message.split(": unable to run")[0].split(" : lstat")[0].strip().splitlines()[-1]
            message = re.sub(".*recursed accumulation of path '[^']*': ", "", message)
            if twice := re.search("mapping key .* already defined", run.stderr):
                message = twice[0]
            for before in ("Error: kustomize build failed: ", "Error: ", "`: "):
                message = message.removeprefix(before)
            (case / "expected.err").write_text(message + "\n")
