#!/usr/bin/env bash
# Compares whole processes on the benchmark trees: medians, ratios, peak memory, as Markdown.
#
#   KUSTOMIZE=kustomize benches/compare.sh [TREE ...]
#   RENDERERS="other build {dir}|a second one {dir}" benches/compare.sh small flat-700
#
# Needs cargo and python3, and GNU time for the memory. KUSTOM names the program (built here if unset), RUNS
# the maximum number of runs; with UPDATE_DOCS=1 it also updates the table in docs/benchmarks.md.
set -euo pipefail
cd "$(dirname "$0")/.."

trees=("$@")
[ $# -gt 0 ] || trees=(small patched fleet-30 flat-70 flat-700 flat-2100 chain-20 patches-500 crds-54)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cargo build --release --quiet --workspace --example generate
for tree in "${trees[@]}"; do
  target/release/examples/generate "$tree" "$work/$tree" >"$work/$tree.roots"
done
# A copy, as an installation makes one: what a linker has just written starts more slowly.
[ -n "${KUSTOM:-}" ] || cp target/release/kustom "$work/kustom"
export KUSTOM=${KUSTOM:-$work/kustom}
python3 benches/compare.py "$work" "${trees[@]}"
