#!/usr/bin/env python3
"""Looks at the page of `kustom diff --format html` in a headless browser, and clicks through it.

  page.py PROGRAM

Searching, folding, what strangers wrote, contrast in light and dark, and the width of a phone. Without a browser on
the PATH (chromium, google-chrome) there is nothing to do.
"""
import html
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

PROGRAM = pathlib.Path(sys.argv[1]).resolve()
BROWSER = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)
MAP = """apiVersion: v1
kind: ConfigMap
metadata: {{name: {name}}}
data:
  long: "a line of many words that tells of one {value} and goes on for as long as it takes to be wrapped on a phone"
  json: '{{"a": {{"b": "{value}"}}}}'
  evil: {evil}
"""
EVIL = json.dumps("<img src=x onerror=\"document.title='evil'\"><script>document.title='evil'</script>")
# Runs in the page, and leaves what it found in the title.
LOOK = r"""
const found = {}, shown = () => [...document.querySelectorAll("main > section > details")]
  .filter((part) => part.offsetParent !== null);
const search = (text) => {
  document.getElementById("search").value = text;
  document.getElementById("search").dispatchEvent(new Event("input"));
  return shown().length;
};
found.evil = document.title === "evil" || document.querySelectorAll("img").length > 0;
found.all = shown().length;
document.getElementById("close").click();
found.closed = shown().filter((part) => part.open).length;
document.getElementById("open").click();
found.opened = shown().filter((part) => part.open).length;
found.one = search("configmap second");
found.none = search("nothing has this");
found.again = search("");
found.marks = [...document.querySelectorAll("mark")].map((mark) => mark.textContent);
const light = (color) => {
  const part = (value) => value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const [red, green, blue] = color.slice(0, 3).map((value) => part(value / 255));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
const numbers = (text) => text.match(/[\d.]+/g).map(Number);
const ground = (part) => {
  for (; part; part = part.parentElement) {
    const color = numbers(getComputedStyle(part).backgroundColor);
    if (color.length < 4 || color[3] > 0) return color;
  }
  return matchMedia("(prefers-color-scheme: dark)").matches ? [0, 0, 0] : [255, 255, 255];
};
found.contrast = 21;
for (const part of document.querySelectorAll("body *")) {
  const has = [...part.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  if (!has || part.closest("script, style")) continue;
  const [a, b] = [numbers(getComputedStyle(part).color), ground(part)].map(light);
  found.contrast = Math.min(found.contrast, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
}
found.dark = matchMedia("(prefers-color-scheme: dark)").matches;
found.wide = document.documentElement.scrollWidth > innerWidth;
document.title = JSON.stringify(found);
"""


def page(top):
    """Returns the page of a comparison, with the script that looks at it."""
    for side, value in [("before", "old"), ("after", "new")]:
        for name in ["first", "second"]:
            folder = top / side / name
            folder.mkdir(parents=True)
            (folder / "kustomization.yaml").write_text("resources: [map.yaml]\n")
            (folder / "map.yaml").write_text(MAP.format(name=name, value=f"{value}-{name}", evil=EVIL[:-1] + value + '"'))
    made = subprocess.run([PROGRAM, "diff", "before", "after", "--format", "html"], cwd=top, capture_output=True, text=True)
    assert made.returncode == 1, made.stderr
    assert not re.search(r'(src|href)="?(https?:)?//', made.stdout), "it loads something"
    policy = re.search(r'<meta http-equiv="Content-Security-Policy"[^>]*>', made.stdout)
    assert policy and "default-src 'none'" in policy[0], "it may load something"
    return made.stdout.replace("</body>", f"<script>{{{LOOK}}}</script></body>")


def look(top, width, dark):
    """Returns what the page tells of itself at some width."""
    flags = ["--headless=new", "--no-sandbox", "--disable-gpu", f"--window-size={width},900", "--virtual-time-budget=2000",
             f"--user-data-dir={top / 'profile'}"]
    flags += ["--blink-settings=preferredColorScheme=0"] if dark else ["--blink-settings=preferredColorScheme=1"]
    ran = subprocess.run([BROWSER, *flags, "--dump-dom", f"file://{top / 'page.html'}"], capture_output=True, text=True, timeout=120)
    title = re.search(r"<title>(.*?)</title>", ran.stdout, re.S)
    assert title, ran.stderr
    return json.loads(html.unescape(title[1]))


def main():
    if BROWSER is None:
        print("no browser here: skipped")
        return
    with tempfile.TemporaryDirectory() as folder:
        top = pathlib.Path(folder)
        (top / "page.html").write_text(page(top))
        for width, dark in [(1200, False), (1200, True), (600, False)]:
            found = look(top, width, dark)
            where = f"{width} wide, {'dark' if dark else 'light'}: {found}"
            counts = [found[name] for name in ["all", "closed", "opened", "one", "none", "again"]]
            assert counts == [2, 0, 2, 1, 0, 2], where
            assert not found["evil"] and not found["wide"] and found["dark"] == dark, where
            assert found["contrast"] >= 4.5, where
            assert any("old" in mark for mark in found["marks"]), where
            print(f"{width} wide, {'dark' if dark else 'light'}: contrast {found['contrast']:.2f}")


main()
