#!/usr/bin/env bash
# Times 90 overlays of one chart: kustom in one call, and kustomize in one call each, since it takes one directory.
#
#   KUSTOMIZE=kustomize benches/charts.sh
#
# Needs cargo, python3 and helm (HELM names another program). KUSTOM names the program (built here if unset),
# RUNS the number of runs, of which the fastest counts. Fails if the outputs differ, or if kustom takes more than
# 1/20 of the time.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ -z "${KUSTOM:-}" ]; then
  cargo build --release --quiet --workspace
  cp target/release/kustom "$work/kustom"
fi
export KUSTOM=${KUSTOM:-$work/kustom} KUSTOMIZE=${KUSTOMIZE:?names the program kustomize} HELM=${HELM:-helm}

mkdir -p "$work/tree/base"
cp -r testdata/infra-config/platform/heartbeat/. "$work/tree/base"
for i in $(seq -w 90); do
  mkdir "$work/tree/overlay-$i"
  printf 'namePrefix: o%s-\nlabels: [{pairs: {overlay: o%s}}]\nresources: [../base]\n' "$i" "$i" \
    >"$work/tree/overlay-$i/kustomization.yaml"
done

python3 - "$work/tree" <<'PY'
import os, pathlib, subprocess, sys, time

tree = pathlib.Path(sys.argv[1])
roots = sorted(path.name for path in tree.glob("overlay-*"))
flags = ["--enable-helm", "--helm-command", os.environ["HELM"]]

def run(*command):
    return subprocess.run(command, cwd=tree, check=True, capture_output=True, text=True).stdout

def theirs():
    return [run(os.environ["KUSTOMIZE"], "build", root, *flags) for root in roots]

def ours(*more):
    def call():
        run(os.environ["KUSTOM"], "build", *roots, "-o", "out", *flags, *more)
        return [(tree / "out" / f"{root}.yaml").read_text() for root in roots]
    return call

def least(what, call):
    call()
    times = []
    for _ in range(int(os.environ.get("RUNS", "3"))):
        start = time.perf_counter()
        output = call()
        times.append(time.perf_counter() - start)
    print(f"{what}: {min(times):.3f} s")
    return min(times), output

upstream, expected = least("kustomize, 90 calls", theirs)
for what, call in [("kustom, one call", ours()), ("kustom, one call, --cache-dir", ours("--cache-dir", "cache"))]:
    taken, output = least(what, call)
    print(f"  1/{upstream / taken:.0f} of the time")
    if output != expected:
        sys.exit("the outputs differ")
    if taken > upstream / 20:
        sys.exit("more than 1/20 of the time")
PY
