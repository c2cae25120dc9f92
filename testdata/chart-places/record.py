#!/usr/bin/env python3
"""Records what upstream builds of charts that it fetches, and where their files are found.

  KUSTOMIZE=/path/to/kustomize testdata/chart-places/record.py [CASE ...]

A case is a tree with a kustomization.yaml. Beside it comes expected.yaml, what upstream prints, or expected.err if it
refuses the kustomization; ROOT stands for the tree's directory there. The program helm is a script here: what it fetches
is the chart in chart/, in which NAME and REPO stand for those of the entry. It fetches nothing to where something is,
and renders a config map with the paths of all files Chart.yaml, the home that the first one names, and the values.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

here = pathlib.Path(__file__).resolve().parent
names = sys.argv[1:] or sorted(p.name for p in (here / "cases").iterdir())
HELM = r"""#!/bin/sh
case $1 in
version) echo v4.3.1 ;;
pull)
  folder=$4/$7
  [ ! -e "$folder" ] || { echo "Error: failed to untar: a file or directory with the name $folder already exists" >&2; exit 1; }
  mkdir -p "$folder" 2> /dev/null || { echo "Error: failed to untar (mkdir): mkdir $4: not a directory" >&2; exit 1; }
  cp -r CHART/. "$folder"
  sed -i -e "s/NAME/$7/" -e "s|REPO|$6|" $(find "$folder" -type f) ;;
template)
  [ -e "$3/Chart.yaml" ] || { echo "Error: Chart.yaml file is missing" >&2; exit 1; }
  charts=$(cd "$3" && find . -name Chart.yaml | LC_ALL=C sort | sed 's|^\./||' | tr '\n' ' ')
  home=$(sed -n 's/^home: //p' "$3/Chart.yaml")
  printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\ndata:\n' "$2"
  printf '  charts: "%s"\n  home: "%s"\n' "${charts% }" "$home"
  while [ $# -gt 0 ]; do
    [ "$1" != -f ] || sed 's/^/  /' "$2"
    shift
  done ;;
esac
"""
for name in names:
    case = here / "cases" / name
    for expected in ("expected.yaml", "expected.err"):
        (case / expected).unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        top = pathlib.Path(folder).resolve()
        app, helm = top / "app", top / "helm"
        shutil.copytree(case, app)
        helm.write_text(HELM.replace("CHART/", f"{here}/chart/"))
        helm.chmod(0o755)
        command = [os.environ["KUSTOMIZE"], "build", "--enable-helm", "--helm-command", helm, app]
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode == 0:
            (case / "expected.yaml").write_text(run.stdout)
        else:
            message = run.stderr.replace(str(app), "ROOT")
            # What follows are helm's arguments and environment, or the part of a path that is missing.
            message = message.split(": unable to run")[0].split(" : lstat")[0].strip().splitlines()[-1]
            message = message.split("accumulation err='")[-1]
            for before in ("Error: kustomize build failed: ", "Error: ", "`: "):
                message = message.removeprefix(before)
            if message.startswith("loading CRDs"):
                message = message.split("]: ")[-1]
            (case / "expected.err").write_text(message + "\n")
