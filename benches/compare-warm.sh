#!/usr/bin/env bash
# Compares with kustomize inside a process that has rendered before: medians and ratios, as Markdown. For programs
# that embed either one.
#
#   KUSTOMIZE_LIBRARY=libpykustomize.so benches/compare-warm.sh [TREE ...]
#
# The library is that of the Python package pykustomize (0.1.4 has the engine of kustomize 5.8.2):
# `pip download --no-deps pykustomize==0.1.4`, and unzip. Needs cargo and python3.
set -euo pipefail
cd "$(dirname "$0")/.."

: "${KUSTOMIZE_LIBRARY:?the path of libpykustomize.so}"
trees=("$@")
[ $# -gt 0 ] || trees=(small patched fleet-30)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cargo build --release --quiet --example generate --example repeat
for tree in "${trees[@]}"; do
  target/release/examples/generate "$tree" "$work/$tree" >"$work/$tree.roots"
done

python3 - "$work" "${trees[@]}" <<'PYTHON'
import ctypes, json, os, statistics, subprocess, sys, time

SECONDS = 3  # of each side, in turns
TURNS = 3

library = ctypes.CDLL(os.environ["KUSTOMIZE_LIBRARY"])
library.pykustomize_build.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.POINTER(ctypes.c_void_p)]
library.pykustomize_free.argtypes = [ctypes.c_void_p]
OPTIONS = json.dumps({"load_restrictions": 0, "reorder": "unspecified"}).encode()


def reference(roots):
    """Builds roots one after the other; returns the milliseconds that took and the texts."""
    texts = []
    start = time.perf_counter()
    for root in roots:
        result = ctypes.c_void_p()
        if library.pykustomize_build(root.encode(), OPTIONS, ctypes.byref(result)) != 0:
            sys.exit(f"the reference refuses {root}")
        texts.append(result)
    taken = 1000 * (time.perf_counter() - start)
    for text in texts:
        library.pykustomize_free(text)
    return taken


def kustom(times, roots):
    command = ["target/release/examples/repeat", str(times), *roots]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


print("| tree | kustom | kustomize | × kustomize |", "|---|--:|--:|--:|", sep="\n")
work, *trees = sys.argv[1:]
for tree in trees:
    with open(f"{work}/{tree}.roots") as file:
        roots = file.read().split()
    reference(roots)
    times = {"ours": [], "theirs": []}
    for _ in range(TURNS):
        start = time.perf_counter()
        while time.perf_counter() - start < SECONDS / TURNS:
            times["theirs"].append(reference(roots))
        once = kustom(3, roots)
        times["ours"].append(kustom(max(3, int(1000 * SECONDS / TURNS / once)), roots))
    ours, theirs = statistics.median(times["ours"]), statistics.median(times["theirs"])
    print(f"| {tree} | {ours:.3f} ms | {theirs:.1f} ms | {theirs / ours:.0f} |", flush=True)
PYTHON
