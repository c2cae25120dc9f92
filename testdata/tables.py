#!/usr/bin/env python3
"""Writes the inputs of the golden cases `tables/*`: one object for each row of each default table.

  testdata/tables.py && KUSTOMIZE=/path/to/kustomize testdata/record.py tables

The rows are those of docs/spec/data/transformer-config-defaults.json. Each has an object of its own, so that
the output changes if a row is lost; beside each row that asks for a group or version stands an object of the
same kind in another one, which must stay as it is.
"""

import json
import pathlib

TESTDATA = pathlib.Path(__file__).resolve().parent
CASES = TESTDATA / "cases" / "tables"
TABLES = json.loads((TESTDATA.parent / "docs/spec/data/transformer-config-defaults.json").read_text())

GROUPS = {
    "apps": ("DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"),
    "batch": ("CronJob", "Job"),
    "networking.k8s.io": ("Ingress",),
    "autoscaling": ("HorizontalPodAutoscaler",),
    "admissionregistration.k8s.io": ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"),
}
MAP_LEAVES = ("service", "subjects")


def api_version(row, other=False):
    """The apiVersion of an object that a row matches, or of one that it does not match."""
    kind = row.get("kind", "")
    group = row.get("group", next((g for g, kinds in GROUPS.items() if kind in kinds), ""))
    version = row.get("version", "v1")
    if other and "group" in row:
        group = "other.example.com"
    elif other:
        version = "v9"
    return f"{group}/{version}" if group else version


def nested(path, leaf):
    """Maps (and lists where the path asks for them) that lead to a value."""
    for part in reversed(path.replace("\\/", "\0").split("/")):
        is_list = part.endswith("[]")
        part = part.removesuffix("[]").replace("\0", "/")
        leaf = {part: [leaf] if is_list else leaf}
    return leaf


def document(api, kind, name, content):
    """One object; what `content` says of its metadata is kept."""
    metadata = {"name": name} | content.pop("metadata", {})
    return {"apiVersion": api, "kind": kind, "metadata": metadata} | content


def write(case, kustomization, objects, note):
    folder = CASES / case
    folder.mkdir(parents=True, exist_ok=True)
    # Every JSON text is YAML; one object a line keeps the difference of two versions short.
    (folder / "resources.yaml").write_text("\n---\n".join(json.dumps(o) for o in objects) + "\n")
    (folder / "kustomization.yaml").write_text(f"resources: [resources.yaml]\n{kustomization}")
    (folder / "case.toml").write_text(f'note = "{note}"\n')


def each_row(rows, leaf, created=None):
    """Objects for the rows of a table: the value at the path, or nothing there where it is created."""
    for number, row in enumerate(rows):
        kind = row.get("kind", "Foo")
        for other in (False, True) if row.keys() & {"group", "version"} else (False,):
            is_created = row.get("create") and created
            content = {} if is_created else nested(row["path"], leaf)
            yield document(api_version(row, other), kind, f"r{number}{'-other' if other else ''}", content)


write("common-labels", "commonLabels: {l: v}\n", each_row(TABLES["commonLabels"], {"a": "b"}, created=True),
      "every row of the table of commonLabels")
write("template-labels", "labels: [{pairs: {l: v}, includeTemplates: true}]\n",
      each_row(TABLES["templateLabels"], {"a": "b"}, created=True), "every row of the table of template labels")
write("volume-claim-template-labels", "labels: [{pairs: {l: v}, includeVolumeClaimTemplates: true}]\n",
      each_row([row | {"create": False} for row in TABLES["volumeClaimTemplateLabels"]], {"a": "b"}),
      "every row of the table of volume claim templates")
write("common-annotations", "commonAnnotations: {a: v}\n",
      each_row(TABLES["commonAnnotations"], {"a": "b"}, created=True), "every row of the table of annotations")
write("images", "images: [{name: i, newTag: new}]\n",
      each_row([row | {"kind": "Pod"} for row in TABLES["images"] if "create" in row], "i:old"),
      "every row of the table of images; containers are found without it, too")
write("namespace", "namespace: ns\n", each_row(TABLES["namespace"], "old"), "every row of the table of namespace")
write("replicas",
      "replicas: [" + ", ".join(f"{{name: r{i}, count: {i + 5}}}" for i in range(len(TABLES["replicas"]))) + "]\n",
      each_row(TABLES["replicas"], 1, created=True), "every row of the table of replicas")

variables = "vars: [{name: V, objref: {apiVersion: v1, kind: ConfigMap, name: source}, fieldref: {fieldpath: data.v}}]\n"
source = document("v1", "ConfigMap", "source", {"data": {"v": "value"}})
rows = TABLES["varReference"]
leaves = {"annotations": {"a": "$(V)"}, "labels": {"a": "$(V)"}, "args": ["$(V)"], "command": ["$(V)"], "hosts": ["$(V)"]}
write("vars", variables,
      [source] + [o for i, row in enumerate(rows) for o in
                  each_row([row | {"create": False}], leaves.get(row["path"].split("/")[-1], "$(V)"))
                  for o in [o | {"metadata": o["metadata"] | {"name": f"r{i}"}}]],
      "every row of the table of vars")

for entry in TABLES["nameReference"]:
    referral = "referral"
    objects = [document(api_version(entry), entry["kind"], referral, {})]
    for number, row in enumerate(entry["fieldSpecs"]):
        last = row["path"].split("/")[-1]
        leaf = {"name": referral, "kind": entry["kind"]} if last in MAP_LEAVES else referral
        if last == "resourceNames":
            leaf = [referral]
        content = nested(row["path"], leaf)
        if row["path"].startswith("roleRef"):
            content["roleRef"] |= {"kind": entry["kind"], "apiGroup": entry["group"]}
        objects.append(document(api_version(row), row.get("kind", "Foo"), f"r{number}", content))
    slug = "".join(f"-{c.lower()}" if c.isupper() else c for c in entry["kind"])
    write(f"references-to{slug}", "namePrefix: p-\n", objects,
          f"every row of the table of references to a {entry['kind']}")
