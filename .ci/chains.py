#!/usr/bin/env python3
"""Compares chains of steps over oddly styled scalars with the reference.

    KUSTOMIZE=/path/to/kustomize .ci/chains.py [--program PATH] [--chains N] [--seed N] [--keep DIR]

A chain is one object that is changed by 2 to 6 steps in up to 4 layers: strategic merges, JSON patches,
replacements, generator merges, replicas, images, labels, annotations and vars. Many objects share a
root, for starting the programs is most of the cost. Where the outputs differ, or only one program
fails, the object is cut out and tried alone; what still differs is printed, and kept if asked for.
"""
import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PER_ROOT = 60
SCALARS = """5|"5"|'5'|0x10|"0x10"|'0x1F'|no|"no"|yes|on|'off'|y|"n"|~|null|"null"|'~'|Null|"NULL"|""|''
1e3|"1e3"|1.5|"1.5"|-0|+7|.5|2001-01-01|"2001-01-01"|2001-01-01T00:00:00Z|012|"012"|0o7|'0o7'|1_000|"1_000"
0b11|"0b11"|true|"true"|True|'FALSE'|a|"a b"|x: y|"#c"|!!str 5|!!str "5"|!!int "5"|!!int 7|!!float 3
!!float "1e3"|!!bool "true"|!!bool true|!!str true|!!str "x"|!!null ""|!foo x|!foo "3"|! 5|! "6"|1:30|"1:30"
<<|"<<"|=|-|"- a"|1.0|"1.0"|100000000000000000000|.inf|".inf"|.nan|".nan"|123e|"a: b"|0777|0.0|-1|"-1"
!!binary aGk=|!!timestamp 2001-01-01|"!!str"|web:1|"web:1"|0x|"0x"|_1|1__0|"1__0"|0xG|'it''s'|"tab\\there"|12e03
""".replace("\n", "|").split("|")
SCALARS = [s for s in SCALARS if s and s not in ("<<", "x: y", "-", "=")]
BLOCKS = ["|\n{i}5\n", "|-\n{i}no\n", ">\n{i}0x10\n", ">-\n{i}a\n{i}b\n", "|\n{i}a\n{i}b\n", "!!str |-\n{i}3\n", "!!int |-\n{i}3\n"]
FIELDS = ["k", "x", "z"]
PATHS = {"ConfigMap": ["data"], "Thing": ["spec"], "Deployment": ["spec", "template"]}


class Chain:
    """One object and, for each layer, the entries of a kustomization that change it."""

    def __init__(self, rng, name, layers):
        self.name, self.rng = name, rng
        self.kind = rng.choice(["ConfigMap", "Thing", "Thing", "Deployment"])
        self.steps = [[] for _ in range(layers)]
        self.document = self.object()
        for _ in range(rng.randint(2, 6)):
            self.steps[rng.randrange(layers)].append(self.step())

    def scalar(self, indent=None):
        if indent is not None and self.rng.random() < 0.1:
            return self.rng.choice(BLOCKS).format(i=" " * indent).rstrip("\n")
        return self.rng.choice(SCALARS)

    def head(self):
        version = {"ConfigMap": "v1", "Thing": "example.com/v1", "Deployment": "apps/v1"}[self.kind]
        return f"apiVersion: {version}\nkind: {self.kind}\nmetadata:\n  name: {self.name}\n"

    def fields(self, indent, some=None):
        some = some or self.rng.sample(FIELDS, self.rng.randint(1, 3))
        return "".join(f"{' ' * indent}{f}: {self.scalar(indent + 2)}\n" for f in some)

    def metadata(self, chance):
        out = ""
        for key in ("labels", "annotations"):
            if self.rng.random() < chance:
                out += f"  {key}:\n" + self.fields(4, [self.rng.choice(FIELDS)])
        if self.rng.random() < chance / 2:
            out += f"  finalizers:\n  - {self.scalar()}\n  - {self.scalar()}\n"
        return out

    def body(self, partial):
        if self.kind == "ConfigMap":
            return "data:\n" + self.fields(2)
        if self.kind == "Thing":
            out = "spec:\n" + self.fields(2)
            if self.rng.random() < 0.4:
                out += "  m:\n" + self.fields(4)
            if self.rng.random() < 0.3:
                out += f"  l:\n  - {self.scalar()}\n  - {self.scalar()}\n"
            return out
        out = "spec:\n"
        if not partial or self.rng.random() < 0.6:
            out += f"  replicas: {self.scalar()}\n"
        out += "  template:\n    spec:\n      containers:\n      - name: c\n"
        if not partial or self.rng.random() < 0.5:
            out += f"        image: {self.scalar() if self.rng.random() < 0.5 else self.name + ':' + self.rng.choice('12a')}\n"
        if self.rng.random() < 0.7:
            out += f"        env:\n        - name: k\n          value: {self.scalar(12)}\n"
            if self.rng.random() < 0.4:
                name = self.rng.choice([s for s in SCALARS if s not in ('""', "''")])
                out += f"        - name: {name}\n          value: {self.scalar(12)}\n"
        if self.rng.random() < 0.3:
            out += f"        args: [{self.scalar()}, {self.scalar()}, $(V-{self.name})]\n"
        return out

    def object(self):
        return self.head() + self.metadata(0.5) + self.body(False)

    def path(self):
        """A place in the object, as keys."""
        options = [["metadata", "labels", "k"], ["metadata", "annotations", "x"]]
        if self.kind == "Deployment":
            containers = ["spec", "template", "spec", "containers", "0"]
            options += [["spec", "replicas"], containers + ["image"], containers + ["env", "0", "value"]]
        else:
            top = "data" if self.kind == "ConfigMap" else "spec"
            options += [[top, f] for f in FIELDS] * 2
            if self.kind == "Thing":
                options += [["spec", "m", "k"], ["spec", "l", "0"]]
        return self.rng.choice(options)

    def step(self):
        rng, target = self.rng, f"{{kind: {self.kind}, name: {self.name}}}"
        kinds = ["merge", "merge", "merge", "json", "json", "replacement", "replacement"]
        kinds += {"ConfigMap": ["generator"] * 3, "Deployment": ["replicas", "images", "var"]}.get(self.kind, [])
        kind = rng.choice(kinds)
        if kind == "merge":
            patch = self.head() + self.metadata(0.3) + self.body(True)
            target = f"  target: {target}\n" if rng.random() < 0.3 else ""
            return "patches", "- patch: |\n" + indented(patch, 4) + target
        if kind == "json":
            verb = rng.choice(["add", "add", "add", "add", "replace", "copy", "remove"])
            op = f"- op: {verb}\n  path: /{'/'.join(self.path())}\n"
            if verb == "copy":
                op += f"  from: /{'/'.join(self.path())}\n"
            elif verb != "remove":
                op += f"  value: {self.scalar(4)}\n"
            return "patches", "- patch: |\n" + indented(op, 4) + f"  target: {target}\n"
        if kind == "replacement":
            create = "    options: {create: true}\n" if rng.random() < 0.85 else ""
            source = f"- source: {{kind: {self.kind}, name: {self.name}, fieldPath: {'.'.join(self.path())}}}\n"
            return "replacements", source + f"  targets:\n  - select: {target}\n    fieldPaths: [{'.'.join(self.path())}]\n" + create
        if kind == "generator":
            literal = f"{rng.choice(FIELDS)}={rng.choice(['5', 'no', 'null', '~', '', 'a', '0x10', '2001-01-01', 'true'])}"
            behavior = rng.choice(["merge", "merge", "replace"])
            value = lambda: rng.choice(['"5"', '"no"', "a", '"a"', "'a b'", '"a\\nb"', '"5\\n"', '"0x10"', '""'])
            options = f"  options: {{annotations: {{x: {value()}}}, labels: {{k: {value()}}}}}\n" if rng.random() < 0.4 else ""
            return "configMapGenerator", f"- name: {self.name}\n  behavior: {behavior}\n  literals: [\"{literal}\"]\n{options}"
        if kind == "replicas":
            return "replicas", f"- {{name: {self.name}, count: {rng.randint(0, 9)}}}\n"
        if kind == "images":
            change = rng.choice(["newTag: \"5\"", "newTag: v2", "newName: other", "newName: \"5\"", "newName: no", "digest: sha256:ab"])
            return "images", f"- name: {self.name}\n  {change}\n"
        place = ".".join(rng.choice([["metadata", "name"], ["spec", "replicas"], ["metadata", "labels", "k"]]))
        return "vars", f"- name: V-{self.name}\n  objref: {{apiVersion: apps/v1, kind: Deployment, name: {self.name}}}\n  fieldref: {{fieldpath: {place}}}\n"


def indented(text, by):
    return "".join(" " * by + line + "\n" if line else "\n" for line in text.splitlines())


def write(root, chains, commons):
    """Writes the layers of these chains, and returns the folder of the outermost."""
    shutil.rmtree(root, ignore_errors=True)
    for layer in range(-1, len(commons)):
        folder = os.path.join(root, f"l{layer + 1}")
        os.makedirs(folder)
        with open(os.path.join(folder, "kustomization.yaml"), "w") as out:
            if layer < 0:
                out.write("resources: [objects.yaml]\n")
                with open(os.path.join(folder, "objects.yaml"), "w") as objects:
                    objects.write("---\n".join(c.document for c in chains))
                continue
            out.write(f"resources: [../l{layer}]\n" + commons[layer])
            entries = {}
            for chain in chains:
                for field, entry in chain.steps[layer]:
                    entries.setdefault(field, []).append(entry)
            for field, texts in entries.items():
                if field == "vars":
                    texts = list({t.split("\n")[0]: t for t in texts}.values())
                out.write(f"{field}:\n" + "".join(texts))
    return os.path.join(root, f"l{len(commons)}")


def common(rng):
    """What changes all objects of a layer."""
    out, value = "", lambda: rng.choice(['"5"', '"no"', "a", '"null"', '"0x10"', '"2001-01-01"', "'true'"])
    if rng.random() < 0.2:
        out += f"commonAnnotations: {{x: {value()}}}\n"
    if rng.random() < 0.2:
        out += f"labels:\n- pairs: {{k: {value()}}}\n  includeSelectors: {rng.choice(['true', 'false'])}\n"
    if rng.random() < 0.1:
        out += "namespace: \"5\"\n"
    if rng.random() < 0.1:
        out += "nameSuffix: \"-s\"\n"
    return out


def run(program, folder):
    done = subprocess.run([program, "build", folder], capture_output=True)
    return done.stdout if done.returncode == 0 else None


def compare(chains, commons, tools, work, rng):
    """Returns the chains that come out differently, and counts those that were compared."""
    folder = write(work, chains, commons)
    theirs, ours = (run(tool, folder) for tool in tools)
    if theirs == ours and (theirs is not None or len(chains) == 1):
        return [], len(chains)
    if len(chains) == 1:
        return chains, 1
    if ours is None:
        # Those that are refused would hide the others. Starting our program is cheap, so it says which;
        # the reference is asked about some of them.
        alone = [(chain, run(tools[1], write(work, [chain], commons))) for chain in chains]
        refused = [chain for chain, output in alone if output is None]
        good = [chain for chain, output in alone if output is not None]
        parts = [[chain] for chain in refused if rng.random() < 0.2]
        parts += [good] if refused else [good[: len(good) // 2], good[len(good) // 2 :]]
    else:
        parts = [chains[: len(chains) // 2], chains[len(chains) // 2 :]]
    bad, count = [], 0
    for part in filter(None, parts):
        differ, counted = compare(part, commons, tools, work, rng)
        bad, count = bad + differ, count + counted
    return bad, count


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--program", default=os.path.join(HERE, "..", "target", "release", "kustom"))
    p.add_argument("--chains", type=int, default=6000)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--keep", metavar="DIR", help="where the roots that differ are kept")
    p.add_argument("--stop", type=int, default=20, help="stop after so many differences")
    o = p.parse_args()
    tools = [os.environ["KUSTOMIZE"], o.program]
    compared, bad, seed = 0, 0, o.seed
    with tempfile.TemporaryDirectory() as work:
        while compared < o.chains and bad < o.stop:
            rng = random.Random(seed)
            commons = [common(rng) for _ in range(rng.randint(1, 4))]
            chains = [Chain(rng, f"o{i}", len(commons)) for i in range(PER_ROOT)]
            differ, count = compare(chains, commons, tools, work, rng)
            compared += count
            for chain in differ:
                bad += 1
                folder = os.path.join(o.keep or work, f"seed-{seed}-{chain.name}")
                last = write(folder, [chain], commons)
                print(f"differs: seed {seed}, {chain.name}", folder if o.keep else "", flush=True)
                for tool in tools:
                    print("   ", (run(tool, last) or b"(refused)").decode().replace("\n", "\n    ").rstrip())
            seed += 1
    print(f"{compared} chains compared, {bad} differ")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
