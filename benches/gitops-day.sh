#!/usr/bin/env bash
# Times each step of a GitOps day on testdata/infra-config and on a variant of it with 30 services. Whole processes,
# the fastest of several runs: wall time and total CPU time. Fails if a step takes 50 ms or more.
# Then times `build --watch`, from saving a base to its outputs; fails at a median of 20 ms or more.
#
#   benches/gitops-day.sh
#
# Needs cargo and python3. KUSTOM names the program (built here if unset, as releases are), RUNS the number of runs; with
# UPDATE_DOCS=1 it also updates the table in docs/benchmarks.md.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ -z "${KUSTOM:-}" ]; then
  cargo build --profile dist --quiet --package kustom-cli
  # A copy, as an installation makes one: what a linker has just written starts more slowly.
  cp target/dist/kustom "$work/kustom"
fi
export KUSTOM=${KUSTOM:-$work/kustom}

cp -r testdata/infra-config "$work/sample"
# helm takes its own time.
rm -r "$work/sample/platform/heartbeat"
cp -r "$work/sample" "$work/fleet"
for i in $(seq 30); do
  cp -r "$work/sample/apps/payments-api" "$work/fleet/apps/app-$i"
  grep -rlZ payments-api "$work/fleet/apps/app-$i" | xargs -0 sed -i "s/payments-api/app-$i/g"
done
rm -r "$work/fleet/apps/payments-api" "$work/fleet/apps/notifications"
# CI has been at work in dev.
sed -i 's/newTag: .*/newTag: v-next/' "$work"/*/apps/*/overlays/dev/kustomization.yaml

python3 benches/gitops_day.py "$work/sample" "$work/fleet"
python3 benches/watch.py "$work/fleet"
