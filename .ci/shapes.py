#!/usr/bin/env python3
"""Counts the instructions of the program on growing trees, so that nothing comes to grow faster than its input.

  shapes.py PROGRAM [--only PATTERN]     measure
  shapes.py --write SHAPE N DIR          write one tree, to profile it

Each shape is written at N, 2N and 4N. From each count that of an empty kustomization is taken off. The
count at 4N may be at most GROWTH times that at 2N; of shapes where N things meet M things because the
input says so, the limit is a number of instructions for each pair instead. A command may take at most
`ratio` times the build of the same roots. Needs valgrind; the clock plays no part.
"""
import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

GROWTH = 2.15


def manifest(kind, name, rest="", api="v1", labels=""):
    labels = f"\n  labels: {{{labels}}}" if labels else ""
    return f"apiVersion: {api}\nkind: {kind}\nmetadata:\n  name: {name}{labels}\n{rest}"


def config_maps(n, name="cm-{}"):
    return "---\n".join(manifest("ConfigMap", name.format(i), "data: {a: b}\n") for i in range(n))


def deployment(name, image="app:1"):
    return manifest(
        "Deployment", name,
        f"spec:\n  template:\n    spec:\n      containers:\n      - name: main\n        image: {image}\n"
        "        env:\n        - {name: FIRST, value: x}\n", "apps/v1")


def deployments(n, image="app:{}"):
    return "---\n".join(deployment(f"app-{i}", image.format(i)) for i in range(n))


def inline(text, by=4):
    return "".join(" " * by + line + "\n" for line in text.splitlines())


def each(n, entry):
    return "".join(entry(i) for i in range(n))


def one(resources, fields):
    """A kustomization with one file of resources."""
    return {"all.yaml": resources, "kustomization.yaml": "resources: [all.yaml]\n" + fields}


def chain(n, fields):
    files = {"0/kustomization.yaml": "resources: [app.yaml]\n" + fields, "0/app.yaml": deployment("app")}
    for i in range(1, n):
        files[f"{i}/kustomization.yaml"] = f"resources: [../{i - 1}]\n{fields}"
    files["kustomization.yaml"] = f"resources: [./{n - 1}]\n"
    return files


def fleet(n, fields=""):
    files = {}
    for i in range(n):
        app = f"apps/a{i}"
        files[f"{app}/base/kustomization.yaml"] = "resources: [app.yaml, config.yaml]\n"
        files[f"{app}/base/app.yaml"] = deployment(f"app-{i}", f"app{i}:1")
        files[f"{app}/base/config.yaml"] = manifest("ConfigMap", f"config-{i}", "data: {a: b}\n")
        for stage in ("dev", "prod"):
            files[f"{app}/overlays/{stage}/kustomization.yaml"] = (
                f"resources: [../../base]\nnamespace: {stage}-{i}\n"
                f"images: [{{name: app{i}, newTag: '2'}}]\n{fields}")
    return files


def fleet_roots(n):
    return [f"apps/a{i}/overlays/{stage}" for i in range(n) for stage in ("dev", "prod")]


def sides(before, after):
    files = {}
    for side, text in (("before", before), ("after", after)):
        files[f"{side}/all.yaml"] = text
        files[f"{side}/kustomization.yaml"] = "resources: [all.yaml]\n"
    return files


def secret(n, value):
    return manifest("Secret", "keys", "stringData:\n" + each(n, lambda i: f"  key-{i:05}: {value}-{i:05}\n"))


def commits(n):
    """A fleet in two commits, of which the second changes one app."""
    yield fleet(n)
    yield {"apps/a0/base/config.yaml": manifest("ConfigMap", "config-0", "data: {a: c}\n")}


BUILD = ["build", "."]
REPLACE = """'[{"op": "replace", "path": "/data/a", "value": "c"}]'"""
SHAPES = {}


def shape(name, n, files, args=BUILD, pair=None, ratio=None, base=None, code=(0,)):
    SHAPES[name] = (n, files, args, pair, ratio, base, code)


def patch(text, target=""):
    return f"- patch: |-\n{inline(text)}{target}"


# Steps of many entries, on many objects.
shape("targets", 200, lambda n: one(config_maps(n), "patches:\n" + each(n, lambda i: (
    f"- target: {{kind: ConfigMap, name: cm-{i}}}\n  patch: {REPLACE}\n"))))
shape("dotted-targets", 150, lambda n: one(config_maps(n, "cm{}.example"), "patches:\n" + each(n, lambda i: (
    f"- target: {{kind: ConfigMap, name: cm{i}.example}}\n  patch: {REPLACE}\n"))))
shape("label-targets", 150, lambda n: one("---\n".join(
    manifest("ConfigMap", f"cm-{i}", "data: {a: b}\n", labels=f"n: v{i}") for i in range(n)),
    "patches:\n" + each(n, lambda i: (
        f"- target: {{labelSelector: n=v{i}}}\n  patch: {REPLACE}\n"))))
shape("patches-to-one-list", 150, lambda n: one(deployment("app"), "patches:\n" + each(n, lambda i: patch(
    deployment("app").replace("FIRST", f"E{i:05}").replace("        image: app:1\n", "")))), pair=60)
shape("patches-to-one-map", 150, lambda n: one(manifest("ConfigMap", "cm", "data: {first: x}\n"), "patches:\n"
    + each(n, lambda i: patch(manifest("ConfigMap", "cm", f"data: {{k{i:05}: x}}\n")))), pair=75)
shape("patches-on-all", 30, lambda n: one(config_maps(n), "patches:\n" + each(n, lambda i: patch(
    manifest("ConfigMap", "any", f"data: {{a: x{i:05}}}\n"), "  target: {kind: ConfigMap}\n"))), pair=9000)
shape("json-patch-of-many", 400, lambda n: one(manifest("ConfigMap", "cm", "data:\n" + each(n, lambda i: f"  k{i}: v\n")),
    "patches:\n- target: {kind: ConfigMap}\n  patch: |-\n" + each(n, lambda i: f"    - {{op: replace, path: /data/k{i}, value: w}}\n")))
shape("labels", 20, lambda n: one(config_maps(n), "labels:\n" + each(n, lambda i: f"- pairs: {{k{i}: v}}\n")), pair=8000)
shape("annotations", 40, lambda n: one(config_maps(n), "commonAnnotations:\n" + each(n, lambda i: f"  k{i}: v\n")), pair=4500)
shape("images", 200, lambda n: one(deployments(n, "app{}:1"), "images:\n" + each(n, lambda i: f"- {{name: app{i}, newTag: '2'}}\n")))
shape("replicas", 150, lambda n: one(deployments(n), "replicas:\n" + each(n, lambda i: f"- {{name: app-{i}, count: 2}}\n")))
shape("replacements-on-all", 60, lambda n: one(config_maps(n), "replacements:\n" + each(n, lambda i: (
    f"- source: {{kind: ConfigMap, name: cm-{i}, fieldPath: data.a}}\n  targets:\n"
    "  - {select: {kind: ConfigMap}, fieldPaths: [metadata.annotations.a], options: {create: true}}\n"))), pair=1250)
shape("components", 60, lambda n: {
    "app.yaml": deployment("app"),
    "kustomization.yaml": "resources: [app.yaml]\ncomponents:\n" + each(n, lambda i: f"- c{i}\n"),
    **{f"c{i}/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches:\n" + patch(
        deployment("app").replace("FIRST", f"E{i:05}").replace("        image: app:1\n", "")) for i in range(n)},
}, pair=110)
shape("generators", 150, lambda n: {"kustomization.yaml": "configMapGenerator:\n" + each(n, lambda i: f"- {{name: g{i}, literals: [a=b]}}\n")})
shape("generators-that-merge", 150, lambda n: {"kustomization.yaml": "configMapGenerator:\n- {name: g}\n" + each(n, lambda i: f"- {{name: g, behavior: merge, literals: [k{i:05}=b]}}\n")})
shape("chain", 30, lambda n: chain(n, ""))
shape("chain-of-labels", 20, lambda n: chain(n, "labels: [{pairs: {a: b}}]\n"))
shape("chain-of-prefixes", 20, lambda n: chain(n, "namePrefix: p-\n"), pair=800)

# Warnings and the other commands.
shape("warnings-in-one-file", 150, lambda n: one("---\n".join(
    manifest("Deployment", f"app-{i}", "spec:\n  replicaz: 1\n", "apps/v1") for i in range(n)), ""), ["build", "--warn", "."])
shape("warnings-of-a-fleet", 15, fleet, lambda n: ["build", "--warn", *fleet_roots(n)], ratio=1.4,
      base=lambda n: ["build", *fleet_roots(n)])
shape("warnings-of-many", 90, lambda n: one(deployments(n) + "---\n" + config_maps(n), ""), ["build", "--warn", "."],
      ratio=1.4)
shape("words-of-a-fleet", 15, lambda n: fleet(n, "commonLabels: {a: b}\n"), lambda n: ["build", *fleet_roots(n)])
shape("deps-of-a-fleet", 15, fleet, lambda n: ["deps", *fleet_roots(n)], ratio=1.25, base=lambda n: ["build", *fleet_roots(n)])
shape("images-of-a-fleet", 15, fleet, ["images", "."])
shape("explain-a-chain", 20, lambda n: chain(n, "labels: [{pairs: {a: b}}]\nreplicas: [{name: app, count: 2}]\n"),
      ["explain", ".", "deployment/app"], ratio=3.5)
shape("explain-a-large-object", 400, lambda n: one(manifest("ConfigMap", "cm", "data:\n" + each(n, lambda i: f"  k{i}: v\n")),
    "commonAnnotations: {a: b}\n"), ["explain", ".", "configmap/cm"])
shape("diff-of-all", 60, lambda n: sides(deployments(n, "app:1"), deployments(n, "app:2")), ["diff", "before", "after"],
      ratio=3.1, base=["build", "before", "after"], code=(1,))
shape("diff-of-annotations", 60, lambda n: {
    **sides(deployments(n), deployments(n)),
    **{f"{side}/kustomization.yaml": f"commonAnnotations: {{side: {side}}}\nresources: [all.yaml]\n" for side in ("before", "after")},
}, ["diff", "before", "after"], ratio=2.3, base=["build", "before", "after"], code=(1,))
shape("diff-of-secrets", 150, lambda n: sides(secret(n, "old-value"), secret(n, "new-value")), ["diff", "before", "after"], code=(1,))
shape("diff-of-revisions", 10, commits, ["diff", ".", "--from", "HEAD~1", "--to", "HEAD"], ratio=2.2,
      base=lambda n: ["build", *fleet_roots(n)], code=(1,))
shape("diff-of-one-revision", 10, commits, ["diff", ".", "--from", "HEAD", "--to", "HEAD"], ratio=0.2,
      base=lambda n: ["build", *fleet_roots(n)])
shape("affected", 10, commits, ["affected", "--since", "HEAD~1", "--top-level", "."], ratio=1.5,
      base=lambda n: ["build", *fleet_roots(n)])


# Many of what selects one thing each, and what meets one object.
def thing(i, rest="data: {a: b}\n"):
    return manifest("Thing", f"x{i}", rest, f"g{i}.example.com/v1")


def patched(objects, target):
    return lambda n: one("---\n".join(objects(i) for i in range(n)), "patches:\n" + each(n, lambda i: (
        f"- target: {{{target(i)}}}\n  patch: {REPLACE}\n")))


def in_namespace(i):
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: x, namespace: n{i}}}\ndata: {{a: b}}\n"


def annotated(i):
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: x{i}, annotations: {{n: v{i}}}}}\ndata: {{a: b}}\n"


def items(n):
    return thing(0, "spec:\n" + each(n, lambda i: f"- {{name: k{i}, value: v}}\n"))


shape("group-targets", 100, patched(thing, lambda i: f"group: g{i}.example.com"))
shape("namespace-targets", 100, patched(in_namespace, lambda i: f"namespace: n{i}"))
shape("crowded-name-targets", 100, patched(in_namespace, lambda i: f"name: x, namespace: n{i}"))
shape("annotation-targets", 100, patched(annotated, lambda i: f"annotationSelector: n=v{i}"))
shape("alternative-targets", 100, patched(annotated, lambda i: f"name: (x{i}|y{i})"))
shape("json-patches-to-one-object", 100, lambda n: one(items(n), "patches:\n" + each(n, lambda i: (
    "- target: {kind: Thing}\n  patch: '[{\"op\": \"replace\", \"path\": "
    f"\"/spec/{i}/value\", \"value\": \"w\"}}]'\n"))), pair=400)
shape("replacements-by-label", 100, lambda n: one("---\n".join(
    manifest("ConfigMap", f"cm-{i}", "data: {a: b}\n", labels=f"n: v{i}") for i in range(n)),
    "replacements:\n" + each(n, lambda i: (
        f"- sourceValue: x\n  targets:\n  - select: {{labelSelector: n=v{i}}}\n"
        "    fieldPaths: [metadata.annotations.a]\n    options: {create: true}\n"))))
shape("pieces-of-a-text", 100, lambda n: one(manifest("ConfigMap", "cm", f"data: {{a: '{'-'.join('x' * n)}'}}\n"),
    "replacements:\n" + each(n, lambda i: (
        "- sourceValue: z\n  targets:\n  - select: {kind: ConfigMap}\n    fieldPaths: [data.a]\n"
        f"    options: {{delimiter: '-', index: {i}}}\n"))), pair=100)
shape("configurations", 100, lambda n: {
    **one(config_maps(1), "namePrefix: p-\nconfigurations:\n" + each(n, lambda i: f"- c{i}.yaml\n")),
    **{f"c{i}.yaml": f"namePrefix: [{{kind: K{i}, path: spec/name}}]\n" for i in range(n)}}, pair=100)
shape("validators", 50, lambda n: {
    **one(config_maps(n), "validators: [all-validators.yaml]\n"),
    "all-validators.yaml": "---\n".join(manifest(
        "LabelTransformer", f"v{i}", "labels: {}\nfieldSpecs: [{path: spec/labels}]\n", "builtin") for i in range(n))}, pair=900)
shape("vars-of-components", 60, lambda n: {
    **one("---\n".join(manifest("Service", f"s{i}") for i in range(n)), "components:\n" + each(n, lambda i: f"- c{i}\n")),
    **{f"c{i}/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nvars:\n"
       f"- {{name: V{i}, objref: {{apiVersion: v1, kind: Service, name: s{i}}}}}\n" for i in range(n)}})
shape("references-that-do-not-end", 4000, lambda n: one(
    manifest("Service", "s") + "---\n" + deployment("app") + "        command: ['" + "$(" * n + "']\n",
    "vars:\n- {name: V, objref: {apiVersion: v1, kind: Service, name: s}}\n"))
shape("roots-that-use-each-other", 20, lambda n: chain(n, ""), lambda n: ["build", *(f"{i}" for i in reversed(range(n)))], pair=6000)
shape("affected-by-a-chain", 20, lambda n: {**chain(n, ""), "changed": "0/app.yaml\n"}, ["affected", "--changed", "changed", "."], pair=22000)
def of_an_app(files):
    return {f"app/overlays/dev/{name}": text for name, text in files.items()}


shape("images-of-one-object", 60, lambda n: of_an_app(one(
    deployment("app") + each(n, lambda i: f"      - {{name: c{i}, image: 'app{i}:1'}}\n"),
    "images:\n" + each(n, lambda i: f"- {{name: app{i}, newTag: '2'}}\n"))), ["images", "."], pair=2200)
shape("images-of-many-objects", 60, lambda n: of_an_app(one(
    deployments(n, "app{}:1"), "images:\n" + each(n, lambda i: f"- {{name: app{i}, newTag: '2'}}\n"))), ["images", "."])
shape("warnings-of-operations", 200, lambda n: one(manifest("ConfigMap", "cm", "data:\n" + each(n, lambda i: f"  k{i}: v\n")),
    "patches:\n- target: {kind: ConfigMap}\n  patch: |-\n" + each(n, lambda i: f"    - {{op: replace, path: /data/k{i}, value: w}}\n")),
    ["build", "--warn", "."], pair=45)
shape("diff-of-moved-keys", 400, lambda n: sides(
    *(manifest("ConfigMap", "cm", "data:\n" + each(n, lambda i: f"  k{(i * step) % n}: v{side}\n")) for side, step in ((1, 1), (2, 7)))),
    ["diff", "before", "after"], code=(1,))

# Edits of many entries.
shape("edit-remove-resources", 200, lambda n: {"kustomization.yaml": "resources:\n" + each(n, lambda i: f"- r{i}.yaml\n")},
      lambda n: ["edit", "remove", "resource", *(f"r{i}.yaml" for i in range(n))])
shape("edit-remove-configmaps", 200, lambda n: {"kustomization.yaml": "configMapGenerator:\n" + each(n, lambda i: f"- {{name: g{i}, literals: [a=b]}}\n")},
      lambda n: ["edit", "remove", "configmap", ",".join(f"g{i}" for i in range(n))])
shape("edit-set-replicas", 200, lambda n: {"kustomization.yaml": "replicas:\n" + each(n, lambda i: f"- {{name: app{i}, count: 1}}\n")},
      lambda n: ["edit", "set", "replicas", *(f"app{i}=2" for i in range(n))])
shape("edit-set-labels", 200, lambda n: {"kustomization.yaml": "resources: []\n"},
      lambda n: ["edit", "set", "label", *(f"k{i}:v" for i in range(n))])
shape("edit-set-images", 200, lambda n: {"kustomization.yaml": "images:\n" + each(n, lambda i: f"- {{name: app{i}, newTag: '1'}}\n")},
      lambda n: ["edit", "set", "image", *(f"app{i}=app{i}:2" for i in range(n))])


def write(root, files):
    steps = files if not isinstance(files, dict) else [files]
    git = ["git", "-C", str(root), "-c", "user.name=t", "-c", "user.email=t@example.com"]
    for step in steps:
        for name, text in step.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        if not isinstance(files, dict):
            subprocess.run([*git, "init", "-q"], check=True)
            subprocess.run([*git, "add", "-A"], check=True)
            subprocess.run([*git, "commit", "-qm", "step", "--date", "2020-01-01T00:00:00Z"], check=True)


def count(program, root, args, codes=(0,)):
    with tempfile.NamedTemporaryFile("r") as log:
        tool = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null",
                f"--log-file={log.name}"]
        done = subprocess.run([*tool, program, *args], cwd=root, stdin=subprocess.DEVNULL, capture_output=True)
        if done.returncode not in codes:
            raise SystemExit(f"{args[:3]}: exit code {done.returncode}: {done.stderr.decode()[:400]}")
        return int(re.findall(r"I\s+refs:\s+([\d,]+)", log.read())[-1].replace(",", ""))


def measure(program, name, folder, start):
    """Measures a shape; returns what is wrong with it."""
    n, files, args, pair, ratio, base, code = SHAPES[name]
    of = lambda what, size: what(size) if callable(what) else what
    counts = []
    for size in (n, 2 * n, 4 * n):
        # Warnings look at what lies some levels above a root, too, which is to be the same everywhere.
        root = folder / ("a/b/c" if name.startswith("warnings") else "") / f"{name}-{size}"
        root.mkdir(parents=True)
        write(root, files(size))
        counts.append(count(program, root, of(args, size), code) - start)
    line, wrong = f"{name:24} {counts[0]:>13,} {counts[1]:>13,} {counts[2]:>13,}", []
    grown = counts[2] / max(counts[1], 1)
    if pair is None:
        line += f"  x {grown:.2f} of {GROWTH}"
        wrong += [f"grows by {grown:.2f}"] if grown > GROWTH and counts[2] > start else []
    else:
        # From count = a n + b n n.
        each = (counts[2] - 2 * counts[1]) / (8 * n * n)
        line += f"  {each:.0f} of {pair} a pair"
        wrong += [f"{each:.0f} a pair"] if each > pair else []
    if ratio is not None:
        times = counts[2] / (count(program, root, of(base or BUILD, 4 * n)) - start)
        line += f"  {times:.2f} of {ratio} x build"
        wrong += [f"{times:.2f} x build"] if times > ratio else []
    print(line, "  WRONG" if wrong else "", flush=True)
    return [f"{name}: {', '.join(wrong)}"] if wrong else []


def main():
    if sys.argv[1:2] == ["--write"]:
        name, size, root = sys.argv[2:]
        return write(pathlib.Path(root), SHAPES[name][1](int(size)))
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    program = str(pathlib.Path(options.program).resolve())
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        empty = folder / "empty"
        write(empty, {"kustomization.yaml": "namePrefix: a-\n"})
        start = count(program, empty, BUILD)
        wrong = [w for name in SHAPES if re.search(options.only, name) for w in measure(program, name, folder, start)]
    if wrong:
        raise SystemExit("grows faster than the input, or costs too much: " + "; ".join(wrong))


if __name__ == "__main__":
    main()
