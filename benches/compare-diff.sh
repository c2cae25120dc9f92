#!/usr/bin/env bash
# Times comparing a fleet of 90 overlays between two revisions, relative to rendering it twice. Whole processes,
# medians; fails at three times as long or more.
#
#   benches/compare-diff.sh [TREE]
#
# Needs cargo, git and python3. KUSTOM names the program (built here if unset), RUNS the number of runs.
set -euo pipefail
cd "$(dirname "$0")/.."

tree=${1:-fleet-30}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cargo build --release --quiet --workspace --example generate
target/release/examples/generate "$tree" "$work/fleet" >"$work/roots"
export KUSTOM=${KUSTOM:-$PWD/target/release/kustom} GIT_CONFIG_GLOBAL=/dev/null

cd "$work/fleet"
commit() {
  git add -A
  git -c user.name=bench -c user.email=bench@example.com commit -q -m "$1"
}
git init -q -b main
commit "one"
# One base: the overlays of one service change.
sed -i 's/LOG_LEVEL=info/LOG_LEVEL=debug/' apps/app-0/base/kustomization.yaml
commit "one base"
# Every overlay.
sed -i 's/newTag: v2/newTag: v3/' apps/*/overlays/*/kustomization.yaml
commit "all"

exec python3 - "$work/roots" <<'PYTHON'
import os, statistics, subprocess, sys, time

kustom = os.environ["KUSTOM"]
roots = open(sys.argv[1]).read().split()
runs = int(os.environ.get("RUNS", "11"))

def median(*args):
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        ran = subprocess.run([kustom, *args], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        times.append(time.perf_counter() - start)
        if ran.returncode not in (0, 1):
            sys.exit(f"kustom {args[0]} failed")
    return statistics.median(times)

once = median("build", *roots)
print(f"{len(roots)} roots rendered twice: {2000 * once:.1f} ms")
too_slow = False
for what, before, after in [("nothing", "HEAD", "HEAD"), ("one base", "HEAD~2", "HEAD~1"), ("every root", "HEAD~1", "HEAD")]:
    taken = median("diff", "apps", "--from", before, "--to", after)
    ratio = taken / (2 * once)
    too_slow |= ratio >= 3
    print(f"compared, {what} changed: {1000 * taken:.1f} ms, × {ratio:.2f}")
sys.exit(too_slow)
PYTHON
