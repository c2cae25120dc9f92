#!/usr/bin/env python3
"""Lists the public items of the library as rustdoc shows them, and compares with the committed list.

  public_items.py DOC [--write]

DOC is the folder that `cargo doc` made, such as target/doc. The list is docs/public-items.txt: each item with its
declaration, and below it its own methods and the traits it implements. A change of the public
face shows up as a change of that file. Types of crates other than serde and serde_json are refused.
"""
import html
import pathlib
import re
import sys

doc = pathlib.Path(sys.argv[1])
listing = pathlib.Path(__file__).parent.parent / "docs" / "public-items.txt"
KINDS = ("struct", "enum", "trait", "fn", "type", "constant", "macro", "union", "static")
OURS = {"kustom", "core", "alloc", "std", "serde", "serde_core", "serde_json"}
ENDS = ("synthetic-implementations", "blanket-implementations", "foreign-impls", "implementors")


def text(fragment):
    """Returns the text of a piece of HTML, on one line."""
    fragment = re.sub(r"<br ?/?>", " ", fragment)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", "", fragment))).strip()


def foreign(fragment):
    """Returns the types of other crates that a signature names."""
    found = {t for kind, t in re.findall(r'title="(\w+) ([\w:]+)"', fragment)
             if kind in ("struct", "enum", "trait", "type", "union") and t.split("::")[0] not in OURS}
    unlinked = re.sub(r"<a [^>]*>.*?</a>", "", fragment)
    unlinked = re.sub(r'<span class="comment">.*?</span>', "", html.unescape(unlinked))
    unlinked = re.sub(r"<[^<>]*>", " ", unlinked)
    return found | {w for w in re.findall(r"\b(?:Eco|Fx|Index|Small|Arc[A-Z])\w+", unlinked)}


lines, refused = [], []
for page in sorted((doc / "kustom").rglob("*.html")):
    kind, _, name = page.stem.partition(".")
    if kind not in KINDS or "Redirection" in page.read_text()[:300]:
        continue
    source = page.read_text()
    for end in ENDS:
        source = source.split(f'id="{end}"')[0]
    path = "::".join([*page.relative_to(doc).parent.parts, name])
    declaration = re.search(r'<pre class="rust item-decl"><code>(.*?)</code></pre>', source, re.S)
    headers = re.findall(r'<h[34] class="code-header">(.*?)</h[34]>', source, re.S)
    for fragment in [declaration[1] if declaration else "", *headers]:
        refused += [f"{path}: {name}" for name in foreign(fragment)]
    lines.append(f"{kind} {path}: {text(declaration[1]) if declaration else ''}".rstrip(": "))
    of_trait = False
    for line in map(text, headers):
        if line.startswith("impl"):
            of_trait = " for " in line
        if "StructuralPartialEq" not in line and (line.startswith("impl") or not of_trait):
            lines.append(f"    {line}")
listed = "\n".join(lines) + "\n"
for item in sorted(set(refused)):
    print(f"a type of another crate is public: {item}")
if "--write" in sys.argv:
    listing.write_text(listed)
elif listing.read_text() != listed:
    sys.exit(f"{listing} is not up to date: look at what changed and run {' '.join(sys.argv)} --write")
sys.exit(bool(refused))
